/** Is every primary metric known precisely enough? Judged on the width of intervals alone, never on a verdict. */
import type { ResultRow } from '../api/v1alpha1.ts';
import { rowName, type TestKind } from './rowName.ts';

export interface Convergence {
  converged: boolean;
  /** Rows as precise as asked, of all. */
  within: number;
  rows: number;
  /** The row furthest from it: its name, half its interval in percent of the median (null without an interval), its n. */
  widest: { name: string; percent: number | null; n: number } | null;
}

/** A precision as people read it: two digits below ten, whole percent above. */
export const percentWords = (percent: number): string =>
  `${percent < 9.95 ? percent.toPrecision(2) : Math.round(percent)} %`;

/** Half the interval's width, relative to the median. Null without an interval, and where the median is not above 0. */
export function relativePrecision({ median, low, high }: ResultRow): number | null {
  if (median === undefined || low === undefined || high === undefined || median <= 0) return null;
  return (high - low) / 2 / median;
}

export function convergenceOf(
  rows: readonly ResultRow[],
  precisionPercent: number,
  tests: readonly TestKind[],
): Convergence {
  const found = rows.map((row) => ({ row, percent: percentOf(row) }));
  const within = found.filter(({ percent }) => percent !== null && percent <= precisionPercent).length;
  const [widest] = found.toSorted((a, b) => (b.percent ?? Infinity) - (a.percent ?? Infinity));
  return {
    converged: rows.length > 0 && within === rows.length,
    within,
    rows: rows.length,
    widest:
      widest === undefined ? null : { name: rowName(widest.row, tests), percent: widest.percent, n: widest.row.n },
  };
}

function percentOf(row: ResultRow): number | null {
  const found = relativePrecision(row);
  return found === null ? null : found * 100;
}
