/** The Hodges-Lehmann estimate of a centre with the interval that belongs to Wilcoxon's signed-rank test. */
import { medianOfSorted } from './median.ts';
import type { MedianInterval } from './median.ts';
import { signedRankCritical } from './signedRank.ts';

export interface Pair {
  value: number;
  baseline: number;
}

/**
 * Median of the Walsh averages (x(i) + x(j)) / 2, i <= j, with the exact interval [W(c), W(M+1-c)] over the M sorted
 * averages, c from the signed-rank distribution. For differences that are symmetric around their centre; ties make it
 * conservative. None for 0.95 below n = 6.
 * Source: Hodges and Lehmann, Annals of Mathematical Statistics 34 (1963) 598-611; Hollander, Wolfe and Chicken (2014),
 * sections 3.2 and 3.3 (Tukey's interval). Equals R's wilcox.test(x, conf.int = TRUE, exact = TRUE).
 */
export function hodgesLehmann(values: readonly number[], confidence: number): MedianInterval {
  const averages = walshAverages(values);
  const critical = signedRankCritical(values.length, confidence);
  const low = averages[critical - 1];
  const high = averages[averages.length - critical];
  const result = { n: values.length, median: medianOfSorted(averages) };
  return critical === 0 || low === undefined || high === undefined ? result : { ...result, low, high };
}

/**
 * How many times the baseline a value is, over pairs of one block each: Hodges-Lehmann on the logarithms of the ratios.
 * Pairing takes out what a whole block has in common; logarithms make "twice" and "half" equally far from 1. Where any
 * value is not above zero a ratio has no meaning: median null, no interval.
 */
export function pairedRatio(pairs: readonly Pair[], confidence: number): MedianInterval {
  const logs = pairs.map(({ value, baseline }) => Math.log(value) - Math.log(baseline));
  if (!logs.every(Number.isFinite)) return { n: pairs.length, median: null };
  const { n, median, low, high } = hodgesLehmann(logs, confidence);
  const result = { n, median: median === null ? null : Math.exp(median) };
  return low === undefined || high === undefined ? result : { ...result, low: Math.exp(low), high: Math.exp(high) };
}

function walshAverages(values: readonly number[]): number[] {
  return values.flatMap((x, i) => values.slice(i).map((y) => (x + y) / 2)).toSorted((a, b) => a - b);
}
