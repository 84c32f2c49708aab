/** Binomial distribution with p = 1/2, exact in floating point for the sample sizes of an experiment. */

/** P(X <= k) of n fair coins. */
export function fairCoinsAtMost(k: number, n: number): number {
  if (k < 0) return 0;
  let term = 0.5 ** n;
  let sum = term;
  for (let i = 1; i <= Math.min(k, n); i += 1) {
    term *= (n - i + 1) / i;
    sum += term;
  }
  return Math.min(1, sum);
}

/** Fewest observations for which an order-statistic or signed-rank interval of this confidence exists: 6 for 0.95. */
export function fewestObservations(confidence: number): number {
  return Math.max(1, Math.ceil(1 - Math.log2(1 - confidence) - 1e-9));
}
