/** Metadata that every child of a Trial carries. */
import { API_VERSION, LABEL_ENDPOINT, LABEL_EXPERIMENT, LABEL_TRIAL, LABEL_TRIAL_UID } from '../../api/labels.ts';
import type { ObjectMeta, OwnerReference, Trial } from '../../api/v1alpha1.ts';

export function ownedBy(owner: { kind: string; metadata: ObjectMeta }): OwnerReference {
  return {
    apiVersion: API_VERSION,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Selects all children of this Trial, and none of an earlier Trial of the same name. */
export const childSelector = (trialUid: string): string => `${LABEL_TRIAL_UID}=${trialUid}`;

export function childMeta(trial: Trial, name: string, endpoint?: string): ObjectMeta {
  return {
    name,
    namespace: trial.metadata.namespace ?? '',
    labels: {
      [LABEL_TRIAL]: trial.metadata.name,
      [LABEL_TRIAL_UID]: trial.metadata.uid ?? '',
      [LABEL_EXPERIMENT]: trial.spec.experiment,
      ...(endpoint === undefined ? {} : { [LABEL_ENDPOINT]: endpoint }),
    },
    ownerReferences: [ownedBy(trial)],
  };
}
