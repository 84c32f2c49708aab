import { describe, expect, test } from '@jest/globals';
import { bed, grantOf, held, holder, input, live, request, VF, type Wish } from '../../test/support/allocation.ts';
import { node, nodes } from '../../test/support/builders.ts';
import { allocate, type AllocationInput } from './allocate.ts';
import { fairOrder } from './turns.ts';

const SHARED = bed('lab', { concurrency: 8 });
describe('a grant', () => {
  test('says who is where, with what', () => {
    const grant = grantOf(request('t', { pairs: 2 }));
    expect(grant.nodes).toEqual({ server: 'node-a', client: 'node-b' });
    expect(grant.endpoints).toMatchObject(
      [
        ['server-0', 'node-a', 11],
        ['client-0', 'node-b', 12],
        ['server-1', 'node-a', 13],
        ['client-1', 'node-b', 14],
      ].map(([name, at, host]) => ({
        name,
        kind: 'VirtualMachineInstance',
        node: at,
        attachment: 'vf-vfio',
        resource: VF,
        object: `t-${name}`,
        address: `192.168.50.${host}/24`,
      })),
    );
  });

  test('MACs: unicast, locally administered, all different, none for pods', () => {
    const uids = Array.from({ length: 50 }, (_, i) => `t${i}`);
    const macs = uids.flatMap((name) =>
      grantOf(request(name, { pairs: 4 })).endpoints.flatMap((e) => [e.mac, e.managementMac]),
    );
    expect(macs).toHaveLength(50 * 8 * 2);
    expect(new Set(macs).size).toBe(macs.length);
    for (const mac of macs) expect(mac).toMatch(/^02(:[0-9a-f]{2}){5}$/);
    for (const endpoint of grantOf(request('p', { mode: 'Native' })).endpoints) {
      expect(endpoint).not.toHaveProperty('mac');
      expect(endpoint).not.toHaveProperty('managementMac');
    }
  });

  test('an address is not handed out twice, neither to one trial nor to two', () => {
    const requests = ['a', 'b', 'c'].map((name, i) =>
      request(name, { bed: SHARED, mode: 'Virtio', pairs: 2, createdAt: i }),
    );
    const { granted } = allocate(
      input({ requests, testbeds: new Map([SHARED]), live: [held('old', { bed: SHARED, mode: 'Virtio' })] }),
    );
    const addresses = [
      ...granted.map(({ grant }) => grant),
      held('old', { bed: SHARED, mode: 'Virtio' }).grant,
    ].flatMap((grant) => grant.endpoints.map((e) => e.address));
    expect(addresses).toHaveLength(14);
    expect(new Set(addresses).size).toBe(14);
  });

  test('counts for those decided after it in the same round', () => {
    const requests = ['a', 'b', 'c'].map((name, i) => request(name, { bed: SHARED, pairs: 2, createdAt: i }));
    const { granted, refused } = allocate(input({ requests, testbeds: new Map([SHARED]) }));
    expect(granted.map(({ request: { name } }) => name)).toEqual(['a', 'b']);
    expect(refused.map(({ finding }) => finding.message)).toEqual([
      `Node node-a has 4 of ${VF}: 2 needed, 0 free, in use: 2 by trial bench/a, 2 by trial bench/b`,
    ]);
  });

  test('all or nothing: one node short, nothing taken on the other', () => {
    const requests = [request('a', { bed: SHARED, pairs: 3 }), request('b', { bed: SHARED, pairs: 3, createdAt: 1 })];
    const few = new Map([
      ['node-a', node('node-a')],
      ['node-b', node('node-b', { [VF]: '2' })],
    ]);
    const { granted } = allocate(
      input({
        requests: [...requests, request('c', { bed: SHARED, pairs: 2, createdAt: 2 })],
        testbeds: new Map([SHARED]),
        nodes: few,
      }),
    );
    expect(granted.map(({ request: { name } }) => name)).toEqual(['c']);
  });
});

describe('the order', () => {
  test('oldest first within a namespace, namespaces in turn', () => {
    const backlog = Array.from({ length: 4 }, (_, i) => request(`a${i}`, { namespace: 'a', createdAt: i }));
    const late = [request('b0', { namespace: 'b', createdAt: 10 }), request('b1', { namespace: 'b', createdAt: 11 })];
    const order = fairOrder([...late, ...backlog.toReversed()]).map(({ name }) => name);
    expect(order).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'a3']);
  });

  test('the namespace that was served longest ago comes first, however old what others wait with is', () => {
    const all = ['a', 'b', 'c'].map((namespace, i) => request(namespace, { namespace, createdAt: i }));
    const served = new Map([
      ['node-a|a', 2],
      ['node-a|b', 1],
    ]);
    expect(fairOrder(all, served).map(({ name }) => name)).toEqual(['c', 'b', 'a']);
  });

  test('who waits for nodes of another Testbed keeps its place: that one gets no more of them meanwhile', () => {
    const [busy, patient, far] = [bed('busy', { concurrency: 2 }), bed('patient'), bed('far')];
    const testbeds = new Map([busy, patient, far]);
    const elsewhere = { server: 'node-c', client: 'node-d' };
    const requests = [
      request('p', { bed: patient, createdAt: 1 }),
      request('next', { bed: busy, createdAt: 2 }),
      request('other', { bed: far, nodes: elsewhere, createdAt: 3 }),
    ];
    const cluster = nodes('node-a', 'node-b', 'node-c', 'node-d');
    const { granted, refused } = allocate(
      input({ requests, testbeds, nodes: cluster, live: [held('first', { bed: busy })] }),
    );
    expect(granted.map(({ request: { name } }) => name)).toEqual(['other']);
    expect(refused.map(({ request: { name }, finding }) => [name, finding.reason, finding.message])).toEqual([
      ['p', 'NodesBusy', 'Trial bench/first of Testbed bench/busy measures on the same nodes: waits for its end'],
      [
        'next',
        'NodesBusy',
        'Trial bench/p of Testbed bench/patient waits for node node-a and comes first: waits for its end',
      ],
    ]);
    const free = allocate(input({ requests, testbeds, nodes: cluster }));
    expect(free.granted.map(({ request: { name } }) => name)).toEqual(['p', 'other']);
  });

  test('what a namespace gets on other nodes costs it no turn here', () => {
    const all = ['a', 'b'].map((namespace, i) => request(namespace, { namespace, createdAt: i }));
    const served = new Map([
      ['node-c|a', 9],
      ['node-b|b', 1],
    ]);
    expect(fairOrder(all, served).map(({ name }) => name)).toEqual(['a', 'b']);
    const elsewhere = { server: 'node-c', client: 'node-d' };
    const old = request('old', { namespace: 'a', nodes: elsewhere, createdAt: -1 });
    expect(fairOrder([old, ...all]).map(({ name }) => name)).toEqual(['old', 'a', 'b']);
  });

  test('small trials, one always running, do not keep a large one from its devices', () => {
    const [many, other] = [bed('lab', { concurrency: 8 }), { uid: 'x', endpoint: 'server-0' }];
    const requests = [
      request('large', { bed: many, pairs: 4, createdAt: 1 }),
      request('small', { bed: many, pairs: 1, createdAt: 2 }),
    ];
    const live = [held('running', { bed: many, pairs: 1 })];
    const { granted, refused } = allocate(input({ requests, testbeds: new Map([many]), live }));
    expect(granted).toEqual([]);
    expect(refused.map(({ finding: { message } }) => message)).toEqual([
      `Node node-a has 4 of ${VF}: 4 needed, 3 free, in use: 1 by trial bench/running`,
      `Node node-a has 4 of ${VF}: 1 needed, 3 free, kept for trial bench/large, which needs 4 and comes first, in use: 1 by trial bench/running`,
    ]);
    // What waiting would not free is waited for by nobody else.
    const foreign = allocate(
      input({ requests, testbeds: new Map([many]), pods: [holder('p', 'node-b', { [VF]: 1 })] }),
    );
    expect(foreign.granted.map(({ request: { name } }) => name)).toEqual(['small']);
    const left = allocate(
      input({ requests, testbeds: new Map([many]), pods: [holder('p', 'node-b', { [VF]: 1 }, other)] }),
    );
    expect(left.granted).toEqual([]);
  });

  test('several at once are one turn: whose it is fills its slots, and then the others come first', () => {
    const [mine, other] = [bed('mine', { concurrency: 2 }), bed('other')];
    const testbeds = new Map([mine, other]);
    const requests = [0, 1, 2].map((i) => request(`m${i}`, { bed: mine, namespace: 'a', createdAt: i }));
    requests.push(request('o', { bed: other, namespace: 'b', createdAt: 9 }));
    const { granted } = allocate(input({ requests, testbeds }));
    expect(granted.map(({ request: { name } }) => name)).toEqual(['m0', 'm1']);
    const one = granted.slice(0, 1).map(({ request: wanted, grant }) => live(wanted, grant));
    const waiting = requests.filter(({ name }) => name === 'm2' || name === 'o');
    const served = new Map([['node-a|a', 1]]);
    expect(allocate(input({ requests: waiting, testbeds, live: one, served })).granted).toEqual([]);
    expect(allocate(input({ requests: waiting, testbeds })).granted.map(({ request: { name } }) => name)).toEqual([
      'm2',
    ]);
    const next = allocate(input({ requests: waiting, testbeds, served }));
    expect(next.granted.map(({ request: { name } }) => name)).toEqual(['o']);
  });

  test('places: by node, the longest queue counts', () => {
    const many = bed('lab');
    const wishes: Wish[] = [{}, {}, { placement: 'SameNode' }, { nodes: { server: 'node-c', client: 'node-b' } }];
    const requests = wishes.map((wish, i) => request(`r${i}`, { bed: many, createdAt: i, ...wish }));
    const { refused } = allocate(input({ requests, live: [held('running')] }));
    expect(refused.map(({ request: { name }, place }) => [name, place.position, place.length])).toEqual([
      ['r0', 1, 3],
      ['r1', 2, 3],
      ['r2', 3, 3],
      ['r3', 3, 3],
    ]);
  });

  test('does not depend on the order of the input', () => {
    const all = Array.from({ length: 12 }, (_, i) => request(`r${i}`, { namespace: `n${i % 3}`, createdAt: i % 2 }));
    expect(fairOrder(all.toReversed())).toEqual(fairOrder(all));
  });
});

test('a thousand requests, a thousand grants and two thousand pods are decided well under 100 ms', () => {
  const beds = Array.from({ length: 20 }, (_, i) => bed(`bed${i}`, { concurrency: 64, subnet: '10.0.0.0/8' }));
  const at = (i: number): Wish => ({
    bed: beds[i % 20] as (typeof beds)[0],
    nodes: { server: `s${i % 20}`, client: `c${i % 20}` },
  });
  const names = beds.flatMap((_, i) => [`s${i}`, `c${i}`]);
  const cluster = new Map(names.map((name) => [name, node(name, { [VF]: '60' })]));
  const start = allocate(
    input({
      requests: Array.from({ length: 1000 }, (_, i) => request(`l${i}`, at(i))),
      testbeds: new Map(beds),
      nodes: cluster,
    }),
  );
  expect(start.granted).toHaveLength(1000);
  const grants = start.granted.map(({ request: wanted, grant }) => live(wanted, grant));
  const pods = grants.flatMap(({ uid, grant }) =>
    grant.endpoints.map((e) => holder(e.object, e.node, { [VF]: 1 }, { uid, endpoint: e.name })),
  );
  const requests = Array.from({ length: 1000 }, (_, i) => request(`n${i}`, at(i)));
  const full = input({ requests, live: grants, pods, testbeds: new Map(beds), nodes: cluster });
  // Processor time: how busy the machine is does not matter.
  const times = [0, 1, 2].map(() => {
    const before = process.cpuUsage();
    const { granted, refused } = allocate(full);
    expect([granted.length, refused.length]).toEqual([200, 800]);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  expect(Math.min(...times)).toBeLessThan(100);
});

test.each(['mac', 'managementMac'] as const)('a MAC that another trial holds as its %s is not pinned again', (nic) => {
  const fields = { requests: [request('new', { bed: SHARED })], testbeds: new Map([SHARED]) };
  const macsOf = (given: Partial<AllocationInput>): (string | undefined)[] =>
    (allocate(input(given)).granted[0]?.grant.endpoints ?? []).flatMap(({ mac, managementMac }) => [
      mac,
      managementMac,
    ]);
  const free = macsOf(fields);
  const old = held('old', { bed: SHARED });
  const [first, ...rest] = old.grant.endpoints;
  const clash = { ...old, grant: { ...old.grant, endpoints: [{ ...first!, [nic]: free[0]! }, ...rest] } };
  const macs = macsOf({ ...fields, live: [clash] });

  expect(macs).toHaveLength(4);
  expect(macs).not.toContain(free[0]);
  expect(macs.slice(1)).toEqual(free.slice(1));
});
