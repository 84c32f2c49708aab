/**
 * What became of an endpoint: reads a pod, or a VMI with its launcher pod and events, and says whether
 * it is on its way, up, ended, gone or failed, and why. A VMI being deleted passes through Failed:
 * that is no failure.
 */
import { LABEL_CREATED_BY, LABEL_ENDPOINT } from '../api/labels.ts';
import type { GrantedEndpoint } from '../api/v1alpha1.ts';
import { requested } from './inventory.ts';
import type { Finding, ObjectEvent, Pod, Vmi } from './observed.ts';
import { type EndpointState, podState } from './podState.ts';
import { vmiState } from './vmiState.ts';

export type { EndpointState } from './podState.ts';

export interface EndpointObjects {
  pod?: Pod;
  vmi?: Vmi;
  launcher?: Pod;
  events: readonly ObjectEvent[];
}

/** Each endpoint was granted one device: what its pod asks for as it was admitted, webhooks and all, must be that. */
function injectorConflict(pod: Pod | undefined, endpoint: GrantedEndpoint): Finding | null {
  if (pod === undefined || endpoint.resource === undefined) return null;
  const count = requested(pod, endpoint.resource);
  if (count === 1) return null;
  const what = endpoint.kind === 'Pod' ? 'Pod' : 'Launcher pod';
  const exclude = `exclude namespace ${pod.metadata.namespace}`;
  const why =
    count === 0
      ? `a webhook took it away, see kubectl get mutatingwebhookconfigurations and ${exclude}`
      : `a network resources injector changed it; ${exclude} or turn off honouring existing resources`;
  return {
    reason: 'InjectorConflict',
    message: `${what} ${pod.metadata.name} asks for ${count} of ${endpoint.resource}, granted is 1: ${why}`,
  };
}

/** The state of one granted endpoint. */
export function follow(endpoint: GrantedEndpoint, objects: EndpointObjects): EndpointState {
  const { pod, vmi, launcher, events } = objects;
  const own = endpoint.kind === 'Pod' ? pod : vmi;
  if (own === undefined) return { state: 'Absent' };
  const state = endpoint.kind === 'Pod' ? podState(own as Pod, events) : vmiState(own as Vmi, launcher, events);
  if (state.state !== 'Starting' && state.state !== 'Running') return state;
  const conflict = injectorConflict(pod ?? launcher, endpoint);
  return conflict === null ? state : { state: 'Failed', finding: conflict };
}

/** By KubeVirt's label, or by its owner where somebody changed the labels. */
const isLauncherOf = ({ metadata: { labels, ownerReferences } }: Pod, { metadata: { uid } }: Vmi): boolean =>
  labels?.[LABEL_CREATED_BY] === uid || (ownerReferences?.some((owner) => owner.uid === uid) ?? false);

/** Picks an endpoint's objects out of all children of its Trial. */
export function objectsOf(
  endpoint: GrantedEndpoint,
  all: { pods: readonly Pod[]; vmis: readonly Vmi[]; events: readonly ObjectEvent[] },
): EndpointObjects {
  if (endpoint.kind === 'Pod') {
    const pod = all.pods.find((candidate) => candidate.metadata.name === endpoint.object);
    return { ...(pod ? { pod } : {}), events: all.events };
  }
  const vmi = all.vmis.find((candidate) => candidate.metadata.name === endpoint.object);
  const launcher =
    all.pods.find((pod) => vmi !== undefined && isLauncherOf(pod, vmi)) ??
    all.pods.find(
      (pod) => pod.metadata.name !== endpoint.object && pod.metadata.labels?.[LABEL_ENDPOINT] === endpoint.name,
    );
  return { ...(vmi ? { vmi } : {}), ...(launcher ? { launcher } : {}), events: all.events };
}
