/**
 * What a Trial is made from and judged by: its Testbed as it was when the Trial was granted. Who edits a Testbed means
 * the Trials that come, and those that run cannot follow.
 */
import type { GrantedTestbed, Testbed } from '../api/v1alpha1.ts';
import type { EndpointNeed } from './endpoints.ts';
import type { TrialObserved } from './trialObserved.ts';

/** As the grant keeps it. */
export function keptOf({ metadata, spec }: Testbed, needs: readonly EndpointNeed[]): GrantedTestbed {
  const { generation } = metadata;
  const { link, concurrency, pod, vm } = spec;
  const kinds = new Set(needs.map(({ kind }) => kind));
  return {
    ...(generation === undefined ? {} : { generation }),
    link,
    concurrency,
    ...(kinds.has('Pod') ? { pod } : {}),
    ...(kinds.has('VirtualMachineInstance') && vm !== undefined ? { vm } : {}),
  };
}

/** The same Trial on its Testbed as granted. Limits of time are those of now, and so is all where nothing was kept. */
export function asGranted(observed: TrialObserved): TrialObserved {
  const { trial, testbed } = observed;
  const kept = trial.status?.grant?.testbed;
  if (testbed === null || kept === undefined) return observed;
  const { generation: _, ...spec } = kept;
  return { ...observed, testbed: { ...testbed, spec: { ...testbed.spec, ...spec } } };
}
