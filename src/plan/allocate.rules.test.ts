import { describe, expect, test } from '@jest/globals';
import { bed, held, request } from '../../test/support/allocation.ts';
import { type Rule, verdict } from '../../test/support/allocation-rules.ts';
import { nodes } from '../../test/support/builders.ts';

const SHARED = bed('lab', { concurrency: 8 });
const OTHER = bed('other');

const ON_B = { server: 'node-b', client: 'node-b' };
const NEW = [request('new')];
const RULES: Rule[] = [
  { title: 'free', fields: { requests: NEW }, expected: 'granted' },
  {
    title: 'no such Testbed',
    fields: { requests: NEW, testbeds: new Map() },
    expected: 'TestbedNotFound: There is no Testbed bench/lab: create it, or name another one',
  },
  {
    title: 'no slot',
    fields: { requests: NEW, live: [held('old')] },
    expected: 'TestbedBusy: Testbed bench/lab runs 1 of 1 trials at once, bench/old among them: waits for its end',
  },
  {
    title: 'a slot among several',
    fields: {
      requests: [request('new', { bed: SHARED })],
      testbeds: new Map([SHARED]),
      live: [held('old', { bed: SHARED })],
    },
    expected: 'granted',
  },
  {
    title: "another Testbed's trial on one of the nodes",
    fields: {
      requests: NEW,
      testbeds: new Map([bed('lab'), OTHER]),
      live: [
        held(
          'old',
          { bed: OTHER, mode: 'Virtio', nodes: { server: 'node-b', client: 'node-c' } },
          { nodes: nodes('node-b', 'node-c') },
        ),
      ],
    },
    expected: 'NodesBusy: Trial bench/old of Testbed bench/other measures on the same nodes: waits for its end',
  },
  {
    title: "another Testbed's trial on other nodes",
    fields: {
      requests: NEW,
      testbeds: new Map([bed('lab'), OTHER]),
      live: [
        held(
          'old',
          { bed: OTHER, mode: 'Virtio', nodes: { server: 'node-c', client: 'node-d' } },
          { nodes: nodes('node-c', 'node-d') },
        ),
      ],
    },
    expected: 'granted',
  },
  {
    title: "concurrency does not open another Testbed's nodes",
    fields: {
      requests: [request('new', { bed: SHARED })],
      testbeds: new Map([SHARED, OTHER]),
      live: [held('old', { bed: OTHER, mode: 'Virtio' })],
    },
    expected: /^NodesBusy: Trial bench\/old of Testbed bench\/other/,
  },
  {
    title: "its Testbed's earlier trial waits for another node, its own is free",
    fields: {
      requests: [
        request('early', { bed: SHARED }),
        request('new', { bed: SHARED, nodes: ON_B, placement: 'SameNode', createdAt: 1 }),
      ],
      testbeds: new Map([SHARED, OTHER]),
      live: [held('old', { bed: OTHER, mode: 'Virtio', placement: 'SameNode' })],
    },
    expected: 'granted',
  },
  {
    title: 'endpoints of a deleted trial',
    fields: { requests: NEW, lingering: new Map([['node-b', new Set(['bench/old'])]]) },
    expected:
      'NodesBusy: Endpoints of a trial that this operator does not know (bench/old) run on node node-b: waits until they are gone',
  },
  {
    title: 'endpoints of a deleted trial elsewhere',
    fields: { requests: NEW, lingering: new Map([['node-c', new Set(['bench/old'])]]) },
    expected: 'granted',
  },
  {
    title: 'endpoints of a deleted trial where several may run',
    fields: {
      requests: [request('new', { bed: SHARED })],
      testbeds: new Map([SHARED]),
      lingering: new Map([['node-a', new Set(['bench/old'])]]),
    },
    expected: 'granted',
  },
  {
    title: 'endpoints of a deleted trial of another namespace where several may run',
    fields: {
      requests: [request('new', { bed: SHARED })],
      testbeds: new Map([SHARED]),
      lingering: new Map([['node-a', new Set(['other/old'])]]),
    },
    expected: /^NodesBusy: Endpoints of a trial that this operator does not know \(other\/old\) run on node node-a/,
  },
];

describe('a request', () => {
  test.each(RULES)('$title', ({ fields, expected }) => {
    if (typeof expected === 'string') expect(verdict(fields)).toBe(expected);
    else expect(verdict(fields)).toMatch(expected);
  });
});
