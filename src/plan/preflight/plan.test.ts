import { describe, expect, test } from '@jest/globals';
import { holder } from '../../../test/support/allocation.ts';
import { newTestbed, NOW, testbed } from '../../../test/support/builders.ts';
import {
  conditionsOf,
  fitNode,
  nad,
  nads,
  nodeMap,
  observed,
  readyMessage,
  states,
  STATIC,
  sriovState,
  statusOf,
  VFNET,
  VFVFIO,
} from '../../../test/support/preflight.ts';
import type { Testbed } from '../../api/v1alpha1.ts';
import { findCondition } from '../../api/conditions.ts';
import { isEmpty } from '../types.ts';
import { heldBy } from './finding.ts';
import { planTestbed } from './plan.ts';

const { vm: _vm, ...podsOnly } = testbed().spec;
const written = (status: Testbed['status']): Testbed => ({ ...testbed(), ...(status === undefined ? {} : { status }) });

describe('conditions', () => {
  test('all fit', () => {
    const status = statusOf();
    expect(status.findings).toEqual([]);
    expect(conditionsOf(status)).toEqual({
      Ready: 'True/Fit',
      NativeReady: 'True/Fit',
      VirtioReady: 'True/Fit',
      PassthroughReady: 'True/Fit',
    });
    expect(readyMessage(status)).toBe('Ready for Native, Virtio, Passthrough');
    expect(status.kubevirt).toEqual({ version: 'v1.9.0', phase: 'Deployed' });
  });

  test('VMs without KubeVirt: said so, and Native goes on', () => {
    const status = statusOf({ kubevirt: null });
    expect(conditionsOf(status)).toEqual({
      Ready: 'False/KubeVirtNotInstalled',
      NativeReady: 'True/Fit',
      VirtioReady: 'False/KubeVirtNotInstalled',
      PassthroughReady: 'False/KubeVirtNotInstalled',
    });
    expect(status.kubevirt).toBeUndefined();
  });

  test('pods only, no KubeVirt: nothing is wrong', () => {
    const status = statusOf({ kubevirt: null, testbed: { ...testbed(), spec: podsOnly } });
    expect(conditionsOf(status)).toEqual({
      Ready: 'True/Fit',
      NativeReady: 'True/Fit',
      VirtioReady: 'False/NotOffered',
      PassthroughReady: 'False/NotOffered',
    });
    expect(readyMessage(status)).toBe('Ready for Native');
  });

  test('a network that is not offered is not missed; one under another name counts', () => {
    const networks = [
      { name: 'native', attachment: 'vf-net' },
      { name: 'fast', attachment: 'vf-vfio' },
    ];
    const status = statusOf({ testbed: testbed({ networks }) });
    expect(conditionsOf(status)).toEqual({
      Ready: 'True/Fit',
      NativeReady: 'True/Fit',
      VirtioReady: 'True/Fit',
      PassthroughReady: 'True/Fit',
    });
    expect(findCondition(status.conditions, 'PassthroughReady')?.message).toBe('Modes can run on network fast');
  });

  test('no network for a type', () => {
    const status = statusOf({ testbed: testbed({ networks: [{ name: 'native', attachment: 'vf-net' }] }) });
    expect(conditionsOf(status)).toMatchObject({ Ready: 'True/Fit', PassthroughReady: 'False/NotOffered' });
    expect(findCondition(status.conditions, 'PassthroughReady')?.message).toBe(
      'no network of this Testbed carries mode Passthrough: add one named passthrough',
    );
  });

  test('several failures: all are told, in one reason', () => {
    const status = statusOf({ kubevirt: null, nodes: new Map() });
    expect(conditionsOf(status)).toMatchObject({ Ready: 'False/NotFit', NativeReady: 'False/NodeNotFound' });
    expect(readyMessage(status)).toMatch(
      /^no node matches spec\.nodes\.server.*; no node matches spec\.nodes\.client.*; spec\.vm is set/,
    );
  });

  test('no Multus', () => {
    const status = statusOf({ attachments: null });
    expect(conditionsOf(status)).toMatchObject({
      Ready: 'False/MultusNotInstalled',
      NativeReady: 'False/MultusNotInstalled',
    });
    expect(readyMessage(status)).toBe('kind NetworkAttachmentDefinition is not installed: install Multus');
  });

  test('more than a message holds: the rest is counted', () => {
    const networks = Array.from({ length: 16 }, (_, n) => ({ name: `n${n}`, attachment: `${'x'.repeat(200)}${n}` }));
    const status = statusOf({ testbed: testbed({ networks }) });
    expect(status.findings).toHaveLength(16);
    expect(readyMessage(status).length).toBeLessThanOrEqual(2048);
    expect(readyMessage(status)).toMatch(/; and \d+ more in status\.findings$/);
  });

  test('warnings do not hold anything', () => {
    const status = statusOf({ attachments: nads(nad('br-data', { type: 'bridge' })) });
    expect(conditionsOf(status)).toMatchObject({ Ready: 'True/Fit', VirtioReady: 'True/Fit' });
    expect(readyMessage(status)).toMatch(
      /^Ready for Native, Virtio, Passthrough; warnings: network virtio for mode Virtio: /,
    );
  });
});

describe('networks and nodes in status', () => {
  test('what each network is, and carries', () => {
    const extra = [
      nad('pf-host', { type: 'host-device', device: 'ens2f0', ...STATIC }),
      nad('mv', { type: 'macvlan', master: 'ens2f1', ...STATIC }),
    ];
    const networks = [
      ...testbed().spec.networks,
      { name: 'native-pf', attachment: 'pf-host' },
      { name: 'native-mv', attachment: 'mv' },
    ];
    const status = statusOf({ testbed: testbed({ networks }), attachments: nads(...extra) });
    expect(status.networks).toEqual([
      { name: 'native', plugin: 'sriov', resource: VFNET, modes: ['Native'], pairs: { crossNode: 4, sameNode: 2 } },
      { name: 'virtio', plugin: 'bridge', modes: ['Virtio'], pairs: { crossNode: 127, sameNode: 127 } },
      {
        name: 'passthrough',
        plugin: 'sriov',
        resource: VFVFIO,
        modes: ['Virtio', 'Passthrough'],
        pairs: { crossNode: 3, sameNode: 1 },
      },
      { name: 'native-pf', plugin: 'host-device', modes: ['Native'], pairs: { crossNode: 1, sameNode: 0 } },
      { name: 'native-mv', plugin: 'macvlan', modes: ['Native'], pairs: { crossNode: 127, sameNode: 127 } },
    ]);
    expect(conditionsOf(status)['Ready']).toBe('True/Fit');
  });

  test('a vfio pool carries no Virtio where the cluster tells what it is', () => {
    const status = statusOf({ sriovStates: states(sriovState('node-a'), sriovState('node-b')) });
    expect(status.networks?.map(({ name, modes }) => [name, modes])).toEqual([
      ['native', ['Native']],
      ['virtio', ['Virtio']],
      ['passthrough', ['Passthrough']],
    ]);
    expect(status.nodes?.[0]?.resources).toEqual([
      { name: VFNET, allocatable: 4, inUse: 0, device: 'Netdevice' },
      { name: VFVFIO, allocatable: 3, inUse: 0, device: 'VFIO' },
    ]);
  });

  test('devices in use, pods of trials left out', () => {
    const own = holder('own', 'node-a', { [VFVFIO]: 2 }, { uid: 'u', endpoint: 'server-0' });
    own.metadata.labels = { ...own.metadata.labels, 'vfbench.io/trial': 't' };
    const pods = [
      own,
      holder('other', 'node-a', { [VFVFIO]: 1 }),
      { ...holder('ended', 'node-a', { [VFVFIO]: 1 }), status: { phase: 'Failed' } },
    ];
    const nodes = nodeMap(
      fitNode('node-b', { spec: { unschedulable: true } }),
      fitNode('node-a', { labels: { 'vfbench.io/environment': 'emulated' } }),
    );
    expect(statusOf({ pods, nodes }).nodes).toEqual([
      {
        name: 'node-a',
        roles: ['Server'],
        state: 'Ready',
        kernel: '6.12',
        environment: 'emulated',
        resources: [
          { name: VFNET, allocatable: 4, inUse: 0 },
          { name: VFVFIO, allocatable: 3, inUse: 1 },
        ],
      },
      {
        name: 'node-b',
        roles: ['Client'],
        state: 'Cordoned',
        kernel: '6.12',
        resources: [
          { name: VFNET, allocatable: 4, inUse: 0 },
          { name: VFVFIO, allocatable: 3, inUse: 0 },
        ],
      },
    ]);
  });

  test('a node in both roles is listed once; nodes come by name', () => {
    const both = testbed({ nodes: { server: { names: ['node-b'] }, client: { names: ['node-b', 'node-a'] } } });
    expect(statusOf({ testbed: both }).nodes?.map(({ name, roles }) => [name, roles])).toEqual([
      ['node-a', ['Client']],
      ['node-b', ['Server', 'Client']],
    ]);
  });
});

describe('writes', () => {
  test('planned again: nothing to write; deleted: nothing at all', () => {
    const status = statusOf();
    expect(isEmpty(planTestbed(observed({ testbed: written(status) }), NOW + 60_000))).toBe(true);
    const deleted = { ...testbed(), metadata: { ...testbed().metadata, deletionTimestamp: 'x' } };
    expect(isEmpty(planTestbed(observed({ testbed: deleted }), NOW))).toBe(true);
  });

  test('pods of trials change nothing', () => {
    const own = holder('own', 'node-a', { [VFNET]: 4 }, { uid: 'u', endpoint: 'server-0' });
    own.metadata.labels = { ...own.metadata.labels, 'vfbench.io/trial': 't' };
    expect(isEmpty(planTestbed(observed({ testbed: written(statusOf()), pods: [own] }), NOW))).toBe(true);
  });

  test('fit again: the time changes, once, and an event tells it', () => {
    const bad = statusOf({ nodes: new Map() });
    const { status, events } = planTestbed(observed({ testbed: written(bad) }), NOW + 60_000);
    expect(findCondition(status?.conditions, 'Ready')).toMatchObject({
      status: 'True',
      lastTransitionTime: '2026-01-01T00:11:00Z',
      observedGeneration: 1,
    });
    expect(events).toEqual([{ type: 'Normal', reason: 'Fit', message: 'Ready for Native, Virtio, Passthrough' }]);
  });

  test('other words, same state: no event', () => {
    const bad = written(statusOf({ nodes: nodeMap(fitNode('node-a')) }));
    const { status, events } = planTestbed(observed({ testbed: bad, nodes: nodeMap(fitNode('node-b')) }), NOW);
    expect(readyMessage(status ?? {})).toMatch(/spec\.nodes\.server/);
    expect(events).toEqual([]);
  });

  test('KubeVirt removed: its version goes', () => {
    const { status } = planTestbed(observed({ testbed: written(statusOf()), kubevirt: null }), NOW);
    expect(status).toBeDefined();
    expect(status).not.toHaveProperty('kubevirt');
  });
});

describe('what holds an Experiment', () => {
  const use = (type: 'Native' | 'Virtio' | 'Passthrough', network: string) => [{ type, network }];
  const edited = ({ metadata, ...bed }: Testbed): Testbed => ({ ...bed, metadata: { ...metadata, generation: 2 } });
  const noVms = written(statusOf({ kubevirt: null }));
  const noNad = written(statusOf({ attachments: new Map([...nads()].filter(([key]) => key !== 'bench/vf-net')) }));
  const noNode = written(statusOf({ nodes: new Map() }));
  const noVfs = written(
    statusOf({ nodes: nodeMap(fitNode('node-a', { allocatable: { [VFNET]: '0' } }), fitNode('node-b')) }),
  );

  test.each([
    ['Native without KubeVirt', noVms, use('Native', 'native'), null],
    ['Virtio without KubeVirt', noVms, use('Virtio', 'virtio'), /^spec\.vm is set, but KubeVirt is not installed/],
    ['one of two modes', noVms, [...use('Native', 'native'), ...use('Virtio', 'virtio')], /KubeVirt is not installed/],
    [
      'the network whose attachment is missing',
      noNad,
      use('Native', 'native'),
      /no NetworkAttachmentDefinition bench\/vf-net: create it/,
    ],
    ['another network', noNad, use('Passthrough', 'passthrough'), null],
    ['nodes, which admission names itself', noNode, use('Native', 'native'), null],
    ['VFs, of which admission knows how many are needed', noVfs, use('Native', 'native'), null],
    ['not judged yet', newTestbed(), use('Native', 'native'), /^its preflight has not ended yet/],
    ['found fit', written(statusOf()), use('Native', 'native'), null],
    [
      'edited since it was found fit',
      edited(written(statusOf())),
      use('Native', 'native'),
      /^its preflight has not judged its latest change \(generation 2\) yet/,
    ],
    ['edited since it was found unfit', edited(noVms), use('Virtio', 'virtio'), /^its preflight has not judged/],
  ])('%s', (_, bed, uses, expected) => {
    const held = heldBy(bed, uses);
    if (expected === null) expect(held).toBeNull();
    else expect(held).toMatch(expected);
  });
});
