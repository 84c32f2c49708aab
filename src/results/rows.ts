/** One row of results: a test point and metric in one cell, its median, its ratio to the baseline, its verdict. */
import type { TestPoint } from '../api/protocol.ts';
import type { ExperimentSpec, ResultRow } from '../api/v1alpha1.ts';
import { pointKey, pointOf } from './catalogue.ts';
import type { MetricInfo } from './catalogue.ts';
import { blockValues } from './observations.ts';
import type { BlockValue, Cell, Observations } from './observations.ts';
import { pairedRatio } from './stats/hodgesLehmann.ts';
import { medianInterval } from './stats/median.ts';
import type { MedianInterval } from './stats/median.ts';
import { verdict } from './stats/verdict.ts';

export interface RowRequest {
  point: TestPoint;
  info: MetricInfo;
  cell: Cell;
}

/** Digits that status keeps: more than any measurement has, fewer than make two equal results differ. */
const SIGNIFICANT_DIGITS = 6;
/** Characters of a row's message; reasons come from endpoints. */
const LONGEST_MESSAGE = 512;

/**
 * The row of a metric in a cell. The median rests on every block in which the mode has a value; the ratio on those in
 * which both the mode and the baseline have one (paired by block), how many were left out is said.
 */
export function rowFor(spec: ExperimentSpec, index: Observations, request: RowRequest): ResultRow {
  const { point, info, cell } = request;
  const key = pointKey(point.test, pointOf(point));
  const { confidencePercent } = spec.comparison;
  const own = blockValues(index, cell, key, info);
  const base = blockValues(index, { ...cell, mode: spec.baseline }, key, info);
  const summary = medianInterval([...own.values()].flatMap(numbers), confidencePercent / 100);
  const row: ResultRow = {
    test: point.test,
    point: pointOf(point),
    placement: cell.placement,
    pairs: cell.pairs,
    metric: info.metric,
    unit: info.unit,
    better: info.better,
    mode: cell.mode,
    n: summary.n,
    ...(summary.median === null ? {} : { median: rounded(summary.median) }),
    ...bounds(summary),
    verdict: cell.mode === spec.baseline ? 'Baseline' : 'Inconclusive',
  };
  const { notes, ...compared } = cell.mode === spec.baseline ? { notes: [] } : comparison(spec, info, own, base);
  const message = [...notes, ...withoutValue(own)].join('; ').slice(0, LONGEST_MESSAGE);
  return { ...row, ...compared, ...(message === '' ? {} : { message }) };
}

/** Half the interval's width, relative to the median: what an Experiment's precision bounds. Null without an interval. */
export function relativePrecision({ median, low, high }: ResultRow): number | null {
  if (median === undefined || low === undefined || high === undefined || median <= 0) return null;
  return (high - low) / 2 / median;
}

function comparison(
  spec: ExperimentSpec,
  { better }: MetricInfo,
  own: Map<number, BlockValue>,
  base: Map<number, BlockValue>,
): Pick<ResultRow, 'verdict' | 'ratio'> & { notes: string[] } {
  const blocks = [...new Set([...own.keys(), ...base.keys()])];
  const pairs = blocks.flatMap((block) =>
    numbers(own.get(block)).flatMap((value) => numbers(base.get(block)).map((baseline) => ({ value, baseline }))),
  );
  const { confidencePercent, equivalencePercent } = spec.comparison;
  const ratio = pairedRatio(pairs, confidencePercent / 100);
  const judged = verdict({ ratio, better, equivalencePercent, n: ratio.n, confidencePercent });
  const missing = blocks.length - pairs.length;
  const left = missing === 0 ? [] : [`${missing} of ${blocks.length} blocks left out, without a value for both`];
  return {
    verdict: judged.verdict,
    notes: [judged.message, ...left],
    ...(ratio.median === null ? {} : { ratio: { median: rounded(ratio.median), ...bounds(ratio) } }),
  };
}

function numbers(block: BlockValue | undefined): number[] {
  return block !== undefined && 'value' in block ? [block.value] : [];
}

/** The most frequent reason of the blocks that have no value. */
function withoutValue(blocks: Map<number, BlockValue>): string[] {
  if (blocks.size === 0) return ['no trial has succeeded yet'];
  const reasons = [...blocks.values()].flatMap((block) => ('reason' in block ? [block.reason] : []));
  const counts = Map.groupBy(reasons, (reason) => reason.split(':')[0]);
  const [most] = [...counts.values()].toSorted((a, b) => b.length - a.length);
  return most?.[0] === undefined ? [] : [`no value in ${reasons.length} of ${blocks.size} trials: ${most[0]}`];
}

function bounds({ low, high }: Partial<MedianInterval>): { low?: number; high?: number } {
  return low === undefined || high === undefined ? {} : { low: rounded(low), high: rounded(high) };
}

function rounded(value: number): number {
  return Number(value.toPrecision(SIGNIFICANT_DIGITS));
}
