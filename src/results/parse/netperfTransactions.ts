/** Rates and latencies of netperf's request/response and connect/request/response tests. */
import { netperfNumber } from './netperfFields.ts';
import type { NetperfFields } from './netperfFields.ts';
import { tooFew } from './readings.ts';
import type { Reading, Readings } from './readings.ts';

const MICROS_PER_SECOND = 1e6;
/** Two figures of one run that say the same may differ by their rounding. */
const AGREEMENT = 0.01;
/** How much longer than the mean of its transactions a run's time per transaction may be: the rest of the time stood still. */
const STALL = 0.05;

const PERCENTILES = { rttP50: 'P50_LATENCY', rttP90: 'P90_LATENCY', rttP99: 'P99_LATENCY' } as const;

/** Readings by metric. Rates and mean are from the run's own count, percentiles from the histogram (`-j`). */
export function transactionReadings(fields: NetperfFields): Readings {
  const count = netperfNumber(fields, 'LOCAL_RECV_CALLS') ?? estimatedCount(fields);
  const latencies = Object.entries(PERCENTILES).map(([metric, key]): [string, Reading] => [
    metric,
    tooFew(metric, count) ?? field(fields, key, MICROS_PER_SECOND, 'whole microseconds'),
  ]);
  const missing: Reading = { reason: 'NotReported', message: 'netperf has no percentile above the 99th' };
  return {
    ...Object.fromEntries(latencies),
    rttP999: missing,
    rttMean: field(fields, 'MEAN_LATENCY', MICROS_PER_SECOND),
    transactionRate: field(fields, 'TRANSACTION_RATE', 1),
  };
}

/** Why the figures cannot all be of one undisturbed run, in words, or null. */
export function transactionDoubt(fields: NetperfFields): string | null {
  const of = (key: string): number | null => netperfNumber(fields, key);
  const rate = of('TRANSACTION_RATE');
  const throughput = of('THROUGHPUT');
  const perTransaction = of('RT_LATENCY');
  if (rate === null || rate <= 0) return 'netperf counted no transactions';
  if (throughput !== null && !agree(rate, throughput)) return `netperf gives ${rate} and ${throughput} transactions/s`;
  if (perTransaction !== null && !agree(perTransaction * rate, 1e6)) {
    return `netperf gives ${rate} transactions/s and ${perTransaction} us for each`;
  }
  const mean = of('MEAN_LATENCY');
  if (mean !== null && mean > 0 && 1e6 / rate > mean * (1 + STALL)) {
    return `${rate} transactions/s of ${mean} us do not fill the time: a lost message stopped the run`;
  }
  return disorder(['MIN_LATENCY', ...Object.values(PERCENTILES), 'MAX_LATENCY'].map(of));
}

function disorder(values: (number | null)[]): string | null {
  const known = values.filter((value) => value !== null);
  const ordered = known.every((value, index) => index === 0 || value >= (known[index - 1] ?? 0));
  return ordered ? null : 'netperf gives latencies that fall from minimum to maximum';
}

function agree(a: number, b: number): boolean {
  return Math.abs(a - b) <= AGREEMENT * Math.max(a, b);
}

function estimatedCount(fields: NetperfFields): number {
  return Math.floor((netperfNumber(fields, 'TRANSACTION_RATE') ?? 0) * (netperfNumber(fields, 'ELAPSED_TIME') ?? 0));
}

/** Zero is no latency and no rate: the histogram was not kept, or the value lies below its resolution. */
function field(fields: NetperfFields, key: string, perUnit: number, remark?: string): Reading {
  const value = netperfNumber(fields, key);
  if (value === null || value === 0) {
    return { reason: 'NotMeasured', message: `netperf reports ${key}=${fields.get(key)?.slice(0, 32) ?? 'nothing'}` };
  }
  return { value: value / perUnit, field: remark === undefined ? key : `${key} (${remark})`, end: 'Client' };
}
