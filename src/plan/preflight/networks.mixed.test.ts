/** Pools that hold VFs of both drivers on one node. */
import { describe, expect, test } from '@jest/globals';
import { experiment, testbed } from '../../../test/support/builders.ts';
import {
  conditionsOf,
  fitNode,
  nad,
  nads,
  nodeMap,
  states,
  statusOf,
  told,
  VFNET,
} from '../../../test/support/preflight.ts';
import type { Mode } from '../../api/v1alpha1.ts';
import { admit } from '../admit.ts';
import type { SriovNodeState, TestbedObserved } from './observed.ts';

type Group = [resourceName: string, deviceType: string];

/** One PF for each list of groups. */
function node(name: string, ...pfs: Group[][]): SriovNodeState {
  const interfaces = pfs.map((groups, index) => ({
    name: `ens${index}`,
    pciAddress: `0000:3b:00.${index}`,
    vfGroups: groups.map(([resourceName, deviceType]) => ({ resourceName, deviceType })),
  }));
  return { metadata: { name, namespace: 'sriov-network-operator' }, spec: { interfaces } };
}

const NETDEVICE: Group = ['vfnet', 'netdevice'];
const VFIO: Group = ['vfnet', 'vfio-pci'];
const OTHER: Group = ['vfvfio', 'vfio-pci'];
const TWO_PFS: Group[][] = [[NETDEVICE], [VFIO, OTHER]];
const ONE_PF: Group[][] = [[NETDEVICE, VFIO, OTHER]];
const EVEN: Group[][] = [[NETDEVICE, OTHER], [NETDEVICE]];

const CHANCE =
  'are bound some to vfio-pci and some to a network driver, and which an endpoint gets is left to chance: give each deviceType a resourceName of its own in the SriovNetworkNodePolicies';
const NATIVE = `PoolUnfit [native; Native]: network native for mode Native: VFs of ${VFNET}`;

const devices = (fields: Partial<TestbedObserved>): unknown =>
  statusOf(fields).nodes?.map(({ name, resources }) => [
    name,
    resources.find(({ name: resource }) => resource === VFNET)?.device,
  ]);

describe('a pool with VFs of both drivers', () => {
  test.each<[string, Group[][]]>([
    ['on two PFs', TWO_PFS],
    ['on two PFs, the other way round', [[VFIO, OTHER], [NETDEVICE]]],
    ['on one PF', ONE_PF],
    ['on one PF of two', [[NETDEVICE], [NETDEVICE, VFIO, OTHER]]],
  ])('%s holds the modes that take it, and no others', (_, pfs) => {
    const sriovStates = states(node('node-a', ...pfs), node('node-b', ...pfs));
    expect(devices({ sriovStates })).toEqual([
      ['node-a', 'Mixed'],
      ['node-b', 'Mixed'],
    ]);
    const status = statusOf({ sriovStates });
    expect((status.findings ?? []).map(told)).toEqual([`Error ${NATIVE} ${CHANCE}`]);
    expect(conditionsOf(status)).toEqual({
      Ready: 'False/PoolUnfit',
      NativeReady: 'False/PoolUnfit',
      VirtioReady: 'True/Fit',
      PassthroughReady: 'True/Fit',
    });
  });

  test('is none where both PFs are bound alike', () => {
    const sriovStates = states(node('node-a', ...EVEN), node('node-b', ...EVEN));
    expect(devices({ sriovStates })).toEqual([
      ['node-a', 'Netdevice'],
      ['node-b', 'Netdevice'],
    ]);
    expect(statusOf({ sriovStates }).findings).toEqual([]);
  });

  test('is named with its nodes, beside those that are bound the wrong way', () => {
    const sriovStates = states(node('node-a', ...TWO_PFS), node('node-b', [VFIO, OTHER]));
    expect((statusOf({ sriovStates }).findings ?? []).map(told)).toEqual([
      `Error ${NATIVE} on node-a ${CHANCE}; those on node-b are bound to vfio-pci and give no interface: use a pool with deviceType netdevice`,
    ]);
  });

  test('is told once where pods and VMs take it both', () => {
    const networks = [
      { name: 'native', attachment: 'vf-net' },
      { name: 'passthrough', attachment: 'vf-shared' },
    ];
    const attachments = nads(nad('vf-shared', { type: 'sriov', vlan: 0 }, VFNET));
    const sriovStates = states(node('node-a', ...TWO_PFS), node('node-b', ...TWO_PFS));
    const status = statusOf({ testbed: testbed({ networks }), attachments, sriovStates });
    expect((status.findings ?? []).map(told)).toEqual([
      `Error ${NATIVE} ${CHANCE}`,
      `Error PoolUnfit [passthrough; Passthrough]: network passthrough for mode Passthrough: VFs of ${VFNET} ${CHANCE}`,
    ]);
  });

  test('passes no VF through either', () => {
    const bed = testbed({
      networks: [{ name: 'passthrough', attachment: 'vf-vfio', resource: 'openshift.io/vfvfio' }],
    });
    const mixed: Group[][] = [[['vfvfio', 'netdevice']], [OTHER]];
    const status = statusOf({ testbed: bed, sriovStates: states(node('node-a', ...mixed), node('node-b', ...mixed)) });
    expect((status.findings ?? []).map(told)).toEqual([
      `Error PoolUnfit [passthrough; Passthrough]: network passthrough for mode Passthrough: VFs of openshift.io/vfvfio ${CHANCE}`,
    ]);
  });
});

describe('an Experiment on such a pool', () => {
  const all = { names: ['node-a', 'node-b', 'node-c'] };
  const native: Mode = { name: 'native', type: 'Native' };
  const nodes = nodeMap(fitNode('node-a'), fitNode('node-b'), fitNode('node-c'));
  const verdict = (...mixed: string[]): string => {
    const bed = testbed({
      networks: [{ name: 'native', attachment: 'vf-net' }],
      nodes: { server: all, client: all },
    });
    const state = (name: string): SriovNodeState => node(name, ...(mixed.includes(name) ? TWO_PFS : EVEN));
    const status = statusOf({ testbed: bed, nodes, sriovStates: states(...all.names.map(state)) });
    const attachments = nads();
    const asked = experiment({ modes: [native], baseline: 'native', placements: ['CrossNode'] });
    const result = admit({ experiment: asked, testbed: { ...bed, status }, nodes, attachments });
    return result.admitted ? `${result.nodes.server}/${result.nodes.client}` : result.finding.message;
  };

  test('takes nodes where it is not so', () => {
    expect(verdict()).toBe('node-a/node-b');
    expect(verdict('node-a')).toBe('node-b/node-c');
  });

  test('is refused where there are too few', () => {
    expect(verdict('node-a', 'node-c')).toMatch(new RegExp(`VFs of ${VFNET} on node-[ac] .*left to chance`));
    expect(verdict('node-a', 'node-b', 'node-c')).toContain(`VFs of ${VFNET} ${CHANCE}`);
  });
});
