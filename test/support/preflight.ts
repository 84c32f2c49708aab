/** A Testbed and a cluster that are fit, to break in one place; and how to read what the preflight says. */
import { findCondition } from '../../src/api/conditions.ts';
import type { TestbedFinding, TestbedStatus } from '../../src/api/v1alpha1.ts';
import type { NetworkAttachment, Node } from '../../src/plan/observed.ts';
import type { KubeVirt, SriovNodeState, TestbedObserved } from '../../src/plan/preflight/observed.ts';
import { RIGHTS, type RulesReview } from '../../src/plan/preflight/permissions.ts';
import { planTestbed } from '../../src/plan/preflight/plan.ts';
import { newTestbed, NOW } from './builders.ts';

export const VFNET = 'openshift.io/vfnet';
export const VFVFIO = 'openshift.io/vfvfio';

interface NodeChanges {
  labels?: Record<string, string>;
  spec?: Node['spec'];
  allocatable?: Record<string, string | undefined>;
  capacity?: Record<string, string>;
  ready?: { status: string; message?: string };
}

export function fitNode(name: string, changes: NodeChanges = {}): Node {
  const { labels = {}, spec, allocatable = {}, capacity = {}, ready = { status: 'True' } } = changes;
  const has = { cpu: '32', memory: '64Gi', 'hugepages-1Gi': '16Gi', 'hugepages-2Mi': '0' };
  const devices = {
    'devices.kubevirt.io/kvm': '1k',
    'devices.kubevirt.io/vhost-net': '1k',
    [VFNET]: '4',
    [VFVFIO]: '3',
  };
  const all = Object.entries({ ...has, ...devices, ...allocatable }).filter(([, value]) => value !== undefined);
  return {
    metadata: { name, labels: { 'kubevirt.io/schedulable': 'true', 'kubevirt.io/cpumanager': 'true', ...labels } },
    ...(spec === undefined ? {} : { spec }),
    status: {
      capacity: { ...has, ...devices, ...capacity },
      allocatable: Object.fromEntries(all) as Record<string, string>,
      conditions: [{ type: 'Ready', reason: 'KubeletReady', ...ready }],
      nodeInfo: { kernelVersion: '6.12' },
    },
  };
}

export const nodeMap = (...nodes: Node[]): Map<string, Node> =>
  new Map(nodes.map((node) => [node.metadata.name, node]));

/** `config` as an object or as text, which need not be JSON. */
export function nad(name: string, config: object | string, resource?: string): NetworkAttachment {
  const annotations = resource === undefined ? {} : { 'k8s.v1.cni.cncf.io/resourceName': resource };
  const text = typeof config === 'string' ? config : JSON.stringify({ cniVersion: '1.0.0', name, ...config });
  return { metadata: { name, namespace: 'bench', annotations }, spec: { config: text } };
}

export const STATIC = { capabilities: { ips: true, mac: true }, ipam: { type: 'static' } };

/** The three attachments of the builders' Testbed, and those given instead or besides. */
export function nads(...changed: NetworkAttachment[]): Map<string, NetworkAttachment> {
  const usual = [
    nad('vf-net', { type: 'sriov', vlan: 0, ...STATIC }, VFNET),
    nad('br-data', { type: 'bridge', bridge: 'br-data' }),
    nad('vf-vfio', { type: 'sriov', vlan: 0 }, VFVFIO),
  ];
  return new Map([...usual, ...changed].map((one) => [`bench/${one.metadata.name}`, one]));
}

export function kubevirt(
  status: KubeVirt['status'] = {},
  developer: { useEmulation?: boolean; memoryOvercommit?: number } = {},
): KubeVirt {
  return {
    metadata: { name: 'kubevirt', namespace: 'kubevirt' },
    spec: { configuration: { developerConfiguration: developer } },
    status: { phase: 'Deployed', observedKubeVirtVersion: 'v1.9.0', ...status },
  };
}

/** One PF with a netdevice and a vfio pool. */
export function sriovState(
  name: string,
  pf: { linkSpeed?: string; mtu?: number; vfMtu?: number; vfnet?: string; vfvfio?: string } = {},
  status: Omit<NonNullable<SriovNodeState['status']>, 'interfaces'> = { syncStatus: 'Succeeded' },
): SriovNodeState {
  const { linkSpeed = '10000 Mb/s', mtu = 1500, vfnet = 'netdevice', vfvfio = 'vfio-pci', vfMtu } = pf;
  const at = { name: 'ens1f0', pciAddress: '0000:3b:00.0' };
  const vfGroups = [
    { resourceName: 'vfnet', deviceType: vfnet, ...(vfMtu === undefined ? {} : { mtu: vfMtu }) },
    { resourceName: 'vfvfio', deviceType: vfvfio },
  ];
  return {
    metadata: { name, namespace: 'sriov-network-operator' },
    spec: { interfaces: [{ ...at, vfGroups }] },
    status: { interfaces: [{ ...at, linkSpeed, mtu }], ...status },
  };
}

export const states = (...all: SriovNodeState[]): Map<string, SriovNodeState> =>
  new Map(all.map((state) => [state.metadata.name, state]));

/** All that is needed, or what of it is left. */
export function rights(keep: (verb: string, resource: string) => boolean = () => true): RulesReview {
  const resourceRules = RIGHTS.map(({ group, resource, verbs }) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: verbs.filter((verb) => keep(verb, resource)),
  }));
  return { resourceRules, incomplete: false };
}

export const observed = (fields: Partial<TestbedObserved> = {}): TestbedObserved => ({
  testbed: newTestbed(),
  nodes: nodeMap(fitNode('node-a'), fitNode('node-b')),
  attachments: nads(),
  kubevirt: [kubevirt()],
  pods: [],
  sriovStates: new Map(),
  collector: null,
  experiments: [],
  rights: rights(),
  kept: new Map(),
  ...fields,
});

export function statusOf(fields: Partial<TestbedObserved> = {}): TestbedStatus {
  return planTestbed(observed(fields), NOW).status ?? {};
}

/** `Error AttachmentNotFound [passthrough; Passthrough]: message`. */
export function told({ severity, reason, network, modes, message }: TestbedFinding): string {
  const scope = [network, modes?.join('+')].filter((part) => part !== undefined).join('; ');
  return `${severity} ${reason}${scope === '' ? '' : ` [${scope}]`}: ${message}`;
}

/** The status and reason of each condition. */
export function conditionsOf(status: TestbedStatus): Record<string, string> {
  return Object.fromEntries((status.conditions ?? []).map((c) => [c.type, `${c.status}/${c.reason}`]));
}

export const readyMessage = (status: TestbedStatus): string => findCondition(status.conditions, 'Ready')?.message ?? '';

/** The builders' VM, to change. */
export const VM = { image: 'guest:1', cores: 2, memory: '1Gi', dedicatedCPU: false, multiqueue: false };
