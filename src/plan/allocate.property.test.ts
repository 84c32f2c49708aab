import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bed, holder, live, request, VF } from '../../test/support/allocation.ts';
import { node } from '../../test/support/builders.ts';
import { allocate, type Request } from './allocate.ts';
import type { LiveGrant } from './held.ts';
import { isLive, type Pod } from './observed.ts';

const NODES = ['node-a', 'node-b', 'node-c'];
const BEDS = [bed('one'), bed('two'), bed('many', { concurrency: 3 })] as const;
const PLACES = NODES.flatMap((server) => NODES.filter((n) => n !== server).map((client) => ({ server, client })));
const MODES = ['Native', 'Virtio', 'Passthrough'] as const;
const RESOURCES = [VF, 'x/vfnet'];

interface Step {
  what:
    | 'ask'
    | 'grant'
    | 'pods'
    | 'endPods'
    | 'cleanUp'
    | 'deleteTrial'
    | 'removePods'
    | 'allocatable'
    | 'others'
    | 'othersEnd';
  /** Which trial, node or pod. */
  n: number;
  /** How many. */
  count: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    what: fc.constantFrom<Step['what'][]>(
      'ask',
      'ask',
      'grant',
      'grant',
      'pods',
      'endPods',
      'cleanUp',
      'deleteTrial',
      'removePods',
      'allocatable',
      'others',
      'othersEnd',
    ),
    n: fc.nat({ max: 1000 }),
    count: fc.nat({ max: 4 }),
  }),
  { minLength: 5, maxLength: 40 },
);

/** Trials, pods and nodes as they come and go; only grants are decided by the allocator. */
class Cluster {
  waiting: Request[] = [];
  live: LiveGrant[] = [];
  pods: Pod[] = [];
  nodes = new Map(NODES.map((name) => [name, node(name, { [VF]: '4', 'x/vfnet': '4' })]));
  #serial = 0;

  do({ what, n, count }: Step): void {
    const trial = this.live[n % Math.max(this.live.length, 1)];
    const name = NODES[n % NODES.length] ?? '';
    if (what === 'ask') this.#ask(n, count);
    else if (what === 'grant') this.grant();
    else if (what === 'removePods') this.pods = this.pods.filter((pod) => !this.#isLingering(pod));
    else if (what === 'allocatable') this.nodes.set(name, node(name, { [VF]: `${count}`, 'x/vfnet': `${4 - count}` }));
    else if (what === 'others') this.#others(name, count);
    else if (what === 'othersEnd') this.pods = this.pods.filter((pod) => !pod.metadata.name.startsWith('other-'));
    else if (trial !== undefined) this.#happen(what, trial, count);
  }

  #happen(what: Step['what'], trial: LiveGrant, count: number): void {
    const own = this.#podsOf(trial.uid);
    if (what === 'pods') this.#makePods(trial, count);
    if (what === 'endPods') for (const pod of own) pod.status = { phase: 'Succeeded' };
    if (what === 'cleanUp') this.pods = this.pods.filter((pod) => !own.includes(pod));
    // The pods of a deleted trial stay for a while.
    if (what === 'cleanUp' || what === 'deleteTrial') this.live = this.live.filter(({ uid }) => uid !== trial.uid);
  }

  #others(at: string, count: number): void {
    this.pods.push(holder(`other-${this.#serial++}`, at, { [RESOURCES[count % 2] ?? '']: count }));
  }

  #ask(n: number, count: number): void {
    const owner = BEDS[n % BEDS.length] as (typeof BEDS)[0];
    const places = PLACES[n % PLACES.length] as (typeof PLACES)[0];
    const placement = n % 4 === 0 ? 'SameNode' : 'CrossNode';
    const mode = MODES[n % MODES.length] ?? 'Native';
    const wish = {
      bed: owner,
      nodes: places,
      placement,
      mode,
      pairs: 1 + (count % 3),
      namespace: `ns${count}`,
    } as const;
    this.waiting.push(request(`t${this.#serial}`, { ...wish, createdAt: this.#serial++ }));
  }

  /** Some of a trial's endpoints become visible, bound to their nodes. */
  #makePods({ uid, grant }: LiveGrant, count: number): void {
    for (const { name, object, node: at, resource } of grant.endpoints.slice(0, count + 1)) {
      if (this.pods.some((pod) => pod.metadata.name === object)) continue;
      this.pods.push(holder(object, at, resource === undefined ? {} : { [resource]: 1 }, { uid, endpoint: name }));
    }
  }

  #podsOf(uid: string): Pod[] {
    return this.pods.filter((pod) => pod.metadata.labels?.['vfbench.io/trial-uid'] === uid);
  }

  #isLingering({ metadata: { labels } }: Pod): boolean {
    const uid = labels?.['vfbench.io/trial-uid'];
    return uid !== undefined && !this.live.some((trial) => trial.uid === uid);
  }

  lingering(): Set<string> {
    return new Set(
      this.pods.filter((pod) => isLive(pod) && this.#isLingering(pod)).flatMap(({ spec }) => spec.nodeName ?? []),
    );
  }

  grant(): void {
    const lingering = this.lingering();
    const { granted, refused } = allocate({
      requests: this.waiting,
      live: this.live,
      testbeds: new Map(BEDS),
      nodes: this.nodes,
      pods: this.pods,
      lingering,
    });
    expect(granted.length + refused.length).toBe(this.waiting.length);
    for (const { finding } of refused) expect(finding.message).not.toBe('');
    const fresh = granted.map(({ request: wanted, grant }) => live(wanted, grant));
    this.waiting = refused.map(({ request: wanted }) => wanted);
    this.live.push(...fresh);
    for (const { grant, testbed } of fresh) {
      const places = grant.endpoints.map((endpoint) => endpoint.node);
      if (!testbed.endsWith('many')) expect(places.filter((place) => lingering.has(place))).toEqual([]);
      for (const { node: at, resource } of grant.endpoints) if (resource !== undefined) this.#fits(at, resource);
    }
    this.check();
  }

  /** What all live trials were granted, and what the pods of others hold: recounted from nothing. */
  #fits(at: string, resource: string): void {
    const promised = this.live
      .flatMap(({ grant }) => grant.endpoints)
      .filter((e) => e.node === at && e.resource === resource).length;
    const uids = new Set(this.live.map(({ uid }) => uid));
    const others = this.pods.filter(
      (pod) =>
        isLive(pod) && pod.spec.nodeName === at && !uids.has(pod.metadata.labels?.['vfbench.io/trial-uid'] ?? ''),
    );
    const taken = others.reduce(
      (sum, pod) => sum + Number(pod.spec.containers[0]?.resources?.requests?.[resource] ?? 0),
      0,
    );
    expect(promised + taken).toBeLessThanOrEqual(Number(this.nodes.get(at)?.status?.allocatable?.[resource]));
  }

  check(): void {
    for (const [key, { spec }] of BEDS) {
      const own = this.live.filter(({ testbed }) => testbed === key);
      expect(own.length).toBeLessThanOrEqual(spec.concurrency);
      const addresses = own.flatMap(({ grant }) => grant.endpoints.map(({ address }) => address));
      expect(new Set(addresses).size).toBe(addresses.length);
    }
    for (const place of NODES) {
      const users = new Set(
        this.live.filter(({ grant }) => grant.endpoints.some((e) => e.node === place)).map(({ testbed }) => testbed),
      );
      expect(users.size).toBeLessThanOrEqual(1);
    }
    const macs = this.live
      .flatMap(({ grant }) => grant.endpoints.flatMap((e) => [e.mac, e.managementMac]))
      .filter(Boolean);
    expect(new Set(macs).size).toBe(macs.length);
  }
}

test('whatever comes and goes: no VF is promised twice, no node shared by two Testbeds, no address given twice', () => {
  let [granted, refused] = [0, 0];
  const property = fc.property(steps, (history) => {
    const cluster = new Cluster();
    for (const step of history) cluster.do(step);
    cluster.grant();
    granted += cluster.live.length;
    refused += cluster.waiting.length;
  });
  fc.assert(property, { numRuns: 2000 });
  expect(granted).toBeGreaterThan(1000);
  expect(refused).toBeGreaterThan(1000);
});
