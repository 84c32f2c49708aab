/** All that an Experiment's plan may look at: one consistent snapshot. */
import type { Trial } from '../api/v1alpha1.ts';
import type { AdmitInput } from './admit.ts';
import type { Finding } from './observed.ts';

export interface ExperimentObserved extends AdmitInput {
  /** Trials that this Experiment owns (by UID). */
  trials: readonly Trial[];
  /** Why the API server would not have the next Trial when it was last tried, as it said so itself. */
  refused?: Finding | null;
}
