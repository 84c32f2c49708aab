/** Which Nodes a Testbed names for the two ends. Pure. */
import type { NodeSet } from '../api/v1alpha1.ts';
import type { Role } from '../results/endpointKind.ts';
import type { Node } from './observed.ts';

export const ROLES: readonly Role[] = ['server', 'client'];

function matches(set: NodeSet, node: Node): boolean {
  const wanted = Object.entries(set.selector?.matchLabels ?? {});
  return wanted.length > 0 && wanted.every(([label, value]) => node.metadata.labels?.[label] === value);
}

/** Candidates in a fixed order: as named in the Testbed, else by name. */
export function candidates(set: NodeSet, nodes: ReadonlyMap<string, Node>): Node[] {
  if (set.names !== undefined) return set.names.flatMap((name) => nodes.get(name) ?? []);
  return [...nodes.values()]
    .filter((node) => matches(set, node))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
