import { describe, expect, test } from '@jest/globals';
import type { ExperimentSpec, Mode, TestbedSpec } from '../api/v1alpha1.ts';
import { attachments, experiment, node, testbed } from '../../test/support/builders.ts';
import { nodeJudge } from './nodeFit.ts';
import type { Node } from './observed.ts';

const LABELS = { 'kubevirt.io/schedulable': 'true', 'kubevirt.io/cpumanager': 'true' };
const VM = { image: 'guest:1', cores: 16, memory: '1Gi', dedicatedCPU: false, multiqueue: false };
const PINNED = { ...VM, dedicatedCPU: true };
const HUGE = { ...VM, hugepages: '1Gi' } as const;
const HAS = { cpu: '32', memory: '8Gi', 'hugepages-1Gi': '2Gi', 'x/vfnet': '64', 'x/vfvfio': '64' };

interface Case {
  mode?: Partial<Mode>;
  spec?: Partial<ExperimentSpec>;
  bed?: Partial<TestbedSpec>;
  /** KubeVirt's memoryOvercommit, percent, as the Testbed's status tells it. */
  overcommit?: number;
  /** What the node has beside and instead of the usual. */
  has?: Record<string, string>;
  capacity?: Record<string, string>;
  state?: Partial<Node>;
}

function machine({ has, capacity = {}, state }: Case): Node {
  const { status, ...usual } = node('a', { ...HAS, ...has });
  return { ...usual, status: { ...status, capacity }, metadata: { name: 'a', labels: LABELS }, ...state };
}

function judged(fields: Case, role: 'server' | 'client' = 'server'): string {
  const { mode, spec, bed, overcommit } = fields;
  const modes: Mode[] = [{ name: 'fast', type: 'Virtio', ...mode }];
  const judge = nodeJudge({
    experiment: experiment({ modes, baseline: 'fast', ...spec }),
    testbed: {
      ...testbed({ vm: VM, ...bed }),
      ...(overcommit === undefined ? {} : { status: { kubevirt: { memoryOvercommit: overcommit } } }),
    },
    attachments: attachments(),
  });
  const found = judge(machine(fields), role);
  return found === null ? 'fits' : `${found.reason}: ${found.message}`;
}

const cores = (count: number, vm: Mode['vm'] = {}): Case => ({
  bed: { vm: { ...PINNED, cores: count } },
  mode: { vm },
});
const pods = (requests: Record<string, string>): Case => ({
  mode: { type: 'Native' },
  bed: { pod: { image: 'x', resources: { requests } } },
});

describe('all that stands on a node at once counts', () => {
  test.each<[string, Case, string | RegExp]>([
    ['one pair', { bed: { vm: HUGE } }, 'fits'],
    [
      'huge pages of four pairs',
      { bed: { vm: HUGE }, spec: { pairs: [1, 4] } },
      /^InsufficientHugepages: Mode fast \(CrossNode, 4 pairs\) needs 4Gi of hugepages-1Gi on node a, which has 2Gi: reserve .*, or use fewer pairs$/,
    ],
    ['as many as there are', { bed: { vm: HUGE }, spec: { pairs: [2] } }, 'fits'],
    ['both ends on one node', { bed: { vm: HUGE }, spec: { placements: ['SameNode'] } }, 'fits'],
    [
      'both ends of two pairs',
      { bed: { vm: HUGE }, spec: { placements: ['SameNode'], pairs: [2] } },
      /^InsufficientHugepages: Mode fast \(SameNode, 2 pairs\) needs 4Gi/,
    ],
    [
      'huge pages of a mode',
      { mode: { vm: { hugepages: '2Mi' } } },
      /^InsufficientHugepages: .* needs 1Gi of hugepages-2Mi on node a, which has 0: reserve/,
    ],
    ['memory', { spec: { pairs: [8] } }, 'fits'],
    [
      'more memory than there is',
      { spec: { pairs: [9] } },
      /^InsufficientCompute: Mode fast \(CrossNode, 9 pairs\) needs 9Gi of memory on node a, which has 8Gi: ask for less/,
    ],
    ['memory of pods that ask for less than their guests have', { overcommit: 200, spec: { pairs: [16] } }, 'fits'],
    [
      'more of it than there is',
      { overcommit: 200, spec: { pairs: [17] } },
      /^InsufficientCompute: Mode fast \(CrossNode, 17 pairs\) needs 8704Mi of memory on node a, which has 8Gi/,
    ],
    ['huge pages are no other memory', { bed: { vm: HUGE }, has: { memory: '1Gi' }, spec: { pairs: [2] } }, 'fits'],
    ['dedicated cores', { ...cores(16), spec: { pairs: [2] } }, 'fits'],
    [
      'more dedicated cores than there are',
      { ...cores(16), spec: { pairs: [4] } },
      /^InsufficientCompute: .* needs 64 of cpu on node a, which has 32: ask for less, or use fewer pairs$/,
    ],
    ['all cores', cores(32), 'fits'],
    [
      'all cores, and one for the emulator thread',
      cores(32, { isolateEmulatorThread: true }),
      /^InsufficientCompute: Mode fast \(CrossNode, 1 pair\) needs 33 of cpu on node a, which has 32/,
    ],
    ['cores that are shared do not count', { bed: { vm: { ...VM, cores: 64 } } }, 'fits'],
    ['pods', { ...pods({ cpu: '8' }), spec: { pairs: [4] } }, 'fits'],
    [
      'more pods than fit',
      { ...pods({ cpu: '8.5' }), spec: { pairs: [4] } },
      /^InsufficientCompute: .* needs 34 of cpu/,
    ],
    [
      'a pod beside a VM on one node',
      {
        mode: { peer: 'Native' },
        bed: { vm: { ...PINNED, cores: 20 }, pod: { image: 'x', resources: { limits: { cpu: '13' } } } },
        spec: { placements: ['SameNode'] },
      },
      /^InsufficientCompute: Mode fast \(SameNode, 1 pair\) needs 33 of cpu/,
    ],
    ['what the node does not report is not judged', { ...pods({ 'ephemeral-storage': '1Ti' }) }, 'fits'],
    [
      'devices of both networks of a pair',
      {
        mode: { type: 'Passthrough', peer: 'Native', clientNetwork: 'passthrough' },
        spec: { placements: ['SameNode'], pairs: [2] },
        has: { 'x/vfvfio': '3' },
      },
      'InsufficientVFs: Mode fast (SameNode, 2 pairs) needs 4 of x/vfvfio on node a, which has 3: make more VFs there, or use fewer pairs',
    ],
    [
      'devices whose plugin has stopped: fewer pairs would not help',
      { mode: { type: 'Passthrough' }, has: { 'x/vfvfio': '0' }, capacity: { 'x/vfvfio': '4' } },
      'InsufficientVFs: Mode fast (CrossNode, 1 pair) needs 1 of x/vfvfio on node a, which has 0 of 4 left, since the SR-IOV device plugin stopped there or the VFs are gone (sriov_numvfs): make VFs where there are none, then restart it',
    ],
    [
      'devices that are gone, as the plugin has seen',
      { mode: { type: 'Passthrough' }, has: { 'x/vfvfio': '0' }, capacity: { 'x/vfvfio': '0' } },
      /on node a, which has 0: make VFs \(sriov_numvfs\), then restart the SR-IOV device plugin there/,
    ],
    [
      'devices that the node never had',
      {
        mode: { type: 'Passthrough' },
        bed: { networks: [{ name: 'passthrough', attachment: 'vf-vfio', resource: 'x/other' }] },
      },
      /needs 1 of x\/other on node a, which does not know it and has no device resource: correct the name/,
    ],
  ])('%s', (_, fields, expected) => {
    if (typeof expected === 'string') expect(judged(fields)).toBe(expected);
    else expect(judged(fields)).toMatch(expected);
  });
});

describe('each role for itself', () => {
  const oneSided: Case = { mode: { peer: 'Native', vm: { hugepages: '2Mi' } } };

  test('a pod at the client end asks for nothing there', () => {
    expect(judged(oneSided, 'server')).toMatch(/^InsufficientHugepages/);
    expect(judged(oneSided, 'client')).toBe('fits');
    expect(judged({ ...oneSided, state: { metadata: { name: 'a', labels: {} } } }, 'client')).toBe('fits');
  });

  test('on the server node stand both ends of SameNode, on the client node none', () => {
    const both: Case = { bed: { vm: HUGE }, spec: { placements: ['CrossNode', 'SameNode'], pairs: [2] } };
    expect(judged(both, 'server')).toMatch(/SameNode, 2 pairs/);
    expect(judged(both, 'client')).toBe('fits');
    expect(judged({ spec: { placements: ['SameNode'] }, has: { memory: '0' } }, 'client')).toBe('fits');
  });
});

test.each<[string, Partial<Node>, string]>([
  ['not Ready', { status: {} }, 'NodeUnavailable: Node a is not Ready: mend it, trials go on then'],
  [
    'cordoned',
    { spec: { unschedulable: true } },
    'NodeUnavailable: Node a is cordoned: uncordon it, trials go on then',
  ],
  [
    'tainted',
    { spec: { taints: [{ key: 'gpu', effect: 'NoExecute' }] } },
    'NodeUnavailable: Node a has the taint gpu:NoExecute, which endpoints do not tolerate: kubectl taint node a gpu:NoExecute-, trials go on then',
  ],
  ['with a taint that keeps nobody out', { spec: { taints: [{ key: 'gpu', effect: 'PreferNoSchedule' }] } }, 'fits'],
])('a node that is %s', (_, state, expected) => {
  expect(judged({ state })).toBe(expected);
});
