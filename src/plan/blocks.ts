/** Where an Experiment stands: which cells of which block are done, running, to be run, or given up. */
import { findCondition, isTrue } from '../api/conditions.ts';
import type { ExperimentSpec, Trial } from '../api/v1alpha1.ts';
import { isDeleting } from './observed.ts';
import { blockOrder, type Cell, cellKey } from './expand.ts';

export type CellState =
  | { state: 'Done'; trial: Trial }
  | { state: 'Running'; trial: Trial }
  | { state: 'Open'; attempt: number }
  /** Every attempt failed; `last` says why. */
  | { state: 'GivenUp'; last: Trial };

export interface BlockState {
  block: number;
  cells: { cell: Cell; state: CellState }[];
}

const key = (block: number, cell: Cell): string => `${block}|${cellKey(cell)}`;

/** Trials by block and cell, attempts in order. */
export function indexTrials(trials: readonly Trial[]): Map<string, Trial[]> {
  const index = new Map<string, Trial[]>();
  for (const trial of trials) {
    const at = key(trial.spec.block, trial.spec);
    index.set(at, [...(index.get(at) ?? []), trial]);
  }
  for (const list of index.values()) list.sort((a, b) => a.spec.attempt - b.spec.attempt);
  return index;
}

function cellState(attempts: readonly Trial[], retries: number): CellState {
  const done = attempts.find((trial) => isTrue(trial.status?.conditions, 'Succeeded'));
  if (done !== undefined) return { state: 'Done', trial: done };
  // One that is on its way out says nothing of its cell: when it is gone, it is made again.
  const running = attempts.find((trial) => isDeleting(trial) || !isTrue(trial.status?.conditions, 'Finished'));
  if (running !== undefined) return { state: 'Running', trial: running };
  const last = attempts.at(-1);
  if (last !== undefined && attempts.length > retries) return { state: 'GivenUp', last };
  return { state: 'Open', attempt: last === undefined ? 0 : last.spec.attempt + 1 };
}

/** One block, its cells in the order in which they run. */
export function blockState(
  spec: ExperimentSpec,
  seed: number,
  block: number,
  index: ReadonlyMap<string, Trial[]>,
): BlockState {
  return {
    block,
    cells: blockOrder(spec, seed, block).map((cell) => ({
      cell,
      state: cellState(index.get(key(block, cell)) ?? [], spec.blocks.retries),
    })),
  };
}

export const isOver = ({ cells }: BlockState): boolean =>
  cells.every(({ state }) => state.state === 'Done' || state.state === 'GivenUp');

export const isComplete = ({ cells }: BlockState): boolean => cells.every(({ state }) => state.state === 'Done');

/** No trial of it was ever made. */
export const isUntouched = ({ cells }: BlockState): boolean =>
  cells.every(({ state }) => state.state === 'Open' && state.attempt === 0);

/** Blocks from 0 up to the first that is not over, untouched or not, at most `blocks.max`. */
export function begunBlocks(spec: ExperimentSpec, seed: number, trials: readonly Trial[]): BlockState[] {
  const index = indexTrials(trials);
  const out: BlockState[] = [];
  for (let block = 0; block < spec.blocks.max; block++) {
    const state = blockState(spec, seed, block, index);
    out.push(state);
    if (!isOver(state)) break;
  }
  return out;
}

/** Reason and message of a failed trial. */
export function failureText(trial: Trial): { reason: string; message: string } {
  const condition = findCondition(trial.status?.conditions, 'Succeeded');
  return { reason: condition?.reason ?? 'Unknown', message: condition?.message ?? '' };
}
