/** What the page is made of, handed in by main: reads of the operator's own stores, and questions to the API server. */
import type { Experiment, Testbed, Trial } from '../../api/v1alpha1.ts';
import type { ReadPart } from '../sealedReport.ts';

export type PageKind = 'Experiment' | 'Testbed';

/** Reads are synchronous and cost no request. Keys are `namespace/name`. */
export interface PageSource {
  experiments(): readonly Experiment[];
  experiment(key: string): Experiment | undefined;
  testbeds(): readonly Testbed[];
  testbed(key: string): Testbed | undefined;
  /** All Trials of the Experiment with that UID. */
  trials(experimentUid: string): readonly Trial[];
  /** Those of them that are not over. */
  running(experimentUid: string): readonly Trial[];
  /** Calls the listener at each change of an object, or of a Trial of it, until the result is called. */
  subscribe(listener: (kind: PageKind, key: string) => void): () => void;
  /** Seconds until the Experiment ends, as far as can be told. */
  secondsLeft(experiment: Experiment, now: number): number | null;
  /** Where a Trial stands, as a word. */
  stage(trial: Trial): string;
  /** For reports whose Trials are gone; asks the API server. */
  readPart: ReadPart;
}

/** Who calls, as the API server knows them. */
export interface User {
  username: string;
  uid?: string;
  groups?: string[];
  extra?: Record<string, string[]>;
}

/** What is asked for a user; `namespace` is empty for all of them, `name` absent for all objects. */
export interface AccessQuestion {
  verb: 'get' | 'list';
  resource: 'experiments' | 'testbeds' | 'trials';
  namespace: string;
}

/** The API server's word on who somebody is and what they may do. Both throw where it cannot be had. */
export interface Reviewer {
  /** TokenReview; null for a token that is not good. */
  authenticate(token: string): Promise<User | null>;
  /** SubjectAccessReview. */
  may(user: User, question: AccessQuestion): Promise<boolean>;
}
