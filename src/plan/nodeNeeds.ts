/** What KubeVirt needs of a node before it puts VMs there, and the cures: for the preflight and for admission. Pure. */
import { LABEL_CPU_MANAGER, LABEL_SCHEDULABLE } from '../api/labels.ts';
import type { Node } from './observed.ts';
import { parseQuantity } from './quantity.ts';

const KVM = 'devices.kubevirt.io/kvm';

export interface NodeNeed {
  reason: 'NodeNotSchedulable' | 'NodeCPUManager' | 'NoKVM';
  what: string;
  /** False where the node does not have it. */
  isMet: (node: Node) => boolean;
  /** The node, what of it is missing, and the cure. */
  text: (node: Node) => string;
}

const says = ({ metadata }: Node, label: string): string => `${label} is ${metadata.labels?.[label] ?? 'not set'}`;
const hasLabel = ({ metadata }: Node, label: string): boolean => metadata.labels?.[label] === 'true';

/** Zero, and not merely unknown. */
export const isNone = (node: Node, resource: string): boolean =>
  parseQuantity(node.status?.allocatable?.[resource]) === 0;

export const SCHEDULABLE: NodeNeed = {
  reason: 'NodeNotSchedulable',
  what: `KubeVirt runs VMs on nodes labelled ${LABEL_SCHEDULABLE}=true only`,
  isMet: (node) => hasLabel(node, LABEL_SCHEDULABLE),
  text: (node) => `${node.metadata.name} (${says(node, LABEL_SCHEDULABLE)}): see whether virt-handler runs there`,
};

/** Of VMs with dedicated CPUs. */
export const CPU_MANAGER: NodeNeed = {
  reason: 'NodeCPUManager',
  what: `dedicatedCPU takes nodes labelled ${LABEL_CPU_MANAGER}=true only`,
  isMet: (node) => hasLabel(node, LABEL_CPU_MANAGER),
  text: (node) =>
    `${node.metadata.name} (${says(node, LABEL_CPU_MANAGER)}): set cpuManagerPolicy static in its kubelet, then kubectl label node ${node.metadata.name} ${LABEL_CPU_MANAGER}=true --overwrite`,
};

/** Unless KubeVirt emulates CPUs. */
export const HAS_KVM: NodeNeed = {
  reason: 'NoKVM',
  what: 'VMs need KVM',
  isMet: (node) => !isNone(node, KVM),
  text: (node) => `${node.metadata.name} (0 of ${KVM}): enable virtualization in its firmware, load the kvm module`,
};
