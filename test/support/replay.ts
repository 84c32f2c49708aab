/** What happens to a Trial's endpoints, played at its time on the model of the cluster, until the Trial is told to have failed. */
import type { Finding } from '../../src/plan/observed.ts';
import type { TrialWorld } from './trial-world.ts';

export interface Happening {
  /** Milliseconds since the epoch. */
  at: number;
  change: (world: TrialWorld) => unknown;
}

export type Told = Finding & {
  /** Since the grant. */
  seconds: number;
};

const LONGEST_MS = 3_600_000;

/**
 * Looks as the operator does: at each change, and when the plan asked to be called again; at no other time. Null where
 * nothing fails, and nothing is left to wait for.
 */
export function play(world: TrialWorld, happenings: readonly Happening[]): Told | null {
  const begin = world.now;
  const ahead = [...happenings].sort((a, b) => a.at - b.at);
  let due = world.settle().requeueAfterMs;
  while (world.now - begin < LONGEST_MS) {
    const wake = due === undefined ? Infinity : world.now + due;
    const next = ahead[0];
    if (next === undefined && wake === Infinity) return null;
    if (next !== undefined && next.at <= wake) {
      world.now = Math.max(world.now, next.at);
      ahead.shift();
      next.change(world);
    } else world.now = wake;
    due = world.reconcile().requeueAfterMs;
    const failed = world.trial.status?.conditions?.find(
      ({ type, status }) => type === 'Measured' && status === 'False',
    );
    if (failed === undefined) continue;
    const { reason, message } = failed;
    return { reason, message, seconds: Math.floor((world.now - begin) / 1000) };
  }
  throw new Error('The trial neither fails nor comes to rest');
}
