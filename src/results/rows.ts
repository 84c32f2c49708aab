/** One row of results: a test point and metric in one cell, its median, and its ratio to the baseline. Not judged yet. */
import type { TestPoint } from '../api/protocol.ts';
import type { ExperimentSpec, ResultRow } from '../api/v1alpha1.ts';
import { pointKey, pointOf } from './catalogue.ts';
import type { MetricInfo } from './catalogue.ts';
import { cpuRole } from './endpointCpu.ts';
import { isPodAt } from './endpointKind.ts';
import { blockValues } from './observations.ts';
import type { BlockValue, Cell, Observations } from './observations.ts';
import { fewestObservations } from './stats/binomial.ts';
import { ratioOfLogs } from './stats/hodgesLehmann.ts';
import type { PairedRatio } from './stats/hodgesLehmann.ts';
import { medianInterval } from './stats/median.ts';
import { outliers } from './stats/outliers.ts';
import { togetherOf } from './together.ts';

export interface RowRequest {
  point: TestPoint;
  info: MetricInfo;
  cell: Cell;
}

/** What rows are made from. */
export interface RowSource {
  spec: ExperimentSpec;
  index: Observations;
  /** Blocks in which every cell has a succeeded Trial: only these are compared. */
  complete: ReadonlySet<number>;
}

/** A row before its family is known, and what it rests on. */
export interface RowDraft extends RowRequest {
  row: ResultRow;
  /** Values of the mode by block, incomplete blocks included. */
  values: ReadonlyMap<number, number>;
  /** Null for the baseline, and where the baseline has another quantity under the same name. */
  compared: { ratio: PairedRatio; logs: ReadonlyMap<number, number> } | null;
  /** What has to be said about its data, whatever the verdict. */
  notes: string[];
}

/** Digits that status keeps: more than any measurement has, fewer than make two equal results differ. */
const SIGNIFICANT_DIGITS = 6;
/** Blocks named in a note. */
const MOST_NAMED = 5;

/**
 * The row of a metric in a cell, verdict still open. The median rests on every block in which the mode has a value; the
 * ratio on complete blocks in which both the mode and the baseline have one; how many were left out is said.
 */
export function draftRow(source: RowSource, request: RowRequest): RowDraft {
  const { spec, index } = source;
  const { point, info, cell } = request;
  const key = pointKey(point.test, pointOf(point));
  const own = blockValues(index, cell, key, info);
  const values = numbersOf(own);
  const summary = medianInterval([...values.values()], spec.comparison.confidencePercent / 100);
  const apart = outlierBlocks(values);
  const isBaseline = cell.mode === spec.baseline;
  const unlike = isBaseline ? null : incomparable(spec, cell, info);
  const isAlone = isBaseline || unlike !== null;
  const base = isAlone ? new Map() : blockValues(index, { ...cell, mode: spec.baseline }, key, info);
  const compared = isAlone ? null : compare(source, { values, base: numbersOf(base) });
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
    ...(apart.length === 0 ? {} : { outliers: apart.length }),
    ...(compared === null ? {} : comparedFields(compared.ratio)),
    ...togetherOf(index, cell, { key, info }),
    verdict: isBaseline ? 'Baseline' : 'Inconclusive',
  };
  const left = isAlone ? noInterval(spec, summary.n) : leftOut(source, { own, base });
  const told = unlike === null ? left : [unlike, ...left];
  return { ...request, row, values, compared, notes: [...told, ...withoutValue(own), ...outlierNote(apart)] };
}

/**
 * Why a mode's value cannot be held against the baseline's, or null. CPU as an end sees it is of its virtual CPUs in a
 * guest and of the whole node in a pod: two quantities, whose ratio would say nothing.
 */
function incomparable({ modes, baseline }: ExperimentSpec, cell: Cell, { metric }: MetricInfo): string | null {
  const role = cpuRole(metric);
  if (role === null) return null;
  const [own, base] = [cell.mode, baseline].map((name) => modes.find((mode) => mode.name === name));
  if (own === undefined || base === undefined || isPodAt(own, role) === isPodAt(base, role)) return null;
  const [here, there] = isPodAt(own, role) ? ['a pod', 'a VM'] : ['a VM', 'a pod'];
  return `not compared: the ${role} is ${here}, that of the baseline ${there}, and a pod sees the CPU of its whole node, a VM that of its guest only; take a baseline of the same kind`;
}

/** Blocks whose value stands apart from the others of the cell, on the logarithmic scale. Flagged and kept. */
export function outlierBlocks(values: ReadonlyMap<number, number>): number[] {
  const entries = [...values];
  const logs = entries.map(([, value]) => Math.log(value));
  const scaled = logs.every(Number.isFinite) ? logs : entries.map(([, value]) => value);
  return outliers(scaled).flatMap((at) => entries[at]?.[0] ?? []);
}

function compare(
  { spec, complete }: RowSource,
  { values, base }: { values: ReadonlyMap<number, number>; base: ReadonlyMap<number, number> },
): NonNullable<RowDraft['compared']> {
  const logs = new Map<number, number>();
  for (const [block, value] of values) {
    const baseline = base.get(block);
    if (baseline === undefined || !complete.has(block)) continue;
    logs.set(block, value > 0 && baseline > 0 ? Math.log(value / baseline) : Number.NaN);
  }
  return { ratio: ratioOfLogs([...logs.values()], spec.comparison.confidencePercent / 100), logs };
}

function comparedFields(ratio: PairedRatio): Pick<ResultRow, 'ratio' | 'p'> {
  const { n, median, p } = ratio;
  if (median === null) return {};
  return { ratio: { n, median: rounded(median), ...bounds(ratio) }, ...(p === null ? {} : { p: rounded(p) }) };
}

function numbersOf(blocks: ReadonlyMap<number, BlockValue>): Map<number, number> {
  return new Map([...blocks].flatMap(([block, found]) => ('value' in found ? [[block, found.value] as const] : [])));
}

type Blocks = ReadonlyMap<number, BlockValue>;

function leftOut({ complete }: RowSource, { own, base }: { own: Blocks; base: Blocks }): string[] {
  const blocks = [...new Set([...own.keys(), ...base.keys()])];
  const incomplete = blocks.filter((block) => !complete.has(block)).length;
  const has = (found: BlockValue | undefined) => found !== undefined && 'value' in found;
  const without = blocks.filter(
    (block) => complete.has(block) && !(has(own.get(block)) && has(base.get(block))),
  ).length;
  return [
    ...(incomplete === 0 ? [] : [`${incomplete} of ${blocks.length} blocks left out, incomplete`]),
    ...(without === 0 ? [] : [`${without} of ${blocks.length} blocks left out, without a value for both`]),
  ];
}

function noInterval({ comparison: { confidencePercent } }: ExperimentSpec, n: number): string[] {
  const needed = fewestObservations(confidencePercent / 100);
  if (n === 0 || n >= needed) return [];
  return [`${n} ${n === 1 ? 'value' : 'values'}, a ${confidencePercent} % interval needs at least ${needed}`];
}

/** The most frequent reason of the blocks that have no value. */
function withoutValue(blocks: Blocks): string[] {
  if (blocks.size === 0) return ['no trial has succeeded yet'];
  const reasons = [...blocks.values()].flatMap((block) => ('reason' in block ? [block.reason] : []));
  const counts = Map.groupBy(reasons, (reason) => reason.split(':')[0]);
  const [most] = [...counts.values()].toSorted((a, b) => b.length - a.length);
  return most?.[0] === undefined ? [] : [`no value in ${reasons.length} of ${blocks.size} trials: ${most[0]}`];
}

function outlierNote(blocks: readonly number[]): string[] {
  if (blocks.length === 0) return [];
  const named = blocks.slice(0, MOST_NAMED).join(', ');
  const more = blocks.length > MOST_NAMED ? ' ...' : '';
  return [`${blocks.length === 1 ? 'outlier' : 'outliers'} kept, block ${named}${more}`];
}

export function bounds({ low, high }: { low?: number; high?: number }): { low?: number; high?: number } {
  return low === undefined || high === undefined ? {} : { low: rounded(low), high: rounded(high) };
}

export function rounded(value: number): number {
  return Number(value.toPrecision(SIGNIFICANT_DIGITS));
}
