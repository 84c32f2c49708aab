/** REST addresses of what the agents read and write besides the built-in kinds of `kube/resources.ts`. */
import type { ResourceType } from '../../kube/object.ts';

export const VMIS: ResourceType = {
  group: 'kubevirt.io',
  version: 'v1',
  plural: 'virtualmachineinstances',
  kind: 'VirtualMachineInstance',
  namespaced: true,
};

export const KUBEVIRTS: ResourceType = { ...VMIS, plural: 'kubevirts', kind: 'KubeVirt' };

export const ATTACHMENTS: ResourceType = {
  group: 'k8s.cni.cncf.io',
  version: 'v1',
  plural: 'network-attachment-definitions',
  kind: 'NetworkAttachmentDefinition',
  namespaced: true,
};

/** Kubelet, Multus and KubeVirt write events of the core group. */
export const CORE_EVENTS: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};

const admission = (plural: string, kind: string): ResourceType => ({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural,
  kind,
  namespaced: false,
});

export const MUTATING_WEBHOOKS = admission('mutatingwebhookconfigurations', 'MutatingWebhookConfiguration');
export const VALIDATING_WEBHOOKS = admission('validatingwebhookconfigurations', 'ValidatingWebhookConfiguration');
