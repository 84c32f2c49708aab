/** The server node and the client node of an Experiment. Pure. */
import type { ExperimentStatus, Testbed } from '../api/v1alpha1.ts';
import type { Role } from '../results/endpointKind.ts';
import { candidates } from './candidates.ts';
import type { NodeJudge } from './nodeFit.ts';
import { isCordoned } from './nodeState.ts';
import { isReady, type Node } from './observed.ts';

export type Nodes = NonNullable<ExperimentStatus['nodes']>;

export interface Choice {
  testbed: Testbed;
  nodes: ReadonlyMap<string, Node>;
  /** Whether both ends are ever on different nodes. */
  crosses: boolean;
  judge: NodeJudge;
}

function pair(servers: readonly Node[], clients: readonly Node[], crosses: boolean): Nodes | null {
  for (const server of servers) {
    const client = crosses ? clients.find((node) => node.metadata.name !== server.metadata.name) : server;
    if (client !== undefined) return { server: server.metadata.name, client: client.metadata.name };
  }
  return null;
}

/** Candidates that are up, in the Testbed's order: those on which nothing is in the way, and the others. */
function sorted({ testbed, nodes, judge }: Choice, role: Role): { free: Node[]; others: Node[] } {
  const up = candidates(testbed.spec.nodes[role], nodes).filter((node) => isReady(node) && !isCordoned(node));
  const free = up.filter((node) => judge(node, role) === null);
  return { free, others: up.filter((node) => !free.includes(node)) };
}

/**
 * One server and one client node, different ones where any placement crosses nodes, else one for both. Where no two are
 * without an obstacle, two that are up: what is in their way is for the user to know.
 */
export function chooseNodes(choice: Choice): Nodes | null {
  const { crosses } = choice;
  const [servers, clients] = [sorted(choice, 'server'), sorted(choice, 'client')];
  return (
    pair(servers.free, clients.free, crosses) ??
    pair([...servers.free, ...servers.others], [...clients.free, ...clients.others], crosses)
  );
}
