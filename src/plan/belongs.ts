/** Whose a Trial is: by its owner, or by its name where somebody took the owner away. */
import type { Experiment, Trial } from '../api/v1alpha1.ts';
import { trialName } from './names.ts';

/** A Trial that no object owns, and that this Experiment made: the name is a hash of the Experiment's UID and the cell. */
export function isStrayOf({ metadata: { name, uid = '' } }: Experiment, trial: Trial): boolean {
  if ((trial.metadata.ownerReferences ?? []).length > 0) return false;
  const { mode, placement, pairs, block, attempt, experiment } = trial.spec;
  if (experiment !== name) return false;
  return trial.metadata.name === trialName({ experimentUid: uid, experiment, mode, placement, pairs, block, attempt });
}

export function belongs(experiment: Experiment, trial: Trial): boolean {
  const isOwned = trial.metadata.ownerReferences?.some(({ uid }) => uid === experiment.metadata.uid) ?? false;
  return isOwned || isStrayOf(experiment, trial);
}
