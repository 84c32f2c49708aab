/** What a Trial's status says of its endpoints' fingerprints. */
import type { TrialStatus } from '../api/v1alpha1.ts';
import { groupFingerprints } from '../results/provenance/fields.ts';
import type { TrialObserved } from './trialObserved.ts';

/** One entry for all endpoints of a node that are alike; nothing where none has told. */
export function fingerprintsOf({ trial, reports }: TrialObserved): Pick<TrialStatus, 'fingerprints'> {
  const told = (trial.status?.grant?.endpoints ?? []).flatMap(({ name, node }) => {
    const fingerprint = reports.get(name)?.fingerprint;
    return fingerprint === undefined ? [] : [{ name, node, fingerprint }];
  });
  return told.length === 0 ? {} : { fingerprints: groupFingerprints(told) };
}
