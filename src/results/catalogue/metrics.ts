/** Metrics that several kinds of test have. */
import type { MetricInfo } from './types.ts';

/** Full round trips. qperf tells their mean only, netperf no percentile above the 99th and that in whole microseconds. */
export const ROUND_TRIPS: MetricInfo[] = [
  time('rttP50', true, ['sockperf', 'netperf']),
  time('rttP90', false, ['sockperf', 'netperf']),
  time('rttP99', true, ['sockperf', 'netperf']),
  time('rttP999', false, ['sockperf']),
  time('rttMean', false, ['sockperf']),
  time('rttMean', true, ['netperf', 'qperf']),
];

/** Round trips done per second. */
export const TRANSACTION_RATE = rate('transactionRate', false);

/** Share of what was sent that did not arrive. */
export const LOSS_RATIO: MetricInfo = {
  metric: 'lossRatio',
  unit: '1',
  better: 'Lower',
  primary: false,
  combine: 'Slowest',
  protocol: 'UDP',
};

/**
 * CPU in use at each end from its own /proc/stat, over the time between the counters around the point: cores (s/s).
 * In a guest those are its virtual CPUs, in a pod those of the whole node.
 */
export const CPU_SEEN: MetricInfo[] = [cpu('cpuSeenByClient', '1', true), cpu('cpuSeenByServer', '1', true)];

/** The same CPU time over what the data NIC of that end counted, both ways, in the same time. */
export const CPU_SEEN_PER_WORK: MetricInfo[] = [
  cpu('cpuSeenByClientPerByte', 's/B', true),
  cpu('cpuSeenByServerPerByte', 's/B', true),
  cpu('cpuSeenByClientPerPacket', 's', false),
  cpu('cpuSeenByServerPerPacket', 's', false),
];

/** A rate of payload, bit/s. */
export function throughput(metric: string, primary: boolean): MetricInfo {
  return { metric, unit: 'bit/s', better: 'Higher', primary, combine: 'Sum' };
}

/** A rate of things, 1/s. */
export function rate(metric: string, primary: boolean): MetricInfo {
  return { metric, unit: '1/s', better: 'Higher', primary, combine: 'Sum' };
}

function time(metric: string, primary: boolean, tools: NonNullable<MetricInfo['tools']>): MetricInfo {
  return { metric, unit: 's', better: 'Lower', primary, combine: 'Slowest', tools };
}

function cpu(metric: string, unit: MetricInfo['unit'], primary: boolean): MetricInfo {
  return { metric, unit, better: 'Lower', primary, combine: 'Slowest', derived: true };
}
