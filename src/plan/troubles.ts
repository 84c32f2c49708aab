/**
 * Since when each endpoint is held up by what holds it up now. No status tells that: a container waits without a time,
 * events repeat themselves. So it is remembered from look to look; a process that starts anew counts anew, within the
 * limit of the whole start.
 */
import type { TrialObserved } from './trialObserved.ts';
import { type Followed, SECOND, states, timeouts } from './trialStates.ts';

export interface Trouble {
  reason: string;
  /** When it was seen first, milliseconds since the epoch. */
  since: number;
}

/** By name of endpoint. */
export type Troubles = ReadonlyMap<string, Trouble>;

/** `known`: what the last look gave. `now` in milliseconds since the epoch. */
export function troublesOf(observed: Omit<TrialObserved, 'troubles'>, known: Troubles, now: number): Troubles {
  const patience = ((timeouts(observed)?.scheduleSeconds ?? 0) * SECOND) / 2;
  const found = states(observed).flatMap((followed): [string, Trouble][] => {
    const reason = reasonOf(followed, now - patience);
    if (reason === null) return [];
    const { name } = followed.endpoint;
    const before = known.get(name);
    return [[name, before?.reason === reason ? before : { reason, since: now }]];
  });
  return new Map(found);
}

/**
 * What is only said, and not in any status, holds for as long as it is repeated. KubeVirt's tries double their distance:
 * of a trouble as old as its wait, the last try is not older than half of that.
 */
function reasonOf({ state }: Followed, oldest: number): string | null {
  if (state.state !== 'Starting' || state.finding === null) return null;
  return state.saidAt !== undefined && state.saidAt < oldest ? null : state.finding.reason;
}
