import { describe, expect, test } from '@jest/globals';
import { experiment, testbed } from '../../../test/support/builders.ts';
import {
  fitNode,
  nad,
  nads,
  nodeMap,
  sriovState,
  states,
  STATIC,
  statusOf,
  told,
  VFNET,
} from '../../../test/support/preflight.ts';
import { findCondition } from '../../api/conditions.ts';
import type { Mode, Placement, TestbedStatus } from '../../api/v1alpha1.ts';
import { admit } from '../admit.ts';
import type { TestbedObserved } from './observed.ts';

const ABC = nodeMap(fitNode('node-a'), fitNode('node-b'), fitNode('node-c'));
const [NATIVE_ONLY, PASSTHROUGH_ONLY] = [
  [{ name: 'native', attachment: 'vf-net' }],
  [{ name: 'passthrough', attachment: 'vf-vfio' }],
];
const nodesOf = (server: string[], client: string[]) => ({ server: { names: server }, client: { names: client } });
const vfnet = (devices: Record<string, string>) =>
  states(...Object.entries(devices).map(([name, device]) => sriovState(name, { vfnet: device })));
const vfvfio = (devices: Record<string, string>) =>
  states(...Object.entries(devices).map(([name, device]) => sriovState(name, { vfvfio: device })));

const NO_INTERFACE = 'are bound to vfio-pci and give no interface: use a pool with deviceType netdevice';
const NO_GUEST = 'are bound to a network driver: use a pool with deviceType vfio-pci';
const NATIVE = '[native; Native]: network native for mode Native: VFs of openshift.io/vfnet';
const PASSTHROUGH = '[passthrough; Passthrough]: network passthrough for mode Passthrough: VFs of openshift.io/vfvfio';

describe('pools of one name that differ between nodes', () => {
  test.each<[string, Partial<TestbedObserved>, string[]]>([
    [
      'the only server has no interfaces',
      {
        testbed: testbed({ networks: NATIVE_ONLY }),
        sriovStates: vfnet({ 'node-a': 'vfio-pci', 'node-b': 'netdevice' }),
      },
      [`Error PoolUnfit ${NATIVE} on node-a ${NO_INTERFACE}`],
    ],
    [
      'the only client has no interfaces',
      {
        testbed: testbed({ networks: NATIVE_ONLY }),
        sriovStates: vfnet({ 'node-a': 'netdevice', 'node-b': 'vfio-pci' }),
      },
      [`Error PoolUnfit ${NATIVE} on node-b ${NO_INTERFACE}`],
    ],
    [
      'no candidate of a role fits',
      {
        nodes: ABC,
        testbed: testbed({ networks: NATIVE_ONLY, nodes: nodesOf(['node-a'], ['node-b', 'node-c']) }),
        sriovStates: vfnet({ 'node-a': 'netdevice', 'node-b': 'vfio-pci', 'node-c': 'vfio-pci' }),
      },
      [`Error PoolUnfit ${NATIVE} on node-b, node-c ${NO_INTERFACE}`],
    ],
    [
      'another candidate fits',
      {
        nodes: ABC,
        testbed: testbed({ networks: NATIVE_ONLY, nodes: nodesOf(['node-a'], ['node-b', 'node-c']) }),
        sriovStates: vfnet({ 'node-a': 'netdevice', 'node-b': 'vfio-pci', 'node-c': 'netdevice' }),
      },
      [`Warning PoolUnfit ${NATIVE} on node-b ${NO_INTERFACE} there, or leave node-b out of spec.nodes`],
    ],
    [
      'another candidate may fit, nobody tells',
      {
        nodes: ABC,
        testbed: testbed({ networks: NATIVE_ONLY, nodes: nodesOf(['node-a'], ['node-b', 'node-c']) }),
        sriovStates: vfnet({ 'node-a': 'netdevice', 'node-b': 'vfio-pci' }),
      },
      [`Warning PoolUnfit ${NATIVE} on node-b ${NO_INTERFACE} there, or leave node-b out of spec.nodes`],
    ],
    [
      'a node that tells nothing is as the others',
      { testbed: testbed({ networks: NATIVE_ONLY }), sriovStates: vfnet({ 'node-a': 'vfio-pci' }) },
      [`Error PoolUnfit ${NATIVE} ${NO_INTERFACE}`],
    ],
    [
      'a client without VFs to pass through',
      {
        testbed: testbed({ networks: PASSTHROUGH_ONLY }),
        sriovStates: vfvfio({ 'node-a': 'vfio-pci', 'node-b': 'netdevice' }),
      },
      [`Error PoolUnfit ${PASSTHROUGH} on node-b ${NO_GUEST}`],
    ],
  ])('%s', (_, fields, expected) => {
    const status = statusOf(fields);
    expect((status.findings ?? []).map(told)).toEqual(expected);
    const type = expected.some((text) => text.includes('[native')) ? 'NativeReady' : 'PassthroughReady';
    const isHeld = expected.some((text) => text.startsWith('Error'));
    expect(findCondition(status.conditions, type)?.status).toBe(isHeld ? 'False' : 'True');
  });
});

/** What the preflight says of an Experiment, and whether it is admitted. */
function asked(fields: Partial<TestbedObserved>, modes: Mode[], placements: Placement[] = ['CrossNode']) {
  const one = experiment({ modes, placements });
  const status: TestbedStatus = statusOf({ ...fields, experiments: [one] });
  const bed = { ...(fields.testbed ?? testbed()), status };
  const admission = admit({
    experiment: one,
    testbed: bed,
    nodes: fields.nodes ?? nodeMap(fitNode('node-a'), fitNode('node-b')),
    attachments: fields.attachments ?? nads(),
  });
  return {
    warned: (status.findings ?? []).filter(({ message }) => message.startsWith('Experiment')).map(told),
    verdict: admission.admitted
      ? `${admission.nodes.server}/${admission.nodes.client}`
      : `${admission.finding.reason}: ${admission.finding.message}`,
  };
}

describe('one pool under networks of any name', () => {
  const BED = testbed({
    networks: [
      { name: 'n1', attachment: 'one' },
      { name: 'p1', attachment: 'two' },
      { name: 'v1', attachment: 'three' },
    ],
  });
  const attachments = nads(
    nad('one', { type: 'sriov', vlan: 0, ...STATIC }, VFNET),
    nad('two', { type: 'sriov', vlan: 0 }, VFNET),
    nad('three', { type: 'sriov', vlan: 0 }, VFNET),
  );
  const NATIVE_1: Mode = { name: 'pods', type: 'Native', network: 'n1' };
  const PASSED_1: Mode = { name: 'vms', type: 'Passthrough', network: 'p1' };
  const VIRTIO_1: Mode = { name: 'bridged', type: 'Virtio', network: 'v1' };
  const ONE_SIDED: Mode = { name: 'half', type: 'Passthrough', network: 'p1', peer: 'Native', clientNetwork: 'n1' };
  const CLASH =
    'mode vms takes VFs of openshift.io/vfnet by network p1 to pass them through, and mode pods by network n1 for an interface: a VF is bound to vfio-pci or to a network driver, so give each a pool of its own';
  const world = { testbed: BED, attachments };

  test('pods and VMs of one Experiment', () => {
    expect(asked(world, [NATIVE_1, PASSED_1])).toEqual({
      warned: [`Warning PoolShared [p1; Passthrough]: Experiment exp: ${CLASH}`],
      verdict: `PoolShared: Testbed lab: ${CLASH}`,
    });
  });

  test('VMs on bridges, and with VFs', () => {
    expect(asked(world, [VIRTIO_1, PASSED_1]).verdict).toMatch(/^PoolShared: .* mode bridged by network v1 for an int/);
  });

  test.each<[string, Mode[], Placement[], RegExp]>([
    ['pods alone', [NATIVE_1], ['CrossNode'], /^node-a\/node-b$/],
    ['VMs alone', [PASSED_1], ['CrossNode'], /^node-a\/node-b$/],
    ['ends on two nodes', [ONE_SIDED], ['CrossNode'], /^node-a\/node-b$/],
    ['ends on one node', [ONE_SIDED], ['SameNode'], /^PoolShared: /],
    ['ends on two nodes and on one', [ONE_SIDED], ['CrossNode', 'SameNode'], /^PoolShared: /],
  ])('%s', (_, modes, placements, expected) => {
    const { warned, verdict } = asked(world, modes, placements);
    expect(verdict).toMatch(expected);
    expect(warned).toHaveLength(expected.source.includes('Shared') ? 1 : 0);
  });

  test('where it is known what VFs are bound to, that decides', () => {
    const known = { ...world, sriovStates: vfnet({ 'node-a': 'netdevice', 'node-b': 'netdevice' }) };
    expect(asked(known, [NATIVE_1]).verdict).toBe('node-a/node-b');
    const { warned, verdict } = asked(known, [NATIVE_1, PASSED_1]);
    expect(warned.map((text) => text.split(' ')[1])).toEqual(['PoolUnfit']);
    expect(verdict).toBe(
      'PoolUnfit: network p1 for mode Passthrough: VFs of openshift.io/vfnet are bound to a network driver: use a pool with deviceType vfio-pci',
    );
  });

  test('bound as each end needs it: fit', () => {
    const known = { ...world, sriovStates: vfnet({ 'node-a': 'vfio-pci', 'node-b': 'netdevice' }) };
    const found = (statusOf(known).findings ?? []).map(told);
    expect(found).toContain(
      `Warning PoolUnfit [n1; Native]: network n1 for mode Native: VFs of ${VFNET} on node-a ${NO_INTERFACE} there, or leave node-a out of spec.nodes`,
    );
    expect(asked(known, [ONE_SIDED])).toEqual({ warned: [], verdict: 'node-a/node-b' });
    expect(asked(known, [NATIVE_1]).verdict).toMatch(
      /^PoolUnfit: .* VFs of openshift.io\/vfnet on node-a are bound to/,
    );
  });
});

test('of several nodes the one whose VFs are bound as needed is chosen', () => {
  const all = ['node-a', 'node-b', 'node-c'];
  const world = {
    nodes: ABC,
    testbed: testbed({ networks: NATIVE_ONLY, nodes: nodesOf(all, all) }),
    sriovStates: vfnet({ 'node-a': 'vfio-pci', 'node-b': 'netdevice', 'node-c': 'netdevice' }),
  };
  const native: Mode = { name: 'native', type: 'Native' };
  expect(asked(world, [native]).verdict).toBe('node-b/node-c');
  expect(asked(world, [native], ['SameNode']).verdict).toBe('node-b/node-b');
});
