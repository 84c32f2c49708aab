/** Custom kinds that the controllers read or write, by their REST address. */
import { GROUP, VERSION } from '../api/labels.ts';
import { CONFIGMAPS, PODS, type ResourceType, SECRETS } from '../kube/index.ts';

const ours = (plural: string, kind: string): ResourceType => ({
  group: GROUP,
  version: VERSION,
  plural,
  kind,
  namespaced: true,
});

export const TESTBEDS = ours('testbeds', 'Testbed');
export const EXPERIMENTS = ours('experiments', 'Experiment');
export const TRIALS = ours('trials', 'Trial');
export const VMIS: ResourceType = {
  group: 'kubevirt.io',
  version: 'v1',
  plural: 'virtualmachineinstances',
  kind: 'VirtualMachineInstance',
  namespaced: true,
};
export const KUBEVIRTS: ResourceType = { ...VMIS, plural: 'kubevirts', kind: 'KubeVirt' };
/** The SR-IOV network operator's view of each node: read, never written. */
export const SRIOV_NODE_STATES: ResourceType = {
  group: 'sriovnetwork.openshift.io',
  version: 'v1',
  plural: 'sriovnetworknodestates',
  kind: 'SriovNetworkNodeState',
  namespaced: true,
};
export const ATTACHMENTS: ResourceType = {
  group: 'k8s.cni.cncf.io',
  version: 'v1',
  plural: 'network-attachment-definitions',
  kind: 'NetworkAttachmentDefinition',
  namespaced: true,
};
/** Events as pods' CNI failures are told in: the core kind, which kubelet writes. */
export const CORE_EVENTS: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};

const CREATABLE = [PODS, SECRETS, CONFIGMAPS, VMIS, TRIALS, EXPERIMENTS];

/** @throws Error for a kind that no plan makes or removes. */
export function typeOf(kind: string): ResourceType {
  const found = CREATABLE.find((type) => type.kind === kind);
  if (found === undefined) throw new Error(`Kind ${kind} is not one of the controllers'`);
  return found;
}
