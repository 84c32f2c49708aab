/** What of an Experiment is still to be measured: cells of blocks, not attempts at them. Pure. */
import { isTrue } from '../api/conditions.ts';
import type { Experiment, Trial } from '../api/v1alpha1.ts';
import { indexTrials } from '../plan/blocks.ts';
import { cellKey, cells } from '../plan/expand.ts';

export interface Left {
  /** Cells of blocks, all that may run. */
  planned: number;
  /** With a trial that succeeded. */
  done: number;
  /** Every attempt failed. */
  givenUp: number;
  /** Trials made because an earlier one of the same cell and block had failed. */
  retries: number;
  /** Still to be measured, running ones included, by cell. */
  open: ReadonlyMap<string, number>;
}

/** Counted by trials; where none may be read, by the counters of status. */
export function left(experiment: Experiment, trials: readonly Trial[]): Left {
  const { spec, status } = experiment;
  const all = cells(spec).map(cellKey);
  const blocks = status?.progress?.plannedBlocks ?? spec.blocks.max;
  const planned = all.length * blocks;
  const own = trials.filter((trial) => trial.spec.block < blocks);
  const over = new Map<string, number>();
  let [done, givenUp] = [0, 0];
  for (const attempts of indexTrials(own).values()) {
    const [first] = attempts;
    if (first === undefined) continue;
    const hasResult = attempts.some((trial) => isTrue(trial.status?.conditions, 'Succeeded'));
    const ended = attempts.every((trial) => isTrue(trial.status?.conditions, 'Finished'));
    const isGivenUp = !hasResult && ended && attempts.length > spec.blocks.retries;
    if (!hasResult && !isGivenUp) continue;
    if (hasResult) done += 1;
    else givenUp += 1;
    const key = cellKey(first.spec);
    over.set(key, (over.get(key) ?? 0) + 1);
  }
  if (own.length === 0) done = Math.max(0, (status?.progress?.trials ?? 0) - (status?.progress?.failed ?? 0));
  return {
    planned,
    done,
    givenUp,
    retries: own.filter((trial) => trial.spec.attempt > 0).length,
    open: new Map(all.map((key) => [key, Math.max(0, blocks - (over.get(key) ?? 0))])),
  };
}
