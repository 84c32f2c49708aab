/** Ranks, and what counts as a tie. */

/** Part of the largest value by which two values may differ and still be tied: rounding, not measurement. */
const TIED = 1e-12;

/** Groups of equal values, in ascending order, as positions in `values`. */
export function tiedGroups(values: readonly number[]): number[][] {
  const order = values.map((_, i) => i).toSorted((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const slack = TIED * values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const groups: number[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const at of order) {
    const value = values[at] ?? 0;
    if (value - last > slack) groups.push([at]);
    else groups.at(-1)?.push(at);
    last = value;
  }
  return groups;
}

/** Ranks 1..n in the order of `values`; tied values share the mean of their ranks. */
export function midranks(values: readonly number[]): number[] {
  const ranks = values.map(() => 0);
  let below = 0;
  for (const group of tiedGroups(values)) {
    for (const at of group) ranks[at] = below + (group.length + 1) / 2;
    below += group.length;
  }
  return ranks;
}
