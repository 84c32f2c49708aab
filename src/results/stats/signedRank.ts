/** Exact null distribution of Wilcoxon's signed-rank statistic, and the test's p. */
import { normalUpperTail } from './normal.ts';
import { midranks } from './ranks.ts';

/** Beyond so many values the normal approximation is as good as exact, and much cheaper. */
export const MOST_EXACT = 100;

const cumulatives = new Map<number, readonly number[]>();

/**
 * P(T <= t) for t = 0..n(n+1)/2, T the sum of the ranks 1..n that fall on the positive side, each with probability 1/2.
 * By the generating function prod(1 + x^i) / 2^n: F. Wilcoxon, Biometrics Bulletin 1 (1945) 80-83; Hollander, Wolfe and
 * Chicken, Nonparametric Statistical Methods, 3rd ed. (2014), section 3.1. Equals R's psignrank.
 */
export function signedRankCumulative(n: number): readonly number[] {
  const known = cumulatives.get(n);
  if (known !== undefined) return known;
  const found = cumulative(sumDistribution(Array.from({ length: n }, (_, i) => i + 1)));
  cumulatives.set(n, found);
  return found;
}

/**
 * The largest c with P(T < c) <= alpha / 2; 0 where not even P(T = 0) is that small: no interval of this confidence.
 * Above MOST_EXACT by the normal approximation of T with mean n(n+1)/4 and variance n(n+1)(2n+1)/24, rounded to the wider
 * interval.
 */
export function signedRankCritical(n: number, confidence: number): number {
  const alpha = 1 - confidence;
  if (n > MOST_EXACT) return approximateCritical(n, alpha);
  return Math.max(
    0,
    signedRankCumulative(n).findIndex((probability) => probability > alpha / 2 + 1e-12),
  );
}

/**
 * Two-sided p of Wilcoxon's signed-rank test that the values are symmetric around 0; 1 of no values. Exact up to
 * MOST_EXACT values, with ties too: every sign equally likely given the sizes, of which ties share their mean rank. Zeros
 * take part in the ranking and then drop out (J. W. Pratt, JASA 54 (1959) 655-667), since dropping them first can make a
 * difference more significant by making it smaller. Beyond, normal with the variance of the tied ranks and continuity
 * correction (Hollander, Wolfe and Chicken (2014), section 3.1). Smallest possible p: 2^(1-n).
 * Equals scipy's wilcoxon(x, zero_method="pratt", method=PermutationMethod(n_resamples=inf)).
 */
export function signedRankP(values: readonly number[]): number {
  const doubled = midranks(values.map(Math.abs)).map((rank) => Math.round(2 * rank));
  const ranks = doubled.filter((_, i) => values[i] !== 0);
  if (ranks.length === 0) return 1;
  const positive = sum(doubled.filter((_, i) => (values[i] ?? 0) > 0));
  const smaller = Math.min(positive, sum(ranks) - positive);
  if (ranks.length > MOST_EXACT) return approximateP(ranks, smaller);
  const below = isUntied(ranks)
    ? signedRankCumulative(ranks.length)[smaller / 2]
    : cumulative(sumDistribution(ranks))[smaller];
  return Math.min(1, 2 * (below ?? 1));
}

/** Probability of each sum of a random half of the ranks, which are positive integers. */
function sumDistribution(ranks: readonly number[]): Float64Array {
  const density = new Float64Array(sum(ranks) + 1);
  density[0] = 1;
  let top = 0;
  for (const rank of ranks) {
    top += rank;
    for (let at = top; at >= 0; at -= 1) {
      density[at] = ((density[at] ?? 0) + (at >= rank ? (density[at - rank] ?? 0) : 0)) / 2;
    }
  }
  return density;
}

function cumulative(density: Float64Array): number[] {
  let total = 0;
  return Array.from(density, (probability) => (total += probability));
}

function approximateP(doubledRanks: readonly number[], smaller: number): number {
  const mean = sum(doubledRanks) / 2;
  const deviation = Math.sqrt(sum(doubledRanks.map((rank) => rank ** 2)) / 4);
  return Math.min(1, 2 * normalUpperTail((mean - smaller - 1) / deviation));
}

function approximateCritical(n: number, alpha: number): number {
  const mean = (n * (n + 1)) / 4;
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
  let critical = Math.floor(mean);
  while (critical > 0 && normalUpperTail((mean - critical + 0.5) / deviation) > alpha / 2) critical -= 1;
  return critical;
}

const isUntied = (doubled: readonly number[]): boolean =>
  new Set(doubled).size === doubled.length && Math.max(...doubled) === 2 * doubled.length;

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
