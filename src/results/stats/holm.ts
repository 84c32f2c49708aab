/** Many questions at once: p adjusted so that a whole family keeps its error. */

/**
 * Holm's step-down adjustment, in the order given: the i-th smallest p times (m - i + 1), never below that of a smaller p,
 * at most 1. Rejecting where the result is at most alpha keeps the chance of any false rejection in the family at alpha,
 * however the tests depend on each other. A p that is missing counts as a member with p = 1 and stays missing, so that
 * the size of the family is that of the design and not of what happened to be measured.
 * Source: S. Holm, Scandinavian Journal of Statistics 6 (1979) 65-70. Equals R's p.adjust(p, "holm").
 */
export function holm(ps: readonly (number | null)[]): (number | null)[] {
  const order = ps.map((_, i) => i).toSorted((a, b) => (ps[a] ?? 1) - (ps[b] ?? 1));
  const adjusted = ps.map((p) => p);
  let least = 0;
  order.forEach((at, step) => {
    least = Math.max(least, Math.min(1, (ps.length - step) * (ps[at] ?? 1)));
    if (ps[at] !== null) adjusted[at] = least;
  });
  return adjusted;
}
