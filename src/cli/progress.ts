/** The state of a running Experiment in one line, and the end of a trial in another. Pure. */
import { findCondition } from '../api/conditions.ts';
import type { Experiment, Trial } from '../api/v1alpha1.ts';
import { isFinished, secondsLeft, secondsOf, stage, startOf } from '../plan/progress.ts';
import { left, type Left } from '../plan/remaining.ts';

/** `75` seconds as `1m15s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m${String(whole % 60).padStart(2, '0')}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, '0')}m`;
}

function cellText({ spec }: Trial): string {
  const attempt = spec.attempt === 0 ? '' : `, attempt ${spec.attempt + 1}`;
  const pairs = spec.pairs === 1 ? '' : `, ${spec.pairs} pairs`;
  return `${spec.mode} ${spec.placement}${pairs}${attempt}`;
}

/** `about 3m10s left`; where blocks may end sooner than planned, that is the most. */
function leftText({ spec }: Experiment, seconds: number | null): string {
  if (seconds === null) return '';
  return `${spec.blocks.min < spec.blocks.max ? 'at most about' : 'about'} ${duration(seconds)} left`;
}

function countText({ done, planned, retries, givenUp }: Left): string[] {
  return [
    `trial ${Math.min(done + 1, planned)}/${planned}`,
    ...(retries === 0 ? [] : [retries === 1 ? '1 retry' : `${retries} retries`]),
    ...(givenUp === 0 ? [] : [`${givenUp} given up`]),
  ];
}

/** `block 3/6  trial 8/18  1 retry  virtio CrossNode: measuring 12s  elapsed 2m01s  about 3m10s left`. */
export function progressLine(experiment: Experiment, trials: readonly Trial[], now: number): string {
  const { progress, startTime, conditions } = experiment.status ?? {};
  const admitted = findCondition(conditions, 'Admitted');
  if (admitted?.status === 'False') return `waits: ${admitted.reason}: ${admitted.message}`;
  if (progress === undefined) return 'waits for the operator';
  const running = trials.filter((trial) => !isFinished(trial));
  const what = running
    .map((trial) => `${cellText(trial)}: ${stage(trial)} ${duration((now - startOf(trial)) / 1000)}`)
    .slice(0, 2);
  const elapsed = startTime === undefined ? '' : `elapsed ${duration((now - Date.parse(startTime)) / 1000)}`;
  const block = Math.min(progress.blocks + (progress.incompleteBlocks ?? 0) + 1, progress.plannedBlocks);
  return [
    `block ${block}/${progress.plannedBlocks}`,
    ...countText(left(experiment, trials)),
    ...what,
    elapsed,
    leftText(experiment, secondsLeft(experiment, trials, now)),
  ]
    .filter((part) => part !== '')
    .join('  ');
}

/** One line at the end of a trial. */
export function endLine(trial: Trial): string {
  const took = duration(secondsOf(trial));
  const head = `block ${trial.spec.block + 1}  ${cellText(trial)}`;
  const succeeded = findCondition(trial.status?.conditions, 'Succeeded');
  if (succeeded?.status === 'True') return `${head}: done in ${took}`;
  return `${head}: FAILED after ${took}: ${succeeded?.reason ?? 'Unknown'}: ${succeeded?.message ?? ''}`;
}
