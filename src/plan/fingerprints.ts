/** What a Trial's status says of its endpoints' fingerprints. */
import type { TrialStatus } from '../api/v1alpha1.ts';
import { digestedText, fieldsOf, groupFingerprints } from '../results/provenance/fields.ts';
import { testbedFields } from './testbedFields.ts';
import type { TrialObserved } from './trialObserved.ts';
import { endpointsOf } from './trialStates.ts';

/** One entry for all endpoints of a node that are alike; nothing where none has told. */
export function fingerprintsOf(observed: TrialObserved): Pick<TrialStatus, 'fingerprints'> {
  const told = endpointsOf(observed.trial).flatMap((endpoint) => {
    const report = observed.reports.get(endpoint.name);
    const registration = report?.registration ?? report?.result?.registration;
    if (registration === undefined) return [];
    const fields = fieldsOf(registration, testbedFields(observed, endpoint));
    const fingerprint = { digest: observed.digest(digestedText(fields)), fields };
    return [{ name: endpoint.name, node: endpoint.node, fingerprint }];
  });
  return told.length === 0 ? {} : { fingerprints: groupFingerprints(told) };
}
