/** Two samples that are not paired: how far one is shifted against the other, with the interval of the rank-sum test. */
import { type MedianInterval, medianOfSorted } from './median.ts';
import { normalUpperQuantile } from './normal.ts';

/** Up to so many values a side the distribution is exact; beyond, the normal approximation with its continuity correction. */
const MOST_EXACT = 50;

/**
 * Numbers of arrangements by U = 0 .. mn of the Mann-Whitney statistic, both samples alike and without ties: the
 * coefficients of the Gaussian binomial, by its product formula. The lower half is exact where it is below 2^53.
 * Source: Mann and Whitney, Annals of Mathematical Statistics 18 (1947) 50-60.
 */
export function mannWhitneyCounts(m: number, n: number): number[] {
  const counts = Array.from({ length: m * n + 1 }, () => 0);
  counts[0] = 1;
  for (let i = 1; i <= m; i++) {
    for (let u = m * n; u >= n + i; u--) counts[u] = (counts[u] ?? 0) - (counts[u - n - i] ?? 0);
    for (let u = i; u <= m * n; u++) counts[u] = (counts[u] ?? 0) + (counts[u - i] ?? 0);
  }
  return counts;
}

/** The largest k for which the k-th smallest and k-th largest difference bound the shift with the confidence; 0: none. */
export function mannWhitneyCritical(m: number, n: number, confidence: number): number {
  const tail = (1 - confidence) / 2;
  if (m === 0 || n === 0) return 0;
  if (m > MOST_EXACT || n > MOST_EXACT) {
    const spread = Math.sqrt((m * n * (m + n + 1)) / 12);
    return Math.max(0, Math.floor((m * n) / 2 - 0.5 - normalUpperQuantile(tail) * spread));
  }
  let total = 1;
  for (let i = 1; i <= m; i++) total = (total * (n + i)) / i;
  const counts = mannWhitneyCounts(m, n);
  let [k, below] = [0, 0];
  while (2 * k < m * n) {
    below += counts[k] ?? 0;
    if (below / total > tail) break;
    k += 1;
  }
  return k;
}

/**
 * Hodges-Lehmann estimate of the shift of `ys` against `xs`: the median of all differences y - x, with the interval that
 * belongs to the Mann-Whitney-Wilcoxon test (Moses). For samples that are independent and of one shape; ties make it
 * conservative. None for 0.95 where a side has too few values: 4 and 4 are the fewest of equal size.
 * Source: Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 3rd ed. (2014), sections 4.1 to 4.3. Equals
 * R's wilcox.test(ys, xs, conf.int = TRUE, exact = TRUE).
 */
export function shift(xs: readonly number[], ys: readonly number[], confidence: number): MedianInterval {
  const differences = Float64Array.from(ys.flatMap((y) => xs.map((x) => y - x))).sort();
  const critical = mannWhitneyCritical(xs.length, ys.length, confidence);
  const [low, high] = [differences[critical - 1], differences[differences.length - critical]];
  const result = { n: Math.min(xs.length, ys.length), median: medianOfSorted([...differences]) };
  return critical === 0 || low === undefined || high === undefined ? result : { ...result, low, high };
}

/** How many times `base` the `values` are: the shift of logarithms. Null where any is not above zero. */
export function unpairedRatio(base: readonly number[], values: readonly number[], confidence: number): MedianInterval {
  if (base.length === 0 || values.length === 0 || ![...base, ...values].every((one) => one > 0))
    return { n: Math.min(base.length, values.length), median: null };
  const logs = (list: readonly number[]): number[] => list.map(Math.log);
  const { n, median, low, high } = shift(logs(base), logs(values), confidence);
  const result = { n, median: median === null ? null : Math.exp(median) };
  return low === undefined || high === undefined ? result : { ...result, low: Math.exp(low), high: Math.exp(high) };
}
