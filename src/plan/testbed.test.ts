import { describe, expect, test } from '@jest/globals';
import { findCondition } from '../api/conditions.ts';
import { holder, VF } from '../../test/support/allocation.ts';
import { attachments, node, nodes, NOW, testbed } from '../../test/support/builders.ts';
import { planTestbed, type TestbedObserved } from './testbed.ts';
import { isEmpty } from './types.ts';

const observed = (fields: Partial<TestbedObserved> = {}): TestbedObserved => ({
  testbed: testbed(),
  nodes: nodes('node-a', 'node-b', 'node-c'),
  attachments: attachments(),
  kubevirt: true,
  pods: [],
  ...fields,
});

const ready = (fields: Partial<TestbedObserved> = {}): string => {
  const found = findCondition(planTestbed(observed(fields), NOW).status?.conditions, 'Ready');
  return `${found?.status}/${found?.reason}: ${found?.message}`;
};

const byLabel = testbed({
  nodes: { server: { selector: { matchLabels: { a: 'b' } } }, client: { names: ['node-b'] } },
});
const { vm: _vm, ...podsOnly } = testbed().spec;

describe('fit', () => {
  test.each<[string, Partial<TestbedObserved>, RegExp]>([
    ['all there', {}, /^True\/Fit: Nodes, attachments and kinds are there$/],
    ['pods only, no KubeVirt', { kubevirt: false, testbed: { ...testbed(), spec: podsOnly } }, /^True\/Fit/],
    ['VMs, no KubeVirt', { kubevirt: false }, /^False\/NotFit: spec\.vm is set, but KubeVirt is not installed/],
    [
      'no Multus',
      { attachments: null },
      /^False\/NotFit: kind NetworkAttachmentDefinition is not installed: install Multus$/,
    ],
    [
      'attachments missing',
      { attachments: new Map() },
      /network native: there is no .* bench\/vf-net: create it; network virtio: .*; network passthrough: /,
    ],
    ['a node missing', { nodes: nodes('node-a') }, /^False\/NotFit: no node matches spec\.nodes\.client: compare/],
    ['no node of that label', { testbed: byLabel }, /^False\/NotFit: no node matches spec\.nodes\.server/],
    [
      'a node not Ready',
      { nodes: new Map([...nodes('node-b'), ['node-a', { ...node('node-a'), status: {} }]]) },
      /^False\/NotFit: no node of spec\.nodes\.server is Ready$/,
    ],
    [
      'no subnet',
      { testbed: testbed({ subnet: '10.0.0.0' }) },
      /^False\/NotFit: spec\.subnet 10\.0\.0\.0 is no subnet$/,
    ],
    [
      'several things: all are told',
      { nodes: new Map(), kubevirt: false },
      /spec\.nodes\.server.*; no node matches spec\.nodes\.client.*; spec\.vm is set/,
    ],
  ])('%s', (_, fields, expected) => {
    expect(ready(fields)).toMatch(expected);
  });
});

test('nodes and their devices, pods of trials left out', () => {
  const own = holder('own', 'node-a', { [VF]: 2 }, { uid: 'u', endpoint: 'server-0' });
  own.metadata.labels = { ...own.metadata.labels, 'vfbench.io/trial': 't' };
  const emulated = {
    ...node('node-a'),
    metadata: { name: 'node-a', labels: { 'vfbench.io/environment': 'emulated' } },
  };
  const pods = [
    own,
    holder('other', 'node-a', { [VF]: 1 }),
    { ...holder('ended', 'node-a', { [VF]: 1 }), status: { phase: 'Failed' } },
  ];
  const plan = planTestbed(observed({ pods, nodes: new Map([...nodes('node-b'), ['node-a', emulated]]) }), NOW);
  expect(plan.status?.nodes).toEqual([
    {
      name: 'node-a',
      roles: ['Server'],
      kernel: '6.12',
      environment: 'emulated',
      resources: [
        { name: 'x/vfnet', allocatable: 4, inUse: 0 },
        { name: VF, allocatable: 4, inUse: 1 },
      ],
    },
    {
      name: 'node-b',
      roles: ['Client'],
      kernel: '6.12',
      resources: [
        { name: 'x/vfnet', allocatable: 4, inUse: 0 },
        { name: VF, allocatable: 4, inUse: 0 },
      ],
    },
  ]);
});

test('a node in both roles is listed once', () => {
  const both = testbed({ nodes: { server: { names: ['node-a'] }, client: { names: ['node-b', 'node-a'] } } });
  const found = planTestbed(observed({ testbed: both }), NOW).status?.nodes?.map(({ name, roles }) => [name, roles]);
  expect(found).toEqual([
    ['node-a', ['Server', 'Client']],
    ['node-b', ['Client']],
  ]);
});

test('planned again: nothing to write; deleted: nothing at all', () => {
  const { status } = planTestbed(observed(), NOW);
  const written = { ...testbed(), ...(status === undefined ? {} : { status }) };
  expect(isEmpty(planTestbed(observed({ testbed: written }), NOW + 60_000))).toBe(true);
  const deleted = { ...testbed(), metadata: { ...testbed().metadata, deletionTimestamp: 'x' } };
  expect(isEmpty(planTestbed(observed({ testbed: deleted }), NOW))).toBe(true);
});

test('fit again: the time changes, once', () => {
  const bad = planTestbed(observed({ nodes: new Map() }), NOW).status;
  const written = { ...testbed(), ...(bad === undefined ? {} : { status: bad }) };
  const { status } = planTestbed(observed({ testbed: written }), NOW + 60_000);
  expect(findCondition(status?.conditions, 'Ready')).toMatchObject({
    status: 'True',
    lastTransitionTime: '2026-01-01T00:11:00Z',
    observedGeneration: 1,
  });
});
