/** `spec.deadlineSeconds`: when an Experiment has run out of it, and what that makes of its Trials. */
import { findCondition, isTrue } from '../api/conditions.ts';
import type { Experiment, Trial } from '../api/v1alpha1.ts';
import type { Finding } from './observed.ts';
import { since } from './status.ts';

export const DEADLINE_EXCEEDED = 'DeadlineExceeded';
/** Timers of longer runs are set again. */
const LONGEST_WAIT_MS = 3_600_000;

/** When the first of the Trials was granted, milliseconds since the epoch: what it waited for before is not its own time. */
function firstGrant(trials: readonly Trial[]): number | null {
  const granted = trials.flatMap(({ status }) =>
    isTrue(status?.conditions, 'Granted') ? (since(status?.conditions, 'Granted') ?? []) : [],
  );
  return granted.length === 0 ? null : Math.min(...granted);
}

/** When it runs out, milliseconds since the epoch; null without a deadline, and before the first grant. */
function deadlineOf({ spec }: Experiment, trials: readonly Trial[]): number | null {
  const start = spec.deadlineSeconds === undefined ? null : firstGrant(trials);
  return start === null || spec.deadlineSeconds === undefined ? null : start + spec.deadlineSeconds * 1000;
}

/** True once status says so: only then are Trials cancelled for it, and it stays so. */
export const isCut = ({ status }: Experiment): boolean =>
  findCondition(status?.conditions, 'Finished')?.reason === DEADLINE_EXCEEDED;

/** Whether it ran out of its time. */
export function isOverdue(experiment: Experiment, trials: readonly Trial[], now: number): boolean {
  const deadline = deadlineOf(experiment, trials);
  return isCut(experiment) || (deadline !== null && now >= deadline);
}

/** Until it has to be looked at for that, milliseconds; empty where there is nothing to wait for. */
export function untilDeadline(
  experiment: Experiment,
  trials: readonly Trial[],
  now: number,
): { requeueAfterMs?: number } {
  const deadline = deadlineOf(experiment, trials);
  if (deadline === null || now >= deadline) return {};
  return { requeueAfterMs: Math.min(deadline - now, LONGEST_WAIT_MS) };
}

/** Why a Trial ends before it has results, or null. */
export function cutOff(experiment: Experiment | null): Finding | null {
  if (experiment === null || !isCut(experiment)) return null;
  const { name } = experiment.metadata;
  return {
    reason: DEADLINE_EXCEEDED,
    message: `Experiment ${name} has run out of its ${experiment.spec.deadlineSeconds} s (spec.deadlineSeconds)`,
  };
}
