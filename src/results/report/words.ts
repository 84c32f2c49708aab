/** Words that all formats of the report share. */
import type { Point, ResultRow, TestType } from '../../api/v1alpha1.ts';
import { CATALOGUE } from '../catalogue.ts';
import { digits, formatQuantity } from '../quantity.ts';
import { pointText } from '../rowName.ts';
import type { Report } from './model.ts';

export const EMULATED = 'Sandbox: these figures prove the plumbing, they do not measure hardware.';
export const NOTHING = '–';

/** `64 B, 4 streams, 10.0 k messages/s offered`; empty where the test sweeps nothing. */
export const pointWords = (point: Point, type: TestType): string =>
  pointText(point, CATALOGUE[type].sweeps.rates?.unit).join(', ');

/** Jain's index of pairs that share, `0.98`. */
const fairnessWords = ({ fairness }: Pick<ResultRow, 'fairness'>): string =>
  fairness === undefined ? NOTHING : digits(fairness);

/** By how much the last pair started after the first: `12.0 ms`. */
const skewWords = ({ startSkewSeconds }: Pick<ResultRow, 'startSkewSeconds'>): string =>
  startSkewSeconds === undefined ? NOTHING : formatQuantity(startSkewSeconds, 's');

/** What several pairs say together, by title: only what any of these rows has. One pair alone has neither. */
export function togetherColumns(rows: readonly ResultRow[]): { title: string; words: (row: ResultRow) => string }[] {
  return [
    ...(rows.some(({ fairness }) => fairness !== undefined) ? [{ title: 'Fairness', words: fairnessWords }] : []),
    ...(rows.some(({ startSkewSeconds }) => startSkewSeconds !== undefined)
      ? [{ title: 'Skew', words: skewWords }]
      : []),
  ];
}

/** Two bounds in the prefix that suits them: `31.2 to 34.0 µs`. */
export function intervalWords({ low, high, unit }: Pick<ResultRow, 'low' | 'high' | 'unit'>): string {
  if (low === undefined || high === undefined) return NOTHING;
  const [from = '', fromUnit = ''] = formatQuantity(low, unit).split(' ');
  const [to = '', toUnit = ''] = formatQuantity(high, unit).split(' ');
  return fromUnit === toUnit ? `${from} to ${to} ${toUnit}`.trim() : `${from} ${fromUnit} to ${to} ${toUnit}`;
}

/** `1.04 (1.01 to 1.08)`. */
export function ratioWords({ ratio, verdict }: Pick<ResultRow, 'ratio' | 'verdict'>): string {
  if (verdict === 'Baseline') return '1';
  if (ratio === undefined) return NOTHING;
  const { median, low, high } = ratio;
  return low === undefined || high === undefined
    ? `${digits(median)} (no interval)`
    : `${digits(median)} (${digits(low)} to ${digits(high)})`;
}

export const valueWords = ({ median, unit }: Pick<ResultRow, 'median' | 'unit'>): string =>
  median === undefined ? NOTHING : formatQuantity(median, unit);

/** A p value, or nothing: `0.031`, `< 0.001`. */
export function pWords(p: number | undefined): string {
  if (p === undefined) return NOTHING;
  return p < 0.001 ? '< 0.001' : p.toPrecision(2);
}

/** What the whole came to, in one sentence. */
export function summaryWords({ data, analysis, blocks }: Report): string {
  const { ending } = data;
  const state =
    ending.succeeded === null ? 'Still running' : ending.succeeded ? 'Succeeded' : `Did not succeed (${ending.reason})`;
  const verdict = analysis.verdict === 'None' ? '' : ` Expectations: ${analysis.verdict}.`;
  return `${state}: ${ending.message}. ${analysis.completeBlocks} complete of ${blocks.length} blocks.${verdict}`;
}
