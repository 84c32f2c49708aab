/** Valid objects to start a test from; each takes what the test is about. */
import type {
  Condition,
  Experiment,
  ExperimentSpec,
  Testbed,
  TestbedSpec,
  Trial,
  TrialStatus,
} from '../../src/api/v1alpha1.ts';
import type { NetworkAttachment, Node, Pod, Vmi } from '../../src/plan/observed.ts';
import type { Credentials } from '../../src/plan/render/secret.ts';

export const NOW = Date.parse('2026-01-01T00:10:00Z');
const CREATED = '2026-01-01T00:00:00Z';

/** Judged by the preflight, and fit. */
export const testbed = (spec: Partial<TestbedSpec> = {}): Testbed => ({
  ...newTestbed(spec),
  status: { findings: [] },
});

/** As a user creates it. */
export function newTestbed(spec: Partial<TestbedSpec> = {}): Testbed {
  return {
    apiVersion: 'vfbench.io/v1alpha1',
    kind: 'Testbed',
    metadata: { name: 'lab', namespace: 'bench', uid: 'testbed-1', generation: 1 },
    spec: {
      nodes: { server: { names: ['node-a'] }, client: { names: ['node-b'] } },
      link: { bitsPerSecond: '10G', mtu: 1500 },
      subnet: '192.168.50.0/24',
      networks: [
        { name: 'native', attachment: 'vf-net' },
        { name: 'virtio', attachment: 'br-data' },
        { name: 'passthrough', attachment: 'vf-vfio' },
      ],
      pod: { image: 'runner:1' },
      vm: { image: 'guest:1', cores: 2, memory: '1Gi', dedicatedCPU: false, multiqueue: false },
      concurrency: 1,
      timeouts: { scheduleSeconds: 120, startSeconds: 300, marginSeconds: 60, cleanupSeconds: 180 },
      ...spec,
    },
  };
}

export function experiment(spec: Partial<ExperimentSpec> = {}): Experiment {
  return {
    apiVersion: 'vfbench.io/v1alpha1',
    kind: 'Experiment',
    metadata: { name: 'exp', namespace: 'bench', uid: 'experiment-1', generation: 1, creationTimestamp: CREATED },
    spec: {
      testbed: 'lab',
      modes: [
        { name: 'native', type: 'Native' },
        { name: 'virtio', type: 'Virtio' },
        { name: 'passthrough', type: 'Passthrough' },
      ],
      baseline: 'native',
      placements: ['CrossNode'],
      pairs: [1],
      tests: [{ name: 'bandwidth', type: 'Stream', protocol: 'TCP', streams: [1], direction: 'Forward' }],
      blocks: { min: 2, max: 2, precisionPercent: 3, retries: 1 },
      durationSeconds: 2,
      warmupSeconds: 1,
      comparison: { confidencePercent: 95, equivalencePercent: 5 },
      seed: 7,
      suspend: false,
      ...spec,
    },
  };
}

export function node(name: string, resources: Record<string, string> = { 'x/vfnet': '4', 'x/vfvfio': '4' }): Node {
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubevirt.io/schedulable': 'true' } },
    status: {
      allocatable: resources,
      conditions: [{ type: 'Ready', status: 'True' }],
      nodeInfo: { kernelVersion: '6.12' },
    },
  };
}

export const nodes = (...names: string[]): Map<string, Node> => new Map(names.map((name) => [name, node(name)]));

export function attachments(): Map<string, NetworkAttachment> {
  const nad = (name: string, resource?: string): [string, NetworkAttachment] => [
    `bench/${name}`,
    {
      metadata: {
        name,
        namespace: 'bench',
        ...(resource === undefined ? {} : { annotations: { 'k8s.v1.cni.cncf.io/resourceName': resource } }),
      },
    },
  ];
  return new Map([nad('vf-net', 'x/vfnet'), nad('br-data'), nad('vf-vfio', 'x/vfvfio')]);
}

/** Attachments that set nothing on a VF. */
export function configuredAttachments(): Map<string, NetworkAttachment> {
  const spec = { config: JSON.stringify({ cniVersion: '1.0.0', type: 'sriov', vlan: 0 }) };
  return new Map([...attachments()].map(([key, nad]) => [key, { ...nad, spec }]));
}

export function condition(type: string, status: Condition['status'], fields: Partial<Condition> = {}): Condition {
  return { type, status, reason: 'Test', message: '', lastTransitionTime: '2026-01-01T00:09:00Z', ...fields };
}

export function trial(spec: Partial<Trial['spec']> = {}, status?: TrialStatus): Trial {
  const full = {
    experiment: 'exp',
    testbed: 'lab',
    mode: 'native',
    placement: 'CrossNode' as const,
    pairs: 1,
    block: 0,
    attempt: 0,
    ...spec,
  };
  const name = `exp-b${full.block}-${full.mode}-${full.placement.toLowerCase()}-${full.pairs}-${full.attempt}`;
  return {
    apiVersion: 'vfbench.io/v1alpha1',
    kind: 'Trial',
    metadata: {
      name,
      namespace: 'bench',
      uid: `uid-${name}`,
      generation: 1,
      creationTimestamp: CREATED,
      ownerReferences: [
        { apiVersion: 'vfbench.io/v1alpha1', kind: 'Experiment', name: 'exp', uid: 'experiment-1', controller: true },
      ],
    },
    spec: full,
    ...(status === undefined ? {} : { status }),
  };
}

export function pod(
  name: string,
  fields: Partial<Pod['metadata']> = {},
  status: Pod['status'] = { phase: 'Running' },
): Pod {
  return {
    metadata: { name, namespace: 'bench', uid: `uid-${name}`, ...fields },
    spec: { nodeName: 'node-a', containers: [{ name: 'runner' }] },
    status,
  };
}

export function vmi(name: string, status: Vmi['status'] = { phase: 'Running' }): Vmi {
  return { metadata: { name, namespace: 'bench', uid: `uid-${name}` }, status };
}

/** As KubeVirt makes it: with a copy of its VMI's labels. */
export function launcherPod(name: string, owner: Vmi, nodeName: string, requests: Record<string, string> = {}): Pod {
  const { labels, uid = '' } = owner.metadata;
  return {
    metadata: {
      name,
      namespace: 'bench',
      uid: `uid-${name}`,
      labels: { ...labels, 'kubevirt.io/created-by': uid },
      ownerReferences: [
        {
          apiVersion: 'kubevirt.io/v1',
          kind: 'VirtualMachineInstance',
          name: owner.metadata.name,
          uid,
          controller: true,
        },
      ],
    },
    spec: { nodeName, containers: [{ name: 'compute', resources: { requests, limits: requests } }] },
    status: { phase: 'Running' },
  };
}

export const credentials: Credentials = {
  collectorUrl: 'https://10.0.0.1:7443',
  ca: 'PEM',
  token: (uid, endpoint) => `token-${uid}-${endpoint}`,
  controlKey: (uid, pair) => `key-${uid}-${pair}`,
};
