/** What of an Experiment is still to be measured: cells of blocks, not attempts at them. Pure. */
import { isTrue } from '../api/conditions.ts';
import type { Experiment, Trial } from '../api/v1alpha1.ts';
import { indexTrials } from './blocks.ts';
import { cellKey, cells } from './expand.ts';

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

type CellEnd = 'Done' | 'GivenUp' | 'Open';

function endOf(attempts: readonly Trial[], retries: number): CellEnd {
  if (attempts.some(({ status }) => isTrue(status?.conditions, 'Succeeded'))) return 'Done';
  const ended = attempts.every(({ status }) => isTrue(status?.conditions, 'Finished'));
  return ended && attempts.length > retries ? 'GivenUp' : 'Open';
}

/** Counted by trials; where none may be read, by the counters of status. */
export function left(experiment: Experiment, trials: readonly Trial[]): Left {
  const { spec, status } = experiment;
  const all = cells(spec).map(cellKey);
  const blocks = status?.progress?.plannedBlocks ?? spec.blocks.max;
  const own = trials.filter((trial) => trial.spec.block < blocks);
  const ends = [...indexTrials(own).values()].map((attempts) => ({
    cell: attempts[0] === undefined ? '' : cellKey(attempts[0].spec),
    end: endOf(attempts, spec.blocks.retries),
  }));
  const over = Map.groupBy(
    ends.filter(({ end }) => end !== 'Open'),
    ({ cell }) => cell,
  );
  const count = (wanted: CellEnd): number => ends.filter(({ end }) => end === wanted).length;
  return {
    planned: all.length * blocks,
    done: own.length === 0 ? countedDone(experiment) : count('Done'),
    givenUp: count('GivenUp'),
    retries: own.filter((trial) => trial.spec.attempt > 0).length,
    open: new Map(all.map((key) => [key, Math.max(0, blocks - (over.get(key)?.length ?? 0))])),
  };
}

const countedDone = ({ status }: Experiment): number =>
  Math.max(0, (status?.progress?.trials ?? 0) - (status?.progress?.failed ?? 0));
