/** The median and its distribution-free interval from order statistics. */
import { fairCoinsAtMost } from './binomial.ts';

export interface Interval {
  low: number;
  high: number;
}

/** Low and high are absent where n is too small for an interval of the confidence asked; never wider than honest. */
export interface MedianInterval extends Partial<Interval> {
  n: number;
  /** Null where there is no value at all. */
  median: number | null;
}

/** Middle value, or the mean of the two middle ones; null of nothing. */
export function median(values: readonly number[]): number | null {
  return medianOfSorted(values.toSorted((a, b) => a - b));
}

/** As `median`, of values that are in ascending order already. */
export function medianOfSorted(sorted: readonly number[]): number | null {
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
}

/**
 * Median with the narrowest symmetric order-statistic interval [x(k), x(n+1-k)] that covers the population's median with
 * at least `confidence` (0..1), whatever the distribution: coverage 1 - 2 P(B <= k-1), B ~ Binomial(n, 1/2).
 * No interval for 0.95 below n = 6. Values that are not finite are left out.
 * Source: W. J. Conover, Practical Nonparametric Statistics, 3rd ed. (1999), section 3.2; also Le Boudec, Performance
 * Evaluation of Computer and Communication Systems (2010), theorem 2.1 and its table for the median.
 */
export function medianInterval(values: readonly number[], confidence: number): MedianInterval {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b);
  const n = sorted.length;
  const rank = medianRank(n, confidence);
  const low = sorted[rank - 1];
  const high = sorted[n - rank];
  const result = { n, median: medianOfSorted(sorted) };
  return rank === 0 || low === undefined || high === undefined ? result : { ...result, low, high };
}

/** The largest k whose interval [x(k), x(n+1-k)] still has the confidence; 0 where none has. */
export function medianRank(n: number, confidence: number): number {
  let rank = 0;
  while (2 * (rank + 1) <= n && 1 - 2 * fairCoinsAtMost(rank, n) >= confidence) rank += 1;
  return rank;
}
