/** What the checks of a trial share: its endpoints, what became of them, its limits and clocks. */
import type { GrantedEndpoint, Timeouts, Trial } from '../api/v1alpha1.ts';
import { type EndpointState, follow, objectsOf } from './follow.ts';
import type { Finding } from './observed.ts';
import { since } from './status.ts';
import type { TrialObserved } from './trialObserved.ts';

export const SECOND = 1000;

/** Null where all is well, as far as it looks. `now` in milliseconds since the epoch. */
export type Check = (observed: TrialObserved, now: number) => Finding | null;

export interface Followed {
  endpoint: GrantedEndpoint;
  state: EndpointState;
}

export function endpointsOf(trial: Trial): GrantedEndpoint[] {
  return trial.status?.grant?.endpoints ?? [];
}

export function states(observed: Pick<TrialObserved, 'trial' | 'pods' | 'vmis' | 'events'>): Followed[] {
  return endpointsOf(observed.trial).map((endpoint) => ({
    endpoint,
    state: follow(endpoint, objectsOf(endpoint, observed)),
  }));
}

/** Null where the Testbed is gone. */
export function timeouts(observed: Pick<TrialObserved, 'testbed'>): Timeouts | null {
  return observed.testbed?.spec.timeouts ?? null;
}

/** When a condition last changed, in milliseconds since the epoch; now where it is not set. */
export const sinceOf = (observed: TrialObserved, type: string, now: number): number =>
  since(observed.trial.status?.conditions, type) ?? now;
