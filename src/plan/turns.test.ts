import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bed, input, live, request } from '../../test/support/allocation.ts';
import { nodes } from '../../test/support/builders.ts';
import { allocate, type Request } from './allocate.ts';
import type { LiveGrant } from './held.ts';
import { servedKeys } from './turns.ts';

const AT = [
  { server: 'node-a', client: 'node-b' },
  { server: 'node-c', client: 'node-d' },
];

/** Namespaces whose Experiments always want one more trial, on one of two pairs of nodes; each with a Testbed of its own. */
class Crowd {
  readonly waiting: Request[] = [];
  readonly grants: { namespace: string; place: number }[] = [];
  readonly #served = new Map<string, number>();
  #live: { grant: LiveGrant; namespace: string; place: number }[] = [];
  #serial = 0;

  /** `experiments`: how many each namespace has on each pair of nodes. */
  constructor(experiments: readonly (readonly number[])[]) {
    experiments.forEach((counts, n) =>
      counts.forEach((count, place) => {
        for (let i = 0; i < count; i++) this.#ask(`ns${n}`, place);
      }),
    );
  }

  #ask(namespace: string, place: number): void {
    const nodes = AT[place] as (typeof AT)[0];
    const at = this.#serial++;
    const wish = { bed: bed(`${namespace}-${place}`), nodes, namespace, mode: 'Virtio', createdAt: at } as const;
    this.waiting.push(request(`t${at}`, wish));
  }

  /** Ends the trials that the number tells, and grants what may run then. */
  step(ending: number): void {
    const ends = this.#live.filter(({ place }) => ((ending >> place) & 1) === 1);
    this.#live = this.#live.filter((trial) => !ends.includes(trial));
    for (const { namespace, place } of ends) this.#ask(namespace, place);
    const testbeds = new Map(this.waiting.map(({ testbed: key }) => [key, bed(key.split('/')[1] ?? '')[1]]));
    const { granted } = allocate(
      input({
        requests: this.waiting,
        live: this.#live.map(({ grant }) => grant),
        testbeds,
        nodes: nodes('node-a', 'node-b', 'node-c', 'node-d'),
        served: this.#served,
      }),
    );
    for (const { request: wanted, grant } of granted) {
      const place = grant.nodes.server === 'node-a' ? 0 : 1;
      for (const key of servedKeys(wanted)) this.#served.set(key, ++this.#serial);
      this.waiting.splice(this.waiting.indexOf(wanted), 1);
      this.#live.push({ grant: live(wanted, grant), namespace: wanted.namespace, place });
      this.grants.push({ namespace: wanted.namespace, place });
    }
  }
}

test('between two turns of a namespace on a pair of nodes every other one that waits there has one', () => {
  const crowd = fc.array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 })), { minLength: 1, maxLength: 5 });
  let turns = 0;
  const property = fc.property(crowd, fc.array(fc.nat({ max: 3 }), { maxLength: 40 }), (experiments, ends) => {
    const world = new Crowd(experiments);
    world.step(0);
    for (const end of ends) world.step(end);
    for (const place of [0, 1]) {
      const here = world.grants.filter((grant) => grant.place === place).map(({ namespace }) => namespace);
      const wanted = experiments.filter((counts) => (counts[place] ?? 0) > 0).length;
      turns += here.length;
      // All of them are always waiting: any run of turns as long as they are many has each of them once.
      for (let i = 0; i + wanted <= here.length; i++) {
        const run = here.slice(i, i + wanted);
        if (new Set(run).size !== wanted) throw new Error(`Not in turn at ${i}: ${here.join(' ')}`);
      }
    }
  });
  fc.assert(property, { numRuns: 1000 });
  expect(turns).toBeGreaterThan(5000);
});
