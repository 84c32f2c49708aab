/** The standard normal distribution. */

/**
 * P(Z > z), with a relative error below 1.2e-7 also far out in the tail.
 * Source: the Chebyshev fit of erfc in Press et al., Numerical Recipes in C, 2nd ed. (1992), section 6.2 (erfcc).
 */
export function normalUpperTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  const polynomial = COEFFICIENTS.reduceRight((value, coefficient) => coefficient + t * value, 0);
  const tail = 0.5 * t * Math.exp(-x * x + polynomial);
  return z >= 0 ? tail : 1 - tail;
}

const COEFFICIENTS = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
  0.17087277,
];

/** The z with P(Z > z) = `probability` (0 < probability < 1), to 1e-9: bisection of the tail. */
export function normalUpperQuantile(probability: number): number {
  let [low, high] = [-40, 40];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (normalUpperTail(middle) > probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
