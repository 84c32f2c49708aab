/** What a parser reads from a tool's output, by metric, and how it becomes the measurements of a point. */
import type { Loop, Measurement, MeasurementSource, TestPoint } from '../../api/protocol.ts';
import { metricsFor } from '../catalogue.ts';
import { absent } from './outcome.ts';

/** A value in the metric's SI base unit with the field it was read from, or why there is none. */
export type Reading =
  { value: number; field: string; end: MeasurementSource['end'] } | { reason: string; message: string };

/** By metric name; a metric that is not here is one the tool does not report. */
export type Readings = Record<string, Reading>;

export interface Origin {
  tool: string;
  loop: Loop;
}

/**
 * One measurement for each metric that the point has, in catalogue order. A value that is negative or no number is absent:
 * tools print such values for what they did not measure.
 */
export function measurementsOf(point: TestPoint, origin: Origin, readings: Readings): Measurement[] {
  return metricsFor(point).map((info) => {
    const reading = Object.hasOwn(readings, info.metric) ? readings[info.metric] : undefined;
    if (reading === undefined) return absent(info, 'NotReported', `${origin.tool} does not report it`);
    if ('reason' in reading) return absent(info, reading.reason, reading.message);
    const { value, field, end } = reading;
    if (!Number.isFinite(value) || value < 0) {
      return absent(info, 'Implausible', `${origin.tool} gives a value that is negative or no number in ${field}`);
    }
    if (info.metric === 'lossRatio' && value > 1) {
      return absent(info, 'Implausible', `${origin.tool} gives more lost than there were in ${field}`);
    }
    const { metric, unit } = info;
    const source = { tool: origin.tool, field, end };
    return { metric, unit, value, reason: null, source, loop: origin.loop };
  });
}

/** The observations that each percentile must rest on: 10 / (1 - q), so that ten lie beyond it. */
export const OBSERVATIONS_NEEDED: Readonly<Record<string, number>> = {
  rttP50: 20,
  rttP90: 100,
  rttP99: 1_000,
  rttP999: 10_000,
};

/** Why a percentile does not stand on so few observations; null where it does, and for what is no percentile. */
export function tooFew(metric: string, observations: number): Reading | null {
  const needed = OBSERVATIONS_NEEDED[metric] ?? 0;
  if (observations >= needed) return null;
  return { reason: 'TooFewSamples', message: `${observations} observations, at least ${needed} are needed` };
}
