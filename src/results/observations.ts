/** What Trials measured, indexed for analysis: one value per block, over all pairs of the Trial. */
import type { ExperimentSpec, Placement, TrialMeasurement } from '../api/v1alpha1.ts';
import { pointKey } from './catalogue.ts';
import type { MetricInfo } from './catalogue.ts';

/** One finished Trial. Of several of one mode, placement, pairs and block, the first that succeeded counts. */
export interface TrialObservation {
  mode: string;
  placement: Placement;
  pairs: number;
  block: number;
  succeeded: boolean;
  measurements: TrialMeasurement[];
}

/** A cell of the design: what every block runs once. */
export interface Cell {
  mode: string;
  placement: Placement;
  pairs: number;
}

/** The value of one metric in one block, or why there is none. */
export type BlockValue = { value: number } | { reason: string };

/** A metric at a point in each block, at the place of their pair. */
type Series = Map<number, (TrialMeasurement | undefined)[]>;

interface CellObservations {
  /** With a succeeded Trial. */
  blocks: Set<number>;
  /** By point and metric: few keys, since a large Experiment has a hundred thousand measurements. */
  series: Map<string, Series>;
}

/** Succeeded Trials by cell. */
export type Observations = Map<string, CellObservations>;

export function indexObservations(observations: readonly TrialObservation[]): Observations {
  const index: Observations = new Map();
  const inOrder = observations.filter(({ succeeded }) => succeeded).toSorted((a, b) => a.block - b.block);
  for (const observation of inOrder) {
    const key = cellKey(observation);
    const cell = index.get(key) ?? { blocks: new Set(), series: new Map<string, Series>() };
    if (!cell.blocks.has(observation.block)) addMeasurements(cell, observation);
    index.set(key, cell);
  }
  return index;
}

/** All cells of an Experiment in spec order: placement, pairs, mode. */
export function cellsOf(spec: Pick<ExperimentSpec, 'modes' | 'placements' | 'pairs'>): Cell[] {
  return spec.placements.flatMap((placement) =>
    spec.pairs.flatMap((pairs) => spec.modes.map(({ name: mode }) => ({ mode, placement, pairs }))),
  );
}

/** Blocks in which every cell has a succeeded Trial. */
export function completeBlocks(index: Observations, cells: readonly Cell[]): Set<number> {
  const [first, ...others] = cells.map((cell) => index.get(cellKey(cell)));
  if (first === undefined) return new Set();
  return new Set([...first.blocks].filter((block) => others.every((other) => other?.blocks.has(block) === true)));
}

/** One entry per block with a succeeded Trial of the cell, in order of blocks. `key` is the point's key. */
export function blockValues(index: Observations, cell: Cell, key: string, info: MetricInfo): Map<number, BlockValue> {
  const { blocks, series } = index.get(cellKey(cell)) ?? NOTHING;
  const found = series.get(measurementKey(key, info.metric));
  return new Map([...blocks].map((block) => [block, overPairs(found?.get(block) ?? [], cell.pairs, info)]));
}

/** By block the values of a metric of all pairs, blocks aside in which one of them has none. */
export function pairValues(index: Observations, cell: Cell, key: string, metric: string): number[][] {
  const { series } = index.get(cellKey(cell)) ?? NOTHING;
  return [...(series.get(measurementKey(key, metric))?.values() ?? [])].flatMap((pairs) => {
    const values = pairs.flatMap((found) => found?.value ?? []);
    return values.length === cell.pairs ? [values] : [];
  });
}

const NOTHING: CellObservations = { blocks: new Set(), series: new Map() };

/** Sum over the pairs, or the worst of them. A pair without a value leaves the whole Trial without one. */
function overPairs(found: readonly (TrialMeasurement | undefined)[], pairs: number, info: MetricInfo): BlockValue {
  const values: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const measurement = found[pair];
    if (measurement === undefined) return { reason: `NotReported: pair ${pair} has no ${info.metric}` };
    if (measurement.value === undefined || !Number.isFinite(measurement.value)) {
      return { reason: measurement.reason ?? 'NotReported: no value and no reason' };
    }
    values.push(measurement.value);
  }
  return { value: combined(values, info) };
}

function combined(values: number[], info: MetricInfo): number {
  if (info.combine === 'Sum') return values.reduce((sum, value) => sum + value, 0);
  return info.better === 'Lower' ? Math.max(...values) : Math.min(...values);
}

function addMeasurements({ blocks, series }: CellObservations, { block, measurements }: TrialObservation): void {
  blocks.add(block);
  for (const found of measurements) {
    const key = measurementKey(pointKey(found.test, found.point), found.metric);
    const byBlock: Series = series.get(key) ?? new Map();
    const pairs = byBlock.get(block) ?? [];
    pairs[found.pair] = found;
    byBlock.set(block, pairs);
    series.set(key, byBlock);
  }
}

function measurementKey(key: string, metric: string): string {
  return `${key}/${metric}`;
}

function cellKey({ mode, placement, pairs }: Cell): string {
  return `${mode}/${placement}/${pairs}`;
}
