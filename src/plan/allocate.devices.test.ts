import { describe, expect, test } from '@jest/globals';
import { bed, held, holder, request, VF } from '../../test/support/allocation.ts';
import { type Rule, verdict } from '../../test/support/allocation-rules.ts';
import { node, nodes } from '../../test/support/builders.ts';

const SHARED = bed('lab', { concurrency: 8 });
const NEW = [request('new')];
const THREE_PAIRS = [request('new', { pairs: 3 })];
const RULES: Rule[] = [
  {
    title: "others' pods hold VFs",
    fields: { requests: THREE_PAIRS, pods: [holder('a', 'node-b', { [VF]: 1 }), holder('b', 'node-b', { [VF]: 1 })] },
    expected: `InsufficientVFs: Node node-b has 4 of ${VF}: 3 needed, 2 free, in use: 1 by pod other/a, 1 by pod other/b`,
  },
  {
    title: "others' pods hold other resources or nodes",
    fields: {
      requests: THREE_PAIRS,
      pods: [holder('a', 'node-a', { 'x/vfnet': 4 }), holder('b', 'node-c', { [VF]: 4 })],
    },
    expected: 'granted',
  },
  {
    title: 'pods that ended hold none',
    fields: {
      requests: THREE_PAIRS,
      pods: [
        { ...holder('a', 'node-a', { [VF]: 4 }), status: { phase: 'Succeeded' } },
        { ...holder('b', 'node-a', { [VF]: 4 }), status: { phase: 'Failed' } },
      ],
    },
    expected: 'granted',
  },
  {
    title: 'pods that are being deleted still hold theirs',
    fields: {
      requests: THREE_PAIRS,
      pods: [
        { ...holder('a', 'node-a', { [VF]: 2 }), metadata: { name: 'a', namespace: 'other', deletionTimestamp: 'x' } },
      ],
    },
    expected: /^InsufficientVFs: Node node-a has 4 .*: 3 needed, 2 free/,
  },
  {
    title: 'pods not bound hold none',
    fields: {
      requests: THREE_PAIRS,
      pods: [
        {
          ...holder('a', '', { [VF]: 4 }),
          spec: { containers: [{ name: 'x', resources: { requests: { [VF]: 4 } } }] },
        },
      ],
    },
    expected: 'granted',
  },
  {
    title: 'an init container that asks for more counts',
    fields: {
      requests: THREE_PAIRS,
      pods: [
        {
          ...holder('a', 'node-a', {}),
          spec: {
            nodeName: 'node-a',
            containers: [{ name: 'x', resources: { requests: { [VF]: 1 } } }],
            initContainers: [{ name: 'i', resources: { requests: { [VF]: '2' } } }],
          },
        },
      ],
    },
    expected: /3 needed, 2 free, in use: 2 by pod other\/a$/,
  },
  {
    title: 'a sidecar holds its VF beside the containers',
    fields: {
      requests: THREE_PAIRS,
      pods: [
        {
          ...holder('a', 'node-a', {}),
          spec: {
            nodeName: 'node-a',
            containers: [{ name: 'x', resources: { requests: { [VF]: 1 } } }],
            initContainers: [{ name: 's', restartPolicy: 'Always', resources: { requests: { [VF]: '1' } } }],
          },
        },
      ],
    },
    expected: /3 needed, 2 free, in use: 2 by pod other\/a$/,
  },
  {
    title: 'grants not yet visible as pods hold theirs',
    fields: {
      requests: [request('new', { bed: SHARED, pairs: 3 })],
      testbeds: new Map([SHARED]),
      live: [held('old', { bed: SHARED, pairs: 2 })],
    },
    expected: `InsufficientVFs: Node node-a has 4 of ${VF}: 3 needed, 2 free, in use: 2 by trial bench/old`,
  },
  {
    title: 'a grant and its pods are not both counted',
    fields: {
      requests: [request('new', { bed: SHARED, pairs: 2 })],
      testbeds: new Map([SHARED]),
      live: [held('old', { bed: SHARED, pairs: 2 })],
      pods: [0, 1].flatMap((i) => [
        holder(`s${i}`, 'node-a', { [VF]: 1 }, { uid: 'uid-old', endpoint: `server-${i}` }),
        holder(`c${i}`, 'node-b', { [VF]: 1 }, { uid: 'uid-old', endpoint: `client-${i}` }),
      ]),
    },
    expected: 'granted',
  },
  {
    title: 'a grant whose endpoints ended is held until it is cleaned up',
    fields: {
      requests: [request('new', { bed: SHARED, pairs: 3 })],
      testbeds: new Map([SHARED]),
      live: [held('old', { bed: SHARED, pairs: 2 })],
      pods: [
        {
          ...holder('s', 'node-a', { [VF]: 1 }, { uid: 'uid-old', endpoint: 'server-0' }),
          status: { phase: 'Succeeded' },
        },
      ],
    },
    expected: /3 needed, 2 free, in use: 2 by trial bench\/old$/,
  },
  {
    title: 'a pod of an endpoint that asks for nothing does not stand for its grant',
    fields: {
      requests: [request('new', { bed: SHARED, pairs: 4 })],
      testbeds: new Map([SHARED]),
      live: [held('old', { bed: SHARED })],
      pods: [holder('s', 'node-a', {}, { uid: 'uid-old', endpoint: 'server-0' })],
    },
    expected: /^InsufficientVFs: Node node-a .*: 4 needed, 3 free, in use: 1 by trial bench\/old$/,
  },
  {
    title: 'a pod whose labels somebody changed is still the endpoint of its grant',
    fields: {
      requests: [request('new', { bed: SHARED, pairs: 3 })],
      testbeds: new Map([SHARED]),
      live: [held('old', { bed: SHARED })],
      pods: [
        { ...holder('old-server-0', 'node-a', { [VF]: 1 }), metadata: { name: 'old-server-0', namespace: 'bench' } },
      ],
    },
    expected: 'granted',
  },
  {
    title: 'a launcher that got two counts two',
    fields: {
      requests: [request('new', { bed: SHARED, pairs: 3 })],
      testbeds: new Map([SHARED]),
      live: [held('old', { bed: SHARED })],
      pods: [holder('s', 'node-a', { [VF]: 2 }, { uid: 'uid-old', endpoint: 'server-0' })],
    },
    expected: /3 needed, 2 free, in use: 2 by trial bench\/trial$/,
  },
  {
    title: 'on one node both ends take theirs',
    fields: { requests: [request('new', { pairs: 3, placement: 'SameNode' })] },
    expected: `InsufficientVFs: Node node-a has 4 of ${VF}: 6 needed, 4 free`,
  },
  {
    title: 'a device plugin that has stopped',
    fields: {
      requests: NEW,
      nodes: new Map([
        ['node-a', node('node-a', { [VF]: '0' })],
        ['node-b', node('node-b')],
      ]),
    },
    expected: `InsufficientVFs: Node node-a has 0 of ${VF}: 1 needed, 0 free`,
  },
  {
    title: 'a node that is gone',
    fields: { requests: NEW, nodes: nodes('node-a') },
    expected: `InsufficientVFs: Node node-b has 0 of ${VF}: 1 needed, 0 free`,
  },
  {
    title: 'fewer VFs than held: free is not negative',
    fields: {
      requests: NEW,
      nodes: new Map([
        ['node-a', node('node-a', { [VF]: '1' })],
        ['node-b', node('node-b')],
      ]),
      pods: [holder('a', 'node-a', { [VF]: 3 })],
    },
    expected: /1 needed, 0 free, in use: 3 by pod other\/a$/,
  },
  {
    title: 'no device needed',
    fields: { requests: [request('new', { mode: 'Virtio', pairs: 60 })], nodes: new Map() },
    expected: 'granted',
  },
  {
    title: 'more endpoints than addresses',
    fields: {
      requests: [request('new', { mode: 'Virtio', pairs: 4, bed: bed('lab', { subnet: '10.0.0.0/29' }) })],
      testbeds: new Map([bed('lab', { subnet: '10.0.0.0/29' })]),
    },
    expected: 'SubnetTooSmall: Subnet 10.0.0.0/29 has no 8 free addresses: give Testbed bench/lab a larger one',
  },
  {
    title: 'no subnet at all',
    fields: { requests: NEW, testbeds: new Map([bed('lab', { subnet: 'nonsense' })]) },
    expected: /^SubnetTooSmall: Subnet nonsense has no 2 free addresses/,
  },
];

describe('devices', () => {
  test.each(RULES)('$title', ({ fields, expected }) => {
    if (typeof expected === 'string') expect(verdict(fields)).toBe(expected);
    else expect(verdict(fields)).toMatch(expected);
  });

  test('only five holders are named', () => {
    const pods = Array.from({ length: 9 }, (_, i) => holder(`p${i}`, 'node-a', { [VF]: 1 }));
    expect(verdict({ requests: NEW, pods })).toMatch(
      /0 free, in use: (1 by pod other\/p\d, ){4}1 by pod other\/p\d and 4 by 4 others$/,
    );
  });
});
