/** Exact null distribution of Wilcoxon's signed-rank statistic. */

/**
 * P(T <= t) for t = 0..n(n+1)/2, T the sum of the ranks 1..n that fall on the positive side, each with probability 1/2.
 * By the generating function prod(1 + x^i) / 2^n: F. Wilcoxon, Biometrics Bulletin 1 (1945) 80-83; Hollander, Wolfe and
 * Chicken, Nonparametric Statistical Methods, 3rd ed. (2014), section 3.1. Equals R's psignrank.
 */
export function signedRankCumulative(n: number): number[] {
  let density = [1];
  for (let rank = 1; rank <= n; rank += 1) {
    const wider = Array.from({ length: density.length + rank }, () => 0);
    density.forEach((probability, sum) => {
      wider[sum] = (wider[sum] ?? 0) + probability / 2;
      wider[sum + rank] = (wider[sum + rank] ?? 0) + probability / 2;
    });
    density = wider;
  }
  let total = 0;
  return density.map((probability) => (total += probability));
}

/** The largest c with P(T < c) <= alpha / 2; 0 where not even P(T = 0) is that small: no interval of this confidence. */
export function signedRankCritical(n: number, confidence: number): number {
  const alpha = 1 - confidence;
  const cumulative = signedRankCumulative(n);
  const first = cumulative.findIndex((probability) => probability > alpha / 2 + 1e-12);
  return Math.max(0, first);
}
