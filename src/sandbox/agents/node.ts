/** The Node object of a sandbox node, and its Lease, as kubelet and virt-handler keep them. Pure. */
import { LABEL_ENVIRONMENT } from '../../api/labels.ts';
import type { DevicePool } from './devices.ts';
import { type Node, type NodeCondition, timestamp } from './objects.ts';

/** What a sandbox node claims to have; it is more than the machine has, since nothing here is measured in it. */
export interface NodeCapacity {
  cpu: string;
  memory: string;
  pods: string;
  'hugepages-1Gi': string;
  'hugepages-2Mi': string;
}

export const CAPACITY: NodeCapacity = {
  cpu: '64',
  memory: '256Gi',
  pods: '250',
  'hugepages-1Gi': '32Gi',
  'hugepages-2Mi': '32Gi',
};

export interface NodeFacts {
  name: string;
  /** Address on the (made-up) node network. */
  ip: string;
  pools: DevicePool[];
  capacity: NodeCapacity;
  kernel: string;
  machineId: string;
}

export const LEASE_NAMESPACE = 'kube-node-lease';
const KUBELET_VERSION = 'v1.36.3';

/** Labels of a node, the emulation's mark among them. */
export function nodeLabels(name: string): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    cpumanager: 'true',
    'kubevirt.io/cpumanager': 'true',
    'kubevirt.io/schedulable': 'true',
    'machine-type.node.kubevirt.io/pc-q35-10.0': 'true',
    'machine-type.node.kubevirt.io/q35': 'true',
    'feature.node.kubernetes.io/network-sriov.capable': 'true',
    [LABEL_ENVIRONMENT]: 'emulated',
  };
}

/** A node as it is registered; its status is written separately. */
export function renderNode(facts: NodeFacts, now: Date): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: facts.name,
      labels: nodeLabels(facts.name),
      annotations: { 'kubevirt.io/heartbeat': timestamp(now), 'kubevirt.io/ksm-handler-managed': 'false' },
    },
    spec: { providerID: `sandbox://${facts.name}` },
  };
}

/** Status of a node that is well, or of one that is not heard of any more. */
export function nodeStatus(
  facts: NodeFacts,
  before: Node | undefined,
  now: Date,
  lost = false,
): NonNullable<Node['status']> {
  const resources = capacityOf(facts);
  return {
    addresses: [
      { type: 'InternalIP', address: facts.ip },
      { type: 'Hostname', address: facts.name },
    ],
    capacity: resources,
    allocatable: resources,
    conditions: conditions(before?.status?.conditions ?? [], now, lost),
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: 'amd64',
      bootID: facts.machineId,
      containerRuntimeVersion: 'sandbox://1',
      kernelVersion: facts.kernel,
      kubeProxyVersion: '',
      kubeletVersion: KUBELET_VERSION,
      machineID: facts.machineId,
      operatingSystem: 'linux',
      osImage: 'vfbench sandbox',
      systemUUID: facts.machineId,
    },
  };
}

function capacityOf({ capacity, pools }: NodeFacts): Record<string, string> {
  return {
    ...capacity,
    'ephemeral-storage': '64Gi',
    'devices.kubevirt.io/kvm': '1k',
    'devices.kubevirt.io/tun': '1k',
    'devices.kubevirt.io/vhost-net': '1k',
    ...Object.fromEntries(pools.map((pool) => [pool.resource, String(pool.count)])),
  };
}

const HEALTH: [type: string, status: 'True' | 'False', reason: string, message: string][] = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
];

function conditions(before: NodeCondition[], now: Date, lost: boolean): NodeCondition[] {
  const at = timestamp(now);
  return HEALTH.map(([type, well, reason, message]) => {
    const status = lost ? 'Unknown' : well;
    const old = before.find((each) => each.type === type);
    const unknown = { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' };
    return {
      type,
      status,
      ...(lost ? unknown : { reason, message }),
      lastHeartbeatTime: lost ? (old?.lastHeartbeatTime ?? at) : at,
      lastTransitionTime: old?.status === status ? old.lastTransitionTime : at,
    };
  });
}

/** The Lease by which kube-controller-manager knows that a node lives. */
export function renderLease(name: string, nodeUid: string, now: Date): LeaseObject {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: LEASE_NAMESPACE,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: nodeUid }],
    },
    spec: {
      holderIdentity: name,
      leaseDurationSeconds: 40,
      renewTime: now.toISOString().replace('Z', '000Z'),
    },
  };
}

export interface LeaseObject {
  apiVersion: 'coordination.k8s.io/v1';
  kind: 'Lease';
  metadata: {
    name: string;
    namespace: string;
    ownerReferences: { apiVersion: string; kind: string; name: string; uid: string }[];
  };
  spec: { holderIdentity: string; leaseDurationSeconds: number; renewTime: string };
}
