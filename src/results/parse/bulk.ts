/** The stream beside the round trips of LatencyUnderBulk. */
import type { Measurement, TestPoint } from '../../api/protocol.ts';
import { metricsFor } from '../catalogue.ts';
import { absent } from './outcome.ts';
import type { ParseOutcome } from './outcome.ts';

/** What the stream of LatencyUnderBulk adds to its point's measurements; null: it gave no measurement. */
export function bulkMeasurements(point: TestPoint, outcome: ParseOutcome | null): Measurement[] {
  const throughput = outcome?.ok === true ? outcome.measurements.find(({ metric }) => metric === 'throughput') : null;
  return metricsFor(point)
    .filter(({ metric }) => metric === 'bulkThroughput')
    .map(({ metric, unit }) =>
      throughput ? { ...throughput, metric } : absent({ metric, unit }, 'NotReported', 'the stream gave no figures'),
    );
}
