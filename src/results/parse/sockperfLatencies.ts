/** Round trips in seconds from a sockperf report, the same for its closed and its open loop. */
import { tooFew } from './readings.ts';
import type { Reading, Readings } from './readings.ts';
import type { SockperfReport } from './sockperfReport.ts';

const PRINTED = { rttP50: '50.000', rttP90: '90.000', rttP99: '99.000', rttP999: '99.900' } as const;
const MICROS_PER_SECOND = 1e6;

/**
 * The mean and the percentiles. Lost, doubled or reordered messages void them all: the lost ones are the slow ones, and
 * sockperf leaves them out of its distribution without a word.
 */
export function latencyReadings(report: SockperfReport): Readings {
  const { dropped, duplicated, outOfOrder } = report.disturbed;
  const counts = `${dropped} lost, ${duplicated} duplicated, ${outOfOrder} out of order of ${report.sent} messages`;
  const disturbed: Reading | null =
    dropped + duplicated + outOfOrder === 0
      ? null
      : { reason: 'MessagesLost', message: `${counts}: what is left is not the distribution` };
  const percentiles = Object.entries(PRINTED).map(([metric, printed]): [string, Reading] => [
    metric,
    disturbed ?? tooFew(metric, report.observations) ?? percentile(report, printed),
  ]);
  const field = report.toRoundTrip === 1 ? 'avg-rtt' : '2 * avg-latency';
  const mean: Reading = { value: (report.mean * report.toRoundTrip) / MICROS_PER_SECOND, field, end: 'Client' };
  return { ...Object.fromEntries(percentiles), rttMean: disturbed ?? mean };
}

function percentile(report: SockperfReport, printed: string): Reading {
  const value = report.percentiles.get(printed);
  if (value === undefined) return { reason: 'NotReported', message: `sockperf does not print percentile ${printed}` };
  const field = `${report.toRoundTrip === 1 ? '' : '2 * '}percentile ${printed}`;
  return { value: (value * report.toRoundTrip) / MICROS_PER_SECOND, field, end: 'Client' };
}

/** Share of the awaited replies that never came: not of the messages sent, of which only some are answered. */
export function lossReading({ received, disturbed }: SockperfReport): Reading {
  const awaited = received - disturbed.duplicated + disturbed.dropped;
  const value = awaited > 0 ? disturbed.dropped / awaited : Number.NaN;
  return { value, field: 'dropped messages', end: 'Client' };
}
