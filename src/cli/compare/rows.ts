/** Rows of two comparable reports, matched and set in ratio. Pure. */
import { pointKey } from '../../results/catalogue.ts';
import { unpairedRatio } from '../../results/stats/mannWhitney.ts';
import type { Document, DocumentRow } from './document.ts';

export interface ComparedRow {
  test: string;
  point: DocumentRow['point'];
  placement: string;
  pairs: number;
  metric: string;
  unit: string;
  better: string;
  mode: string;
  a: { n: number; median?: number };
  b: { n: number; median?: number };
  /** B over A, unpaired; absent where a side has no values. Bounds absent where there are too few. */
  ratio?: { median: number; low?: number; high?: number };
  /** Different: the interval leaves out 1. NotTold: it does not. TooFew: there is none. */
  outcome: 'Better' | 'Worse' | 'NotTold' | 'TooFew';
}

export interface Comparison {
  rows: ComparedRow[];
  /** Rows that are in one of them only. */
  onlyA: number;
  onlyB: number;
}

const keyOf = (row: DocumentRow): string =>
  [pointKey(row.test, row.point), row.placement, row.pairs, row.metric, row.mode].join('/');

/** Primary metrics, in the order of A. `confidence` from 0 to 1, of each row by itself. */
export function compareRows(a: Document, b: Document, confidence: number): Comparison {
  const primary = ({ rows }: Document): DocumentRow[] => rows.filter((row) => row.primary);
  const others = new Map(primary(b).map((row) => [keyOf(row), row]));
  const rows = primary(a).flatMap((row) => {
    const other = others.get(keyOf(row));
    return other === undefined ? [] : [compared(row, other, confidence)];
  });
  return { rows, onlyA: primary(a).length - rows.length, onlyB: others.size - rows.length };
}

function compared(a: DocumentRow, b: DocumentRow, confidence: number): ComparedRow {
  const { test, point, placement, pairs, metric, unit, better, mode } = a;
  const { median, low, high } = unpairedRatio(valuesOf(a), valuesOf(b), confidence);
  const bounds = low === undefined || high === undefined ? {} : { low, high };
  return {
    test,
    point,
    placement,
    pairs,
    metric,
    unit,
    better,
    mode,
    a: sideOf(a),
    b: sideOf(b),
    ...(median === null ? {} : { ratio: { median, ...bounds } }),
    outcome: outcomeOf(bounds, better),
  };
}

const valuesOf = ({ values }: DocumentRow): number[] =>
  values.flatMap((one) => ('value' in one && Number.isFinite(one.value) ? [one.value] : []));

const sideOf = (row: DocumentRow): ComparedRow['a'] => ({
  n: valuesOf(row).length,
  ...(row.median === undefined ? {} : { median: row.median }),
});

function outcomeOf({ low, high }: { low?: number; high?: number }, better: string): ComparedRow['outcome'] {
  if (low === undefined || high === undefined) return 'TooFew';
  if (low <= 1 && high >= 1) return 'NotTold';
  return low > 1 === (better === 'Higher') ? 'Better' : 'Worse';
}
