/** Data addresses: no two live trials have the same, whichever Testbeds they are of. */
import { describe, expect, test } from '@jest/globals';
import { bed, grantOf, held, input, request, type Wish } from '../../test/support/allocation.ts';
import { verdict } from '../../test/support/allocation-rules.ts';
import { nodes } from '../../test/support/builders.ts';
import type { TestbedSpec } from '../api/v1alpha1.ts';
import { allocate, type Request } from './allocate.ts';
import type { LiveGrant } from './held.ts';

const CLUSTER = nodes('node-a', 'node-b', 'node-c', 'node-d');
const THERE = { server: 'node-c', client: 'node-d' };

const one = (spec: Partial<TestbedSpec> = {}): ReturnType<typeof bed> => bed('one', spec);
const two = (spec: Partial<TestbedSpec> = {}): ReturnType<typeof bed> => bed('two', spec);
const virtio = (owner: ReturnType<typeof bed>, wish: Wish = {}): Wish => ({ bed: owner, mode: 'Virtio', ...wish });

/** A live trial of `owner` on nodes of its own. */
const old = (owner: ReturnType<typeof bed>, pairs = 1, name = 'old'): LiveGrant =>
  held(name, virtio(owner, { nodes: THERE, pairs }), { nodes: CLUSTER });

/** With these addresses, as a grant has them. */
const at = (grant: LiveGrant, ...addresses: string[]): LiveGrant => ({
  ...grant,
  grant: {
    ...grant.grant,
    endpoints: grant.grant.endpoints.map((endpoint, i) => ({ ...endpoint, address: addresses[i] ?? '' })),
  },
});

const addressesOf = (wanted: Request, testbeds: ReturnType<typeof bed>[], live: LiveGrant[] = []): string[] =>
  grantOf(wanted, { testbeds: new Map(testbeds), nodes: CLUSTER, live }).endpoints.map(({ address }) => address);

describe('Testbeds on other nodes, whose networks may be one', () => {
  test('a trial gets none that one of another Testbed has', () => {
    const wanted = request('new', virtio(one()));
    expect(addressesOf(wanted, [one()], [old(two())])).toEqual(['192.168.50.13/24', '192.168.50.14/24']);
  });

  test('two that are granted at once share none', () => {
    const requests = [
      request('a', virtio(one(), { namespace: 'n1' })),
      request('b', virtio(two(), { namespace: 'n2', nodes: THERE })),
    ];
    const { granted } = allocate(input({ requests, testbeds: new Map([one(), two()]), nodes: CLUSTER }));
    const all = granted.flatMap(({ grant }) => grant.endpoints.map(({ address }) => address));
    expect(all).toHaveLength(4);
    expect(new Set(all).size).toBe(4);
  });

  test('whatever the prefix length, and however the address is written', () => {
    const wide = one({ subnet: '192.168.0.0/16' });
    const taken = at(old(two()), '192.168.0.11/24', '192.168.0.12/28');
    expect(addressesOf(request('new', virtio(wide)), [wide], [taken])).toEqual(['192.168.0.13/16', '192.168.0.14/16']);
    const six = one({ subnet: 'fd00::/64' });
    const short = at(old(two()), 'fd00::b/64', 'FD00:0::000C/64');
    expect(addressesOf(request('new', virtio(six)), [six], [short])).toEqual([
      'fd00:0:0:0:0:0:0:d/64',
      'fd00:0:0:0:0:0:0:e/64',
    ]);
  });

  test('addresses of other subnets take none of its own', () => {
    const small = one({ subnet: '10.0.0.0/29' });
    const crowd = at(old(two(), 4), ...Array.from({ length: 8 }, (_, i) => `192.168.50.${i + 1}/24`));
    expect(addressesOf(request('new', virtio(small, { pairs: 3 })), [small], [crowd])).toHaveLength(6);
    // Nor do they move it off the 11th, where it starts.
    const usual = one({ subnet: '10.0.0.0/28' });
    expect(addressesOf(request('new', virtio(usual)), [usual], [crowd])).toEqual(['10.0.0.11/28', '10.0.0.12/28']);
  });

  test('what is no address takes none', () => {
    const broken = at(old(two()), 'rubbish', '192.168.50.11/24');
    expect(addressesOf(request('new', virtio(one())), [one()], [broken])).toEqual([
      '192.168.50.12/24',
      '192.168.50.13/24',
    ]);
  });
});

describe('a subnet that others have addresses of', () => {
  const small = { subnet: '10.0.0.0/29' };
  const fields = (pairs: number, live: LiveGrant[]) => ({
    requests: [request('new', virtio(one(small), { pairs }))],
    testbeds: new Map([one(small), two(small)]),
    nodes: CLUSTER,
    live,
  });

  test('it waits, with the numbers and the holders', () => {
    expect(verdict(fields(2, [old(two(small), 2)]))).toBe(
      'AddressesBusy: Subnet 10.0.0.0/29 has 6 addresses: 4 needed, 2 free, in use: 4 by trial bench/old',
    );
    expect(verdict(fields(1, [old(two(small), 2)]))).toBe('granted');
  });

  test('too small is one that has fewer at all', () => {
    expect(verdict(fields(4, [old(two(small), 2)]))).toMatch(/^SubnetTooSmall: Subnet 10\.0\.0\.0\/29 has no 8 free/);
  });

  test('small trials, one always running, do not keep a large one from its addresses', () => {
    const large = request('large', virtio(one(small), { pairs: 3, createdAt: 1 }));
    const next = request('next', virtio(two(small), { nodes: THERE, createdAt: 2 }));
    const other = bed('other', { subnet: '10.0.0.0/28' });
    const wide = request('wide', virtio(other, { nodes: { server: 'node-e', client: 'node-f' }, createdAt: 3 }));
    const far = at(
      held('running', virtio(bed('far'), { nodes: { server: 'x', client: 'y' } })),
      '10.0.0.1/29',
      '10.0.0.2/29',
    );
    const given = { ...fields(1, [far]), requests: [large, next, wide] };
    const { granted } = allocate(input({ ...given, testbeds: new Map([one(small), two(small), other]) }));
    expect(verdict(given, 'next')).toBe(
      'AddressesBusy: Subnet 10.0.0.0/29 has 6 addresses: 2 needed, 0 free, in use: 4 by trial bench/large (waits for more), 2 by trial bench/running',
    );
    // What lies outside is nobody's.
    expect(granted.map(({ request: { name } }) => name)).toEqual(['wide']);
    expect(granted[0]?.grant.endpoints.map(({ address }) => address)).toEqual(['10.0.0.7/28', '10.0.0.8/28']);
  });
});
