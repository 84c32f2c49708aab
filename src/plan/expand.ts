/** From a spec to what will be run: cells, their order in each block, and the order of tests within a trial. */
import type { ExperimentSpec, Mode, Placement } from '../api/v1alpha1.ts';
import type { TestPoint } from '../api/protocol.ts';
import { expandTests } from '../results/catalogue.ts';
import { plannedPointSeconds } from '../results/commands.ts';
import { shuffle, subSeed } from './random.ts';

/** One combination of factors; every block runs each once, on fresh endpoints. */
export interface Cell {
  mode: string;
  placement: Placement;
  pairs: number;
}

export const cellKey = (cell: Cell): string => `${cell.mode}/${cell.placement}/${cell.pairs}`;

/** All cells in the order of the spec. */
export function cells(spec: ExperimentSpec): Cell[] {
  return spec.modes.flatMap((mode) =>
    spec.placements.flatMap((placement) => spec.pairs.map((pairs) => ({ mode: mode.name, placement, pairs }))),
  );
}

/** The cells of one block in their random order (randomised complete block design). */
export function blockOrder(spec: ExperimentSpec, seed: number, block: number): Cell[] {
  return shuffle(cells(spec), subSeed(seed, 'block', block));
}

/** The test points of one trial in their random order; ids keep the order of the spec. */
export function trialPoints(spec: ExperimentSpec, seed: number, cell: Cell & { block: number }): TestPoint[] {
  return shuffle(expandTests(spec), subSeed(seed, 'points', cell.block, cellKey(cell)));
}

export function modeOf(spec: ExperimentSpec, name: string): Mode | undefined {
  return spec.modes.find((mode) => mode.name === name);
}

/** The network a mode's data NIC is on: by name, or the type in lower case. */
export const networkName = (mode: Mode): string => mode.network ?? mode.type.toLowerCase();

/** Seconds a trial's measuring should take: tests, their warm-up, and the tools' own start and stop. */
export function plannedSeconds(points: readonly TestPoint[]): number {
  return points.reduce((sum, point) => sum + plannedPointSeconds(point), 0);
}
