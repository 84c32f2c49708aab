import { describe, expect, test } from '@jest/globals';
import type { Mode } from '../api/v1alpha1.ts';
import { attachments, testbed } from '../../test/support/builders.ts';
import { deviceCounts, type EndpointNeed, endpointNeeds, resourceOf } from './endpoints.ts';
import type { Cell } from './expand.ts';

const NODES = { server: 'a', client: 'b' };
const needs = (mode: Mode, cell: Partial<Cell> = {}): EndpointNeed[] =>
  endpointNeeds(
    testbed(),
    mode,
    { mode: mode.name, placement: 'CrossNode', pairs: 1, ...cell },
    { nodes: NODES, attachments: attachments() },
  );
const brief = (all: EndpointNeed[]): string[] =>
  all.map(
    ({ name, kind, node, attachment, resource }) =>
      `${name} ${kind === 'Pod' ? 'pod' : 'vm'} ${node} ${attachment} ${resource ?? '-'}`,
  );

test.each<[string, Mode, Partial<Cell>, string[]]>([
  ['Native', { name: 'm', type: 'Native' }, {}, ['server-0 pod a vf-net x/vfnet', 'client-0 pod b vf-net x/vfnet']],
  [
    'Native on a named network',
    { name: 'm', type: 'Native', network: 'virtio' },
    {},
    ['server-0 pod a br-data -', 'client-0 pod b br-data -'],
  ],
  ['Virtio', { name: 'm', type: 'Virtio' }, {}, ['server-0 vm a br-data -', 'client-0 vm b br-data -']],
  [
    'Passthrough',
    { name: 'm', type: 'Passthrough' },
    {},
    ['server-0 vm a vf-vfio x/vfvfio', 'client-0 vm b vf-vfio x/vfvfio'],
  ],
  [
    'peer Native',
    { name: 'm', type: 'Passthrough', peer: 'Native' },
    {},
    ['server-0 vm a vf-vfio x/vfvfio', 'client-0 pod b vf-net x/vfnet'],
  ],
  [
    'another network for the client',
    { name: 'm', type: 'Passthrough', clientNetwork: 'native' },
    {},
    ['server-0 vm a vf-vfio x/vfvfio', 'client-0 vm b vf-net x/vfnet'],
  ],
  [
    'a peer on another network',
    { name: 'm', type: 'Virtio', peer: 'Native', clientNetwork: 'passthrough' },
    {},
    ['server-0 vm a br-data -', 'client-0 pod b vf-vfio x/vfvfio'],
  ],
  [
    'same node',
    { name: 'm', type: 'Native' },
    { placement: 'SameNode' },
    ['server-0 pod a vf-net x/vfnet', 'client-0 pod a vf-net x/vfnet'],
  ],
  [
    'two pairs',
    { name: 'm', type: 'Virtio' },
    { pairs: 2 },
    ['server-0 vm a br-data -', 'client-0 vm b br-data -', 'server-1 vm a br-data -', 'client-1 vm b br-data -'],
  ],
  [
    'a network that is not there',
    { name: 'm', type: 'Native', network: 'pf' },
    {},
    ['server-0 pod a pf -', 'client-0 pod b pf -'],
  ],
])('%s', (_, mode, cell, expected) => {
  expect(brief(needs(mode, cell))).toEqual(expected);
});

describe('the device behind a network', () => {
  const annotated = attachments();
  test.each([
    ['as annotated', testbed(), 'native', 'x/vfnet'],
    ['none where it is not', testbed(), 'virtio', undefined],
    [
      'as the Testbed says, before the annotation',
      testbed({ networks: [{ name: 'native', attachment: 'vf-net', resource: 'y/z' }] }),
      'native',
      'y/z',
    ],
    ['none of an unknown network', testbed(), 'other', undefined],
  ])('%s', (_, bed, network, expected) => {
    expect(resourceOf(bed, network, annotated)).toBe(expected);
  });
});

test('devices are counted by node and resource', () => {
  expect(
    Object.fromEntries(
      deviceCounts(needs({ name: 'm', type: 'Passthrough', peer: 'Native' }, { pairs: 3, placement: 'SameNode' })),
    ),
  ).toEqual({ 'a|x/vfvfio': 3, 'a|x/vfnet': 3 });
  expect(deviceCounts(needs({ name: 'm', type: 'Virtio' })).size).toBe(0);
});
