/** Kendall's rank correlation with time: does something drift? */
import { normalUpperTail } from './normal.ts';
import { tiedGroups } from './ranks.ts';

export interface Trend {
  /** -1 (always falling) to 1 (always rising): tau-b, which allows for ties. */
  tau: number;
  /** Two-sided p that order and values have nothing to do with each other. */
  p: number;
}

/** Beyond so many values the normal approximation serves. */
const MOST_EXACT = 60;

/**
 * Kendall's tau-b of values with their order, and its p; null where all values are equal or there are fewer than 2. The p
 * is exact up to 60 values, with ties too: discordant pairs are inversions, and over all orders of a multiset their
 * number has the generating function of the Gaussian multinomial coefficient. Beyond, normal with the variance for ties.
 * Source: M. G. Kendall, Biometrika 30 (1938) 81-93 and 33 (1945) 239-251; inversions of multisets: R. P. Stanley,
 * Enumerative Combinatorics, vol. 1, 2nd ed. (2012), proposition 1.7.1. Without ties equals scipy's kendalltau(...,
 * method="exact").
 */
export function kendallTrend(values: readonly number[]): Trend | null {
  const n = values.length;
  const groups = tiedGroups(values);
  const sizes = groups.map(({ length }) => length);
  const pairs = (n * (n - 1)) / 2;
  const untied = pairs - sizes.reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);
  if (untied === 0) return null;
  const discordant = inversions(levels(groups, n));
  const score = untied - 2 * discordant;
  const p =
    n <= MOST_EXACT
      ? exactP(sizes, Math.min(discordant, untied - discordant))
      : approximateP(n, sizes, Math.abs(score));
  return { tau: score / Math.sqrt(pairs * untied), p };
}

function levels(groups: readonly number[][], n: number): number[] {
  const out = Array.from({ length: n }, () => 0);
  groups.forEach((group, level) => group.forEach((at) => (out[at] = level)));
  return out;
}

function inversions(order: readonly number[]): number {
  let count = 0;
  order.forEach((later, j) => {
    for (let i = 0; i < j; i += 1) if ((order[i] ?? 0) > later) count += 1;
  });
  return count;
}

function exactP(sizes: readonly number[], fewer: number): number {
  const density = inversionDistribution(sizes);
  let below = 0;
  for (let k = 0; k <= fewer; k += 1) below += density[k] ?? 0;
  return Math.min(1, 2 * below);
}

const untiedDistributions = new Map<number, Float64Array>();

/** Probability of each number of inversions over all orders of a multiset with these multiplicities. */
function inversionDistribution(sizes: readonly number[]): Float64Array {
  const isUntied = sizes.every((size) => size === 1);
  const known = isUntied ? untiedDistributions.get(sizes.length) : undefined;
  if (known !== undefined) return known;
  let density: Float64Array = Float64Array.of(1);
  let before = 0;
  for (const size of sizes) {
    density = convolved(density, insertions(before, size));
    before += size;
  }
  if (isUntied) untiedDistributions.set(sizes.length, density);
  return density;
}

/**
 * Inversions that `added` equal items make with `before` others, all places equally likely: the Mann-Whitney distribution,
 * by its recurrence over the last item, which belongs to either group.
 */
function insertions(before: number, added: number): number[] {
  if (added === 1) return Array.from({ length: before + 1 }, () => 1 / (before + 1));
  let row = Array.from({ length: before + 1 }, () => [1]);
  for (let t = 1; t <= added; t += 1) {
    const next: number[][] = [[1]];
    for (let s = 1; s <= before; s += 1) {
      const [oneOther = [], oneAdded = []] = [next[s - 1], row[s]];
      next.push(mixed(shifted(oneOther, t), oneAdded, s / (s + t)));
    }
    row = next;
  }
  return row[before] ?? [1];
}

const shifted = (density: readonly number[], by: number): number[] => [
  ...Array.from({ length: by }, () => 0),
  ...density,
];

/** Two distributions, the first with this weight. */
function mixed(first: readonly number[], second: readonly number[], weight: number): number[] {
  return Array.from(
    { length: Math.max(first.length, second.length) },
    (_, k) => weight * (first[k] ?? 0) + (1 - weight) * (second[k] ?? 0),
  );
}

function convolved(a: Float64Array, b: readonly number[]): Float64Array {
  const out = new Float64Array(a.length + b.length - 1);
  for (let j = 0; j < b.length; j += 1) {
    const weight = b[j] ?? 0;
    for (let i = 0; i < a.length; i += 1) out[i + j] = (out[i + j] ?? 0) + weight * (a[i] ?? 0);
  }
  return out;
}

function approximateP(n: number, sizes: readonly number[], score: number): number {
  const term = (m: number) => m * (m - 1) * (2 * m + 5);
  const variance = (term(n) - sizes.reduce((sum, size) => sum + term(size), 0)) / 18;
  return Math.min(1, 2 * normalUpperTail(score / Math.sqrt(variance)));
}
