/** Which nodes admission gives an Experiment, where some of the candidates cannot run it. */
import { describe, expect, test } from '@jest/globals';
import type { Experiment, ExperimentSpec, NodeSet, TestbedSpec } from '../api/v1alpha1.ts';
import { attachments, experiment, node, testbed } from '../../test/support/builders.ts';
import { admit } from './admit.ts';
import type { Node } from './observed.ts';

const names = (...all: string[]): NodeSet => ({ names: all });
const PASSTHROUGH: Partial<ExperimentSpec> = { modes: [{ name: 'vf', type: 'Passthrough' }], baseline: 'vf' };
const LABELS = { 'kubevirt.io/schedulable': 'true', 'kubevirt.io/cpumanager': 'true' };
const HAS = { cpu: '32', memory: '64Gi', 'hugepages-1Gi': '16Gi', 'x/vfnet': '8', 'x/vfvfio': '8' };
const VM = {
  image: 'guest:1',
  cores: 2,
  memory: '1Gi',
  dedicatedCPU: true,
  multiqueue: false,
  hugepages: '1Gi',
} as const;

interface Flaws {
  has?: Record<string, string>;
  labels?: Record<string, string>;
  spec?: Node['spec'];
}

const fit = (name: string, { has, labels, spec }: Flaws = {}): Node => ({
  ...node(name, { ...HAS, ...has }),
  metadata: { name, labels: { ...LABELS, ...labels } },
  ...(spec === undefined ? {} : { spec }),
});

/** Server node-a or node-c, client node-b or node-d, unless told otherwise; `chosen`: before. */
interface Case {
  flaws?: Record<string, Flaws>;
  spec?: Partial<ExperimentSpec>;
  bed?: Partial<TestbedSpec>;
  chosen?: string;
  isBound?: boolean;
}

function verdict({ flaws = {}, spec, bed, chosen, isBound = false }: Case): string {
  const [server = '', client = ''] = chosen?.split('/') ?? [];
  const status = chosen === undefined ? {} : { status: { nodes: { server, client } } };
  const wanted: Experiment = { ...experiment({ ...PASSTHROUGH, ...spec }), ...status };
  const nodes = { server: names('node-a', 'node-c'), client: names('node-b', 'node-d') };
  const cluster = ['node-a', 'node-b', 'node-c', 'node-d'].map((name) => fit(name, flaws[name]));
  const admission = admit(
    {
      experiment: wanted,
      testbed: testbed({ nodes, vm: VM, ...bed }),
      nodes: new Map(cluster.map((one) => [one.metadata.name, one])),
      attachments: attachments(),
    },
    isBound,
  );
  if (admission.admitted) return `${admission.nodes.server}/${admission.nodes.client}`;
  return `${admission.finding.reason}: ${admission.finding.message}`;
}

/** Each keeps VMs with VFs off a node. */
const FLAWS: [string, Flaws, string][] = [
  ['a taint', { spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } }, 'NodeUnavailable'],
  ['no CPU manager', { labels: { 'kubevirt.io/cpumanager': 'false' } }, 'NodeCPUManager'],
  ['no virt-handler', { labels: { 'kubevirt.io/schedulable': 'false' } }, 'NodeNotSchedulable'],
  ['no KVM', { has: { 'devices.kubevirt.io/kvm': '0' } }, 'NoKVM'],
  ['no huge pages', { has: { 'hugepages-1Gi': '0' } }, 'InsufficientHugepages'],
  ['too few CPUs', { has: { cpu: '1' } }, 'InsufficientCompute'],
  ['no VFs', { has: { 'x/vfvfio': '0' } }, 'InsufficientVFs'],
];

describe.each(FLAWS)('%s', (_, flaw, reason) => {
  test('another candidate is taken, of either end', () => {
    expect(verdict({ flaws: { 'node-a': flaw } })).toBe('node-c/node-b');
    expect(verdict({ flaws: { 'node-b': flaw } })).toBe('node-a/node-d');
  });

  test('told, where no candidate is without', () => {
    expect(verdict({ flaws: { 'node-a': flaw, 'node-c': flaw } })).toMatch(new RegExp(`^${reason}: .*node-a`));
  });

  test('nodes that were chosen are left for others until something was measured on them', () => {
    const flaws = { 'node-a': flaw };
    expect(verdict({ flaws, chosen: 'node-a/node-b' })).toBe('node-c/node-b');
    expect(verdict({ flaws, chosen: 'node-a/node-b', isBound: true })).toMatch(new RegExp(`^${reason}: .*node-a`));
  });
});

const FEW = { has: { 'x/vfvfio': '2' } };

test.each<[string, Case, string]>([
  ["all are fit: the first in the user's order", {}, 'node-a/node-b'],
  ['devices of the largest cell count', { flaws: { 'node-a': FEW }, spec: { pairs: [1, 4] } }, 'node-c/node-b'],
  ['as many as it takes are enough', { flaws: { 'node-a': FEW }, spec: { pairs: [2] } }, 'node-a/node-b'],
  [
    'of both ends where they share a node',
    { flaws: { 'node-a': FEW }, spec: { pairs: [2], placements: ['SameNode'] } },
    'node-c/node-c',
  ],
  [
    'a flaw that only the other end minds',
    {
      flaws: { 'node-a': { has: { 'x/vfnet': '0' } } },
      spec: { modes: [{ name: 'vf', type: 'Passthrough', peer: 'Native' }] },
    },
    'node-a/node-b',
  ],
  [
    'no pair is lost by taking the first server',
    {
      flaws: { 'node-c': { has: { 'x/vfvfio': '0' } } },
      bed: { nodes: { server: names('node-a', 'node-b'), client: names('node-a', 'node-c') } },
    },
    'node-b/node-a',
  ],
  ['those chosen before are kept, where they are fit', { chosen: 'node-c/node-d' }, 'node-c/node-d'],
  [
    'the end that is at fault is named, not one that could be replaced',
    {
      flaws: {
        'node-a': { spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } },
        'node-b': { has: { 'x/vfvfio': '0' } },
      },
      bed: { nodes: { server: names('node-a', 'node-c'), client: names('node-b') } },
    },
    'InsufficientVFs: Mode vf (CrossNode, 1 pair) needs 1 of x/vfvfio on node node-b, which has 0: make VFs (sriov_numvfs), then restart the SR-IOV device plugin there, which does not see later ones',
  ],
])('%s', (_, fields, expected) => {
  expect(verdict(fields)).toBe(expected);
});
