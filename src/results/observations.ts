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

/** A succeeded Trial's measurements by point and metric, at the place of their pair. */
type Measurements = Map<string, (TrialMeasurement | undefined)[]>;

/** Succeeded Trials by cell and block. */
export type Observations = Map<string, Map<number, Measurements>>;

export function indexObservations(observations: readonly TrialObservation[]): Observations {
  const index: Observations = new Map();
  for (const observation of observations.filter(({ succeeded }) => succeeded)) {
    const key = cellKey(observation);
    const blocks = index.get(key) ?? new Map<number, Measurements>();
    if (!blocks.has(observation.block)) blocks.set(observation.block, indexMeasurements(observation));
    index.set(key, blocks);
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
  return new Set([...first.keys()].filter((block) => others.every((blocks) => blocks?.has(block) === true)));
}

/** One entry per block with a succeeded Trial of the cell, in order of blocks. `key` is the point's key. */
export function blockValues(index: Observations, cell: Cell, key: string, info: MetricInfo): Map<number, BlockValue> {
  const trials = [...(index.get(cellKey(cell)) ?? [])].toSorted(([a], [b]) => a - b);
  const at = measurementKey(key, info.metric);
  return new Map(trials.map(([block, trial]) => [block, overPairs(trial.get(at) ?? [], cell.pairs, info)]));
}

/** By block the values of a metric of all pairs, blocks aside in which one of them has none. */
export function pairValues(index: Observations, cell: Cell, key: string, metric: string): number[][] {
  const at = measurementKey(key, metric);
  return [...(index.get(cellKey(cell)) ?? new Map<number, Measurements>()).values()].flatMap((trial) => {
    const values = (trial.get(at) ?? []).flatMap((found) => found?.value ?? []);
    return values.length === cell.pairs ? [values] : [];
  });
}

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

function indexMeasurements({ measurements }: TrialObservation): Measurements {
  const index: Measurements = new Map();
  for (const found of measurements) {
    const key = measurementKey(pointKey(found.test, found.point), found.metric);
    const pairs = index.get(key) ?? [];
    pairs[found.pair] = found;
    index.set(key, pairs);
  }
  return index;
}

function measurementKey(key: string, metric: string): string {
  return `${key}/${metric}`;
}

function cellKey({ mode, placement, pairs }: Cell): string {
  return `${mode}/${placement}/${pairs}`;
}
