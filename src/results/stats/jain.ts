/**
 * Jain's index of fairness: (sum x)^2 / (n sum x^2), from 1/n (one has all) to 1 (all have the same). Jain, Chiu, Hawe:
 * A Quantitative Measure of Fairness and Discrimination for Resource Allocation in Shared Computer Systems, DEC TR-301,
 * 1984. Null of nothing, of all zeros, and of what is no share: negative or no number.
 */
export function jain(values: readonly number[]): number | null {
  const largest = Math.max(0, ...values);
  if (values.length === 0 || largest === 0 || !values.every((value) => Number.isFinite(value) && value >= 0))
    return null;
  // Scaled, so that squares of large numbers do not overflow; the index does not change.
  const shares = values.map((value) => value / largest);
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return (sum * sum) / (shares.length * squares);
}
