/** What all controllers share. */
import type { EndpointName, Refusal, Registration, ResultDocument, TrialPlan, Problem } from '../api/protocol.ts';
import type { Logger } from '../log.ts';
import type { Credentials } from '../plan/render/secret.ts';
import type { Executor } from './execute.ts';
import type { World } from './world.ts';

/** The controllers' side of the collector's meeting point, handed in by main. */
export interface Meeting {
  view(trialUid: string): ReadonlyMap<EndpointName, MeetingView>;
  release(trialUid: string, plan: TrialPlan): void;
  acknowledge(trialUid: string): void;
  refuse(trialUid: string, refusal: Refusal): void;
  forget(trialUid: string): void;
  onChange(listener: (trialUid: string) => void): void;
}

export interface MeetingView {
  registration: Registration | null;
  result: ResultDocument | null;
  resultDigest: string | null;
  resultGzip: Buffer | null;
  fault: Problem | null;
}

export interface Context {
  world: World;
  executor: Executor;
  meeting: Meeting;
  credentials: Credentials;
  /** IP address by which endpoints reach the collector; null where only a name is known. */
  collector: string | null;
  log: Logger;
  /** Milliseconds since the epoch. */
  now: () => number;
}
