/** The Hodges-Lehmann estimate of a centre with the interval that belongs to Wilcoxon's signed-rank test. */
import type { MedianInterval } from './median.ts';
import { signedRankCritical, signedRankP } from './signedRank.ts';
import { walshAverages } from './walsh.ts';

export interface Pair {
  value: number;
  baseline: number;
}

/** A ratio with its interval, and the p of its being 1: null where there is no ratio. */
export interface PairedRatio extends MedianInterval {
  p: number | null;
}

/**
 * Median of the Walsh averages (x(i) + x(j)) / 2, i <= j, with the exact interval [W(c), W(M+1-c)] over the M sorted
 * averages, c from the signed-rank distribution. For differences that are symmetric around their centre; ties make it
 * conservative. None for 0.95 below n = 6.
 * Source: Hodges and Lehmann, Annals of Mathematical Statistics 34 (1963) 598-611; Hollander, Wolfe and Chicken (2014),
 * sections 3.2 and 3.3 (Tukey's interval). Equals R's wilcox.test(x, conf.int = TRUE, exact = TRUE).
 */
export function hodgesLehmann(values: readonly number[], confidence: number): MedianInterval {
  const { count, kth } = walshAverages(values);
  const [lower, upper] = [kth(Math.floor((count + 1) / 2)), kth(Math.floor(count / 2) + 1)];
  const critical = signedRankCritical(values.length, confidence);
  const [low, high] = [kth(critical), kth(count + 1 - critical)];
  const median = lower === undefined || upper === undefined ? null : (lower + upper) / 2;
  const result = { n: values.length, median };
  return critical === 0 || low === undefined || high === undefined ? result : { ...result, low, high };
}

/**
 * How many times the baseline a value is, over pairs of one block each: Hodges-Lehmann on the logarithms of the ratios,
 * with the p of Wilcoxon's signed-rank test that the ratio is 1. Pairing takes out what a whole block has in common;
 * logarithms make "twice" and "half" equally far from 1. Where any value is not above zero a ratio has no meaning: median
 * null, no interval, no p.
 */
export function pairedRatio(pairs: readonly Pair[], confidence: number): PairedRatio {
  return ratioOfLogs(
    pairs.map(({ value, baseline }) => (value > 0 && baseline > 0 ? Math.log(value / baseline) : Number.NaN)),
    confidence,
  );
}

/** As `pairedRatio`, of logarithms of ratios. */
export function ratioOfLogs(logs: readonly number[], confidence: number): PairedRatio {
  if (logs.length === 0 || !logs.every(Number.isFinite)) return { n: logs.length, median: null, p: null };
  const { n, median, low, high } = hodgesLehmann(logs, confidence);
  const result = { n, median: median === null ? null : Math.exp(median), p: signedRankP(logs) };
  return low === undefined || high === undefined ? result : { ...result, low: Math.exp(low), high: Math.exp(high) };
}
