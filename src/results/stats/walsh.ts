/** Order statistics of the Walsh averages (x(i) + x(j)) / 2, i <= j. */

/** Up to so many values all averages are sorted; beyond, single ones are found without making them all. */
const MOST_SORTED = 60;

/** The k-th smallest Walsh average, k from 1; undefined beside them. O(n^2 log n) once up to 60 values, else O(n log) a call. */
export function walshAverages(values: readonly number[]): { count: number; kth: (k: number) => number | undefined } {
  const sorted = Float64Array.from(values).sort();
  const count = (sorted.length * (sorted.length + 1)) / 2;
  if (sorted.length > MOST_SORTED) return { count, kth: (k) => (k < 1 || k > count ? undefined : selected(sorted, k)) };
  const averages = allAverages(sorted, count);
  return { count, kth: (k) => averages[k - 1] };
}

function allAverages(values: Float64Array, count: number): Float64Array {
  const out = new Float64Array(count);
  let at = 0;
  for (let i = 0; i < values.length; i += 1) {
    for (let j = i; j < values.length; j += 1) out[at++] = ((values[i] ?? 0) + (values[j] ?? 0)) / 2;
  }
  return out.sort();
}

/** Halves the range that holds the k-th until nothing lies between its ends but rounding, then takes the average there. */
function selected(sorted: Float64Array, k: number): number {
  let [below, atLeast] = [Number.NEGATIVE_INFINITY, sorted.at(-1) ?? 0];
  let low = sorted[0] ?? 0;
  if (countUpTo(sorted, low) >= k) return low;
  below = low;
  for (let step = 0; step < 200 && below < atLeast; step += 1) {
    low = below + (atLeast - below) / 2;
    if (low <= below || low >= atLeast) break;
    if (countUpTo(sorted, low) >= k) atLeast = low;
    else below = low;
  }
  return smallestAbove(sorted, below) ?? atLeast;
}

/** Averages of at most `limit`: for each value, those partners not before it, by one pass from both ends. */
function countUpTo(sorted: Float64Array, limit: number): number {
  let count = 0;
  let end = sorted.length - 1;
  for (let i = 0; i < sorted.length; i += 1) {
    while (end >= i && ((sorted[i] ?? 0) + (sorted[end] ?? 0)) / 2 > limit) end -= 1;
    if (end < i) break;
    count += end - i + 1;
  }
  return count;
}

function smallestAbove(sorted: Float64Array, limit: number): number | undefined {
  let found: number | undefined;
  let j = sorted.length - 1;
  for (let i = 0; i < sorted.length; i += 1) {
    while (j >= i && ((sorted[i] ?? 0) + (sorted[j] ?? 0)) / 2 > limit) j -= 1;
    const partner = sorted[Math.max(i, j + 1)];
    if (partner === undefined) continue;
    const average = ((sorted[i] ?? 0) + partner) / 2;
    if (average > limit && (found === undefined || average < found)) found = average;
  }
  return found;
}
