/**
 * Who stands on which node: pods bound there, and what is on its way. An endpoint that is not bound yet, or a VM whose
 * launcher pod is not there yet, takes its devices where it is sent, whatever became of its Trial.
 */
import { LABEL_CREATED_BY, LABEL_TRIAL, LABEL_TRIAL_UID } from '../api/labels.ts';
import type { ObjectMeta } from '../api/v1alpha1.ts';
import { type Affinity, isLive, type Pod, type Vmi } from './observed.ts';

/** UID of the Trial that an object belongs to: by its label, else by its owner. */
export function trialUidOf({ labels, ownerReferences }: ObjectMeta): string | undefined {
  return labels?.[LABEL_TRIAL_UID] ?? ownerReferences?.find(({ kind }) => kind === 'Trial')?.uid;
}

/** `namespace/name` of that Trial; where only its UID is known, the object's. */
function trialOf({ metadata: { namespace, name, labels, ownerReferences } }: Pod): string {
  const owner = ownerReferences?.find(({ kind }) => kind === 'Trial');
  return `${namespace}/${labels?.[LABEL_TRIAL] ?? owner?.name ?? name}`;
}

/** The node that our endpoints name (see render/placement.ts); KubeVirt hands it on to launcher pods. */
function sentTo(affinity: Affinity | undefined): string | undefined {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const fields = terms.flatMap(({ matchFields = [] }) => matchFields);
  return fields.find(({ key }) => key === 'metadata.name')?.values?.[0];
}

/** A pod with the node that it is bound to or sent to. */
function placed(pod: Pod): Pod {
  const { nodeName = sentTo(pod.spec.affinity) } = pod.spec;
  return nodeName === pod.spec.nodeName ? pod : { ...pod, spec: { ...pod.spec, nodeName: nodeName ?? '' } };
}

/** A VM as the pod that it will be. */
function expected({ metadata, spec }: Vmi): Pod {
  const nodeName = sentTo(spec?.affinity);
  const resources = spec?.domain?.resources;
  return {
    metadata,
    spec: {
      ...(nodeName === undefined ? {} : { nodeName }),
      containers: [{ name: 'vm', ...(resources === undefined ? {} : { resources }) }],
    },
  };
}

/**
 * @param bound pods on the watched nodes, anybody's.
 * @param own pods of Trials, bound or not, launcher pods among them; an object without its label is not watched any
 * more, and what is known of it may be stale: it is left out.
 */
export function footprints(bound: readonly Pod[], own: readonly Pod[], vmis: readonly Vmi[]): Pod[] {
  const pods = new Map(bound.map((pod) => [pod.metadata.uid ?? '', pod]));
  const watched = ({ metadata }: Pod | Vmi): boolean => metadata.labels?.[LABEL_TRIAL] !== undefined;
  for (const pod of own) if (watched(pod) && !pods.has(pod.metadata.uid ?? '')) pods.set(pod.metadata.uid ?? '', pod);
  const launched = new Set(
    [...pods.values()].filter(isLive).map(({ metadata }) => metadata.labels?.[LABEL_CREATED_BY] ?? ''),
  );
  const coming = vmis.filter((vmi) => watched(vmi) && isLive(vmi) && !launched.has(vmi.metadata.uid ?? ''));
  return [...[...pods.values()].map(placed), ...coming.map(expected)];
}

/** Nodes where something of a Trial stands that holds no grant that is known, with such Trials as `namespace/name`. */
export function lingeringNodes(pods: readonly Pod[], live: ReadonlySet<string>): Map<string, Set<string>> {
  const nodes = new Map<string, Set<string>>();
  for (const pod of pods) {
    const uid = trialUidOf(pod.metadata);
    const node = pod.spec.nodeName;
    if (uid === undefined || node === undefined || !isLive(pod) || live.has(uid)) continue;
    nodes.set(node, (nodes.get(node) ?? new Set()).add(trialOf(pod)));
  }
  return nodes;
}
