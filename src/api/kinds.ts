/** Kinds that are not built into Kubernetes, and events of the core group, by their REST address. */
import { GROUP, VERSION } from './labels.ts';

const namespaced = (group: string, version: string, plural: string, kind: string) => ({
  group,
  version,
  plural,
  kind,
  namespaced: true,
});

export const TESTBEDS = namespaced(GROUP, VERSION, 'testbeds', 'Testbed');
export const EXPERIMENTS = namespaced(GROUP, VERSION, 'experiments', 'Experiment');
export const TRIALS = namespaced(GROUP, VERSION, 'trials', 'Trial');

export const VMIS = namespaced('kubevirt.io', 'v1', 'virtualmachineinstances', 'VirtualMachineInstance');
export const KUBEVIRTS = namespaced('kubevirt.io', 'v1', 'kubevirts', 'KubeVirt');
export const ATTACHMENTS = namespaced(
  'k8s.cni.cncf.io',
  'v1',
  'network-attachment-definitions',
  'NetworkAttachmentDefinition',
);
/** The SR-IOV network operator's view of each node: read, never written. */
export const SRIOV_NODE_STATES = namespaced(
  'sriovnetwork.openshift.io',
  'v1',
  'sriovnetworknodestates',
  'SriovNetworkNodeState',
);
/** As kubelet, Multus and KubeVirt write them; ours are of events.k8s.io. */
export const CORE_EVENTS = namespaced('', 'v1', 'events', 'Event');
