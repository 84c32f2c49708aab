/** Where Trials and their Experiment stand, and how long the rest will take. Pure. */
import { findCondition, isTrue } from '../api/conditions.ts';
import type { Experiment, Trial } from '../api/v1alpha1.ts';
import { cellKey } from './expand.ts';
import { left } from './remaining.ts';

/** Milliseconds since the epoch. */
export const startOf = (trial: Trial): number => Date.parse(trial.metadata.creationTimestamp ?? '');
const endOf = (trial: Trial): number => Date.parse(trial.status?.completionTime ?? '');
/** From its creation to its end. */
export const secondsOf = (trial: Trial): number => Math.max(0, (endOf(trial) - startOf(trial)) / 1000);
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
