/** The state of a running Experiment in one line, and the end of a trial in another. Pure. */
import { findCondition, isTrue } from '../api/conditions.ts';
import type { Experiment, Trial } from '../api/v1alpha1.ts';
import { cellKey } from '../plan/expand.ts';
import { left, type Left } from './remaining.ts';

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
const secondsOf = (trial: Trial): number => Math.max(0, (endOf(trial) - startOf(trial)) / 1000);
export const isFinished = (object: Trial | Experiment): boolean => isTrue(object.status?.conditions, 'Finished');
const hasSucceeded = (trial: Trial): boolean => isTrue(trial.status?.conditions, 'Succeeded');

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

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean seconds of finished trials by cell: of those that succeeded where there are any. */
function meanByCell(trials: readonly Trial[]): Map<string, number> {
  const means = new Map<string, number>();
  for (const [key, group] of Map.groupBy(trials, ({ spec }) => cellKey(spec))) {
    const good = group.filter(hasSucceeded);
    const found = mean((good.length === 0 ? group : good).map(secondsOf));
    if (found !== null) means.set(key, found);
  }
  return means;
}

/**
 * Seconds until the last planned block has run, by what trials of each cell took so far; of cells that never ran, by the
 * mean of all. As many run at once as do now. Null before any trial has ended.
 */
export function secondsLeft(experiment: Experiment, trials: readonly Trial[], now: number): number | null {
  const finished = trials.filter(isFinished);
  const overall = mean(finished.map(secondsOf));
  if (overall === null) return null;
  const means = meanByCell(finished);
  const running = trials.filter((trial) => !isFinished(trial));
  const open = [...left(experiment, trials).open].reduce(
    (sum, [key, count]) => sum + count * (means.get(key) ?? overall),
    0,
  );
  const spent = running.reduce(
    (sum, trial) => sum + Math.min(means.get(cellKey(trial.spec)) ?? overall, (now - startOf(trial)) / 1000),
    0,
  );
  return Math.max(0, open - spent) / Math.max(1, running.length);
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
