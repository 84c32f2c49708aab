/** The state of a running Experiment in one line, and the end of a trial in another. Pure. */
import { findCondition, isTrue } from '../api/conditions.ts';
import type { Experiment, Trial } from '../api/v1alpha1.ts';

/** `75` seconds as `1m15s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m${String(whole % 60).padStart(2, '0')}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, '0')}m`;
}

const startOf = (trial: Trial): number => Date.parse(trial.metadata.creationTimestamp ?? '');
const endOf = (trial: Trial): number => Date.parse(trial.status?.completionTime ?? '');
export const isFinished = (object: Trial | Experiment): boolean => isTrue(object.status?.conditions, 'Finished');

/** Where a trial stands, as a word for people. */
export function stage(trial: Trial): string {
  const { conditions } = trial.status ?? {};
  if (isFinished(trial)) return isTrue(conditions, 'Succeeded') ? 'done' : 'failed';
  const measured = findCondition(conditions, 'Measured');
  if (measured !== undefined) return 'cleaning up';
  if (isTrue(conditions, 'EndpointsReady')) return 'measuring';
  if (isTrue(conditions, 'Granted'))
    return trial.status?.grant?.endpoints.some((e) => e.kind !== 'Pod') ? 'booting' : 'starting';
  return 'waiting';
}

function cellText({ spec }: Trial): string {
  const attempt = spec.attempt === 0 ? '' : `, attempt ${spec.attempt + 1}`;
  const pairs = spec.pairs === 1 ? '' : `, ${spec.pairs} pairs`;
  return `${spec.mode} ${spec.placement}${pairs}${attempt}`;
}

/** Seconds until the planned end, by the mean of the trials so far, each mode on its own; null before any has ended. */
export function secondsLeft(experiment: Experiment, trials: readonly Trial[], now: number): number | null {
  const done = trials.filter((trial) => isFinished(trial));
  const { progress } = experiment.status ?? {};
  if (done.length === 0 || progress === undefined) return null;
  const mean = done.reduce((sum, trial) => sum + (endOf(trial) - startOf(trial)) / 1000, 0) / done.length;
  const running = trials.find((trial) => !isFinished(trial));
  const spent = running === undefined ? 0 : Math.min(mean, (now - startOf(running)) / 1000);
  return Math.max(0, (progress.plannedTrials - progress.trials) * mean - spent);
}

/** `block 3/6  trial 8/18  virtio CrossNode: measuring 12s  elapsed 2m01s  about 3m10s left`. */
export function progressLine(experiment: Experiment, trials: readonly Trial[], now: number): string {
  const { progress, startTime } = experiment.status ?? {};
  const admitted = findCondition(experiment.status?.conditions, 'Admitted');
  if (admitted?.status === 'False') return `waits: ${admitted.reason}: ${admitted.message}`;
  if (progress === undefined) return 'waits for the operator';
  const running = trials.filter((trial) => !isFinished(trial));
  const what = running
    .map((trial) => `${cellText(trial)}: ${stage(trial)} ${duration((now - startOf(trial)) / 1000)}`)
    .slice(0, 2);
  const elapsed = startTime === undefined ? '' : `elapsed ${duration((now - Date.parse(startTime)) / 1000)}`;
  const left = secondsLeft(experiment, trials, now);
  const block = Math.min(progress.blocks + 1, progress.plannedBlocks);
  return [
    `block ${block}/${progress.plannedBlocks}`,
    `trial ${Math.min(progress.trials + 1, progress.plannedTrials)}/${progress.plannedTrials}`,
    ...what,
    elapsed,
    left === null ? '' : `about ${duration(left)} left`,
    progress.failed === 0 ? '' : `${progress.failed} failed`,
  ]
    .filter((part) => part !== '')
    .join('  ');
}

/** One line at the end of a trial. */
export function endLine(trial: Trial): string {
  const took = duration((endOf(trial) - startOf(trial)) / 1000);
  const head = `block ${trial.spec.block + 1}  ${cellText(trial)}`;
  const succeeded = findCondition(trial.status?.conditions, 'Succeeded');
  if (succeeded?.status === 'True') return `${head}: done in ${took}`;
  return `${head}: FAILED after ${took}: ${succeeded?.reason ?? 'Unknown'}: ${succeeded?.message ?? ''}`;
}
