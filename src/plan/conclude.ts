/** Is the Experiment over, and what may be concluded from the blocks it has? Stops by precision, never by significance. */
import type { ExperimentSpec, ExperimentStatus, Outcome, Trial } from '../api/v1alpha1.ts';
import { isTrue } from '../api/conditions.ts';
import { type Analysis, analyse } from '../results/analyse.ts';
import { pairsWords } from '../results/rowName.ts';
import { type BlockState, failureText, isComplete, isOver, isUntouched } from './blocks.ts';
import { observationsOf } from './comparable.ts';
import { DEADLINE_EXCEEDED, isCut, isOverdue } from './deadline.ts';
import { cellKey } from './expand.ts';
import type { ExperimentObserved } from './experimentObserved.ts';

export interface Conclusion {
  /** Null while trials are to be run. */
  finished: { succeeded: boolean; reason: string; message: string } | null;
  /** Null where no block has been completed since the last analysis. */
  analysis: Analysis | null;
  verdict: Outcome;
  /** True where no further trial may start: the running ones end, then the Experiment does. */
  stop: boolean;
}

export const CELL_FAILED = 'CellFailed';
/** Incomplete blocks that are put up with: one flaky trial must not end a long run. */
const INCOMPLETE_BLOCKS = 2;

/** A cell that failed in every attempt, and either never worked or spoilt too many blocks. */
function hopeless(blocks: readonly BlockState[]): Trial | null {
  const worked = new Set(
    blocks.flatMap(({ cells }) => cells.flatMap(({ cell, state }) => (state.state === 'Done' ? [cellKey(cell)] : []))),
  );
  const given = blocks.flatMap(({ cells }) =>
    cells.flatMap(({ cell, state }) => (state.state === 'GivenUp' ? [{ cell, last: state.last }] : [])),
  );
  const never = given.find(({ cell }) => !worked.has(cellKey(cell)));
  if (never !== undefined) return never.last;
  const incomplete = blocks.filter((block) => isOver(block) && !isComplete(block)).length;
  return incomplete > INCOMPLETE_BLOCKS ? (given[0]?.last ?? null) : null;
}

const nothingRuns = (trials: readonly Trial[]): boolean =>
  trials.every((trial) => isTrue(trial.status?.conditions, 'Finished'));

const analysedBlocks = (status: ExperimentStatus | undefined): number => status?.progress?.blocks ?? 0;

export function conclude(
  { experiment, trials }: ExperimentObserved,
  states: readonly BlockState[],
  now: number,
): Conclusion {
  const blocks = states.filter((block) => !isUntouched(block));
  const { spec, status } = experiment;
  const complete = blocks.filter(isComplete).length;
  const failed = hopeless(blocks);
  const overdue = isOverdue(experiment, trials, now);
  const stop = failed !== null || overdue;
  const idle = nothingRuns(trials);
  const over = blocks.every(isOver);
  const atCap = over && blocks.length >= spec.blocks.max;
  const isDue = complete > analysedBlocks(status) || (idle && (atCap || stop));
  if (!isDue) return { finished: null, analysis: null, verdict: 'None', stop };
  const analysis = analyse(spec, observationsOf(spec, trials));
  const enough = analysis.converged && complete >= blocksToRun(spec, analysis);
  const base = { analysis, verdict: analysis.verdict, stop };
  if (!idle) return { ...base, finished: null };
  const isAtEnd = (over && enough) || atCap;
  if (overdue && (isCut(experiment) || failed !== null || !isAtEnd))
    return { ...base, finished: outOfTime(spec, complete) };
  return { ...base, finished: endOf({ failed, isAtEnd }, { spec, verdict: analysis.verdict, complete, blocks }) };
}

function endOf({ failed, isAtEnd }: { failed: Trial | null; isAtEnd: boolean }, given: Ending): Conclusion['finished'] {
  if (failed !== null) return cellFailed(failed);
  return isAtEnd ? ending(given) : null;
}

/**
 * Complete blocks to run in any case. The design alone raises `min`: with fewer, no comparison of the family could tell a
 * difference from chance, however large. Nothing that was measured takes part in this.
 */
export function blocksToRun({ blocks }: ExperimentSpec, { family }: Pick<Analysis, 'family'>): number {
  return Math.max(blocks.min, Math.min(blocks.max, family.fewestBlocks));
}

function cellFailed(trial: Trial): NonNullable<Conclusion['finished']> {
  const { reason, message } = failureText(trial);
  const { mode, placement, pairs } = trial.spec;
  return {
    succeeded: false,
    reason: CELL_FAILED,
    message: `Mode ${mode}, ${placement}, ${pairsWords(pairs)} failed in every attempt; last, ${trial.metadata.name}: ${reason}: ${message}`,
  };
}

function outOfTime({ blocks, deadlineSeconds }: ExperimentSpec, complete: number): NonNullable<Conclusion['finished']> {
  const few = complete < blocks.min ? `, of at least ${blocks.min}` : '';
  return {
    succeeded: false,
    reason: DEADLINE_EXCEEDED,
    message: `${deadlineSeconds} s (spec.deadlineSeconds) have passed since the first Trial was granted; ${complete} blocks are complete${few}, their results are stored: raise deadlineSeconds, or lower blocks.max or durationSeconds, in a new Experiment`,
  };
}

interface Ending {
  spec: ExperimentSpec;
  verdict: Outcome;
  complete: number;
  blocks: readonly BlockState[];
}

function ending({ spec, verdict, complete, blocks }: Ending): NonNullable<Conclusion['finished']> {
  const { min, max } = spec.blocks;
  if (complete < min) {
    return {
      succeeded: false,
      reason: 'TooFewBlocks',
      message: `Only ${complete} of at least ${min} blocks are complete: see the failed trials, raise spec.blocks.max`,
    };
  }
  const incomplete = blocks.length - complete;
  const left = incomplete === 0 ? '' : `, ${incomplete} incomplete left out`;
  const ran = `${complete} complete blocks${left}${blocks.length < max ? '' : `, the most allowed (spec.blocks.max ${max})`}`;
  if (verdict === 'Failed') {
    return {
      succeeded: false,
      reason: 'ExpectationFailed',
      message: `${ran}; an expectation is violated: see status.expectations`,
    };
  }
  return { succeeded: true, reason: 'Completed', message: `${ran}; results of every cell are stored` };
}
