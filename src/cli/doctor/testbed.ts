/** What the operator's preflight found of a Testbed, by topic: one line each, findings with their cures. Pure. */
import { findCondition } from '../../api/conditions.ts';
import type { Testbed, TestbedFinding, TestbedStatus } from '../../api/v1alpha1.ts';
import type { Reason } from '../../plan/preflight/finding.ts';
import { fail, type Line, ok, warn } from './line.ts';

const TOPICS = [
  'Multus',
  'attachments',
  'device plugin',
  'nodes',
  'resources',
  'CPU manager',
  'hugepages',
  'KubeVirt',
  'link and subnet',
  'operator rights',
] as const;
type Topic = (typeof TOPICS)[number];

/** Every reason that a preflight can give has its topic: the type holds that none is forgotten. */
const TOPIC_OF: Readonly<Record<Reason, Topic>> = {
  AttachmentInvalid: 'attachments',
  AttachmentNotFound: 'attachments',
  AttachmentUnreadable: 'attachments',
  BridgeUnnamed: 'attachments',
  Emulation: 'KubeVirt',
  InsufficientCompute: 'resources',
  InsufficientHugepages: 'hugepages',
  InsufficientVFs: 'device plugin',
  IPAMMissing: 'attachments',
  IPAMUnderVM: 'attachments',
  KubeVirtNotInstalled: 'KubeVirt',
  KubeVirtNotReady: 'KubeVirt',
  KubeVirtOld: 'KubeVirt',
  KubeVirtVersionUnknown: 'KubeVirt',
  LinkDown: 'link and subnet',
  LinkRateMismatch: 'link and subnet',
  MTUMismatch: 'link and subnet',
  MemoryOvercommit: 'KubeVirt',
  MultusNotInstalled: 'Multus',
  NoKVM: 'KubeVirt',
  NoManagementAddress: 'KubeVirt',
  NoVhostNet: 'KubeVirt',
  NodeCPUManager: 'CPU manager',
  NodeCordoned: 'nodes',
  NodeNotFound: 'nodes',
  NodeNotReady: 'nodes',
  NodeNotSchedulable: 'KubeVirt',
  NodeTainted: 'nodes',
  OneNode: 'nodes',
  PermissionsMissing: 'operator rights',
  PermissionsUnknown: 'operator rights',
  PluginUnfit: 'attachments',
  PoolShared: 'device plugin',
  PoolUnfit: 'device plugin',
  RateLimited: 'attachments',
  ResourceMismatch: 'device plugin',
  ResourceUnknown: 'device plugin',
  SriovSync: 'device plugin',
  SubnetInvalid: 'link and subnet',
  SubnetOverlaps: 'link and subnet',
  SubnetTooSmall: 'link and subnet',
  VFsInUse: 'device plugin',
  VLANLeftOver: 'attachments',
};

export function testbedLines(testbed: Testbed): Line[] {
  const { metadata, status } = testbed;
  const ready = findCondition(status?.conditions, 'Ready');
  const name = `Testbed ${metadata.name}`;
  if (status === undefined || ready === undefined)
    return [fail(name, 'no operator has looked at it: see the operator line above, and kubectl logs of its pods')];
  const stale =
    status.observedGeneration === metadata.generation
      ? []
      : [warn(name, 'its status is of an older spec: wait a moment, or see whether the operator runs')];
  return [...stale, ...TOPICS.flatMap((topic) => topicLines(topic, testbed, status, name))];
}

function topicLines(topic: Topic, testbed: Testbed, status: TestbedStatus, name: string): Line[] {
  const found = (status.findings ?? []).filter(({ reason }) => (TOPIC_OF[reason as Reason] ?? 'nodes') === topic);
  const title = `${name}, ${topic}`;
  if (found.length > 0) return found.map((one) => findingLine(title, one));
  const isUnknown = (status.findings ?? []).some(({ reason }) => reason === 'MultusNotInstalled');
  if (topic === 'attachments' && isUnknown) return [warn(title, 'not known before Multus is installed')];
  return [ok(title, HEALTHY[topic](testbed.spec, status))];
}

const findingLine = (title: string, { severity, reason, message }: TestbedFinding): Line =>
  (severity === 'Error' ? fail : warn)(title, `${reason}: ${message}`);

type Teller = (spec: Testbed['spec'], status: TestbedStatus) => string;

/** What a topic looks like where nothing is wrong. */
const HEALTHY: Readonly<Record<Topic, Teller>> = {
  Multus: () => 'NetworkAttachmentDefinitions are known',
  attachments: (_spec, { networks = [] }) =>
    networks
      .map(({ name, plugin = 'plugin unknown', modes }) => `${name} (${plugin}) for ${modes.join(', ') || 'no mode'}`)
      .join('; '),
  'device plugin': (_spec, status) => deviceText(status),
  nodes: (_spec, { nodes = [] }) => nodes.map(({ name, state = '' }) => `${name} ${state}`.trim()).join(', ') || 'none',
  resources: () => 'CPU and memory of the endpoints fit the nodes',
  'CPU manager': ({ vm }) => (vm?.dedicatedCPU === true ? 'dedicated CPUs can be had' : 'not needed: no dedicatedCPU'),
  hugepages: ({ vm }) =>
    vm?.hugepages === undefined ? 'not needed: no hugepages' : `pages of ${vm.hugepages} are there`,
  KubeVirt: ({ vm }, { kubevirt: { version = 'version unknown', phase = 'phase unknown' } = {} }) =>
    vm === undefined ? 'not needed: spec.vm is not set, Native modes only' : `${version}, ${phase}`,
  'link and subnet': ({ link, subnet }) => `${link.bitsPerSecond} bit/s, MTU ${link.mtu}, ${subnet}`,
  'operator rights': () => 'all that trials need',
};

function deviceText({ nodes = [] }: TestbedStatus): string {
  const parts = nodes.flatMap(({ name, resources }) =>
    resources.map(
      (one) => `${name} ${one.name} ${Math.max(0, one.allocatable - one.inUse)} of ${one.allocatable} free`,
    ),
  );
  return parts.length === 0 ? 'not needed: no network takes devices' : parts.join('; ');
}
