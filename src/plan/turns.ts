/**
 * Whose turn it is: namespaces share nodes fairly, whatever number of Experiments each has waiting.
 * Who was served counts by node: a namespace that gets much elsewhere does not lose its turn here.
 */
import type { EndpointNeed } from './endpoints.ts';

export interface Waiting {
  /** `namespace/name` of the Trial. */
  trial: string;
  namespace: string;
  createdAt: number;
  needs: readonly Pick<EndpointNeed, 'node'>[];
}

/** By `node|namespace` when that namespace was last given that node, as numbers that grow. */
export type Served = ReadonlyMap<string, number>;

export const nodesOf = (needs: readonly { node: string }[]): Set<string> => new Set(needs.map((need) => need.node));

/** Keys of `Served` that a grant to this Trial touches. */
export const servedKeys = ({ namespace, needs }: Pick<Waiting, 'namespace' | 'needs'>): string[] =>
  [...nodesOf(needs)].map((node) => `${node}|${namespace}`);

/** By age, then by name: a total order. */
const older = (a: Waiting, b: Waiting): number => a.createdAt - b.createdAt || (a.trial < b.trial ? -1 : 1);

/**
 * Oldest first within a namespace; namespaces in turn, the one that was given these nodes longest ago first: nobody's
 * backlog holds up everybody else.
 */
export function fairOrder<T extends Waiting>(requests: readonly T[], served: Served = new Map()): T[] {
  const taken = new Map<string, number>();
  const turns = [...requests].sort(older).map((request) => {
    const keys = servedKeys(request);
    const turn = Math.max(0, ...keys.map((key) => taken.get(key) ?? 0));
    for (const key of keys) taken.set(key, turn + 1);
    return { request, turn, last: Math.max(0, ...keys.map((key) => served.get(key) ?? 0)) };
  });
  return turns
    .sort((a, b) => a.turn - b.turn || a.last - b.last || older(a.request, b.request))
    .map(({ request }) => request);
}

/** Of how many that wait for the same nodes it is which, from 1; the longest queue counts. */
export interface Place {
  position: number;
  length: number;
}

/** Places of those that wait, given in the order in which they come. */
export function places<T extends Pick<Waiting, 'needs'>>(inOrder: readonly T[]): Map<T, Place> {
  const queues = new Map<string, number>();
  const positions = inOrder.map((request) => {
    const position = { node: '', place: 0 };
    for (const node of nodesOf(request.needs)) {
      const place = (queues.get(node) ?? 0) + 1;
      queues.set(node, place);
      if (place > position.place) Object.assign(position, { node, place });
    }
    return { request, ...position };
  });
  return new Map(
    positions.map(({ request, node, place }) => [request, { position: place, length: queues.get(node) ?? place }]),
  );
}
