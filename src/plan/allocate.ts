/**
 * Who may start: all or nothing, decided for all waiting trials at once, in one place.
 * A trial is granted when its Testbed has a free slot, no other live trial uses its nodes, every
 * device it needs is free, and its data addresses are.
 */
import type { Grant, GrantedEndpoint, Testbed } from '../api/v1alpha1.ts';
import { freeHosts, parseSubnet } from './addresses.ts';
import { deviceCounts, type EndpointNeed } from './endpoints.ts';
import { groupBy } from './group.ts';
import { Held, type LiveGrant } from './held.ts';
import { allocatable } from './inventory.ts';
import { endpointObjectName, macAddress } from './names.ts';
import type { Finding, Node, Pod } from './observed.ts';

export type { LiveGrant } from './held.ts';

export interface Request {
  /** `namespace/name` of the Trial, and its UID. */
  trial: string;
  uid: string;
  namespace: string;
  name: string;
  /** `namespace/name` of its Testbed. */
  testbed: string;
  createdAt: number;
  needs: EndpointNeed[];
  nodes: Grant['nodes'];
}

export interface AllocationInput {
  requests: readonly Request[];
  live: readonly LiveGrant[];
  testbeds: ReadonlyMap<string, Testbed>;
  nodes: ReadonlyMap<string, Node>;
  pods: readonly Pod[];
  /** Nodes on which endpoints of trials that no longer exist still run. */
  lingering: ReadonlySet<string>;
}

export interface AllocationResult {
  granted: { request: Request; grant: Grant }[];
  refused: { request: Request; finding: Finding }[];
}

/** Oldest first within a namespace, namespaces in turn: nobody's backlog holds up everybody else. */
export function fairOrder(requests: readonly Request[]): Request[] {
  const byAge = [...requests].sort((a, b) => a.createdAt - b.createdAt || (a.trial < b.trial ? -1 : 1));
  const turns = [...groupBy(byAge, (request) => request.namespace).values()].flatMap((list) =>
    list.map((request, turn) => ({ request, turn })),
  );
  return turns.sort((a, b) => a.turn - b.turn || a.request.createdAt - b.request.createdAt).map((t) => t.request);
}

const nodesOf = (needs: readonly { node: string }[]): Set<string> => new Set(needs.map((need) => need.node));

function busy(request: Request, testbed: Testbed, held: Held, lingering: ReadonlySet<string>): Finding | null {
  const own = held.of(request.testbed);
  if (own.length >= testbed.spec.concurrency) {
    const holder = own[0]?.trial;
    return {
      reason: 'TestbedBusy',
      message: `Testbed ${request.testbed} runs ${own.length} of ${testbed.spec.concurrency} trials at once, ${holder} among them: waits for its end`,
    };
  }
  const wanted = nodesOf(request.needs);
  const other = held.otherOn(wanted, request.testbed);
  if (other !== undefined) {
    return {
      reason: 'NodesBusy',
      message: `Trial ${other.trial} of Testbed ${other.testbed} measures on the same nodes: waits for its end`,
    };
  }
  const node = testbed.spec.concurrency > 1 ? undefined : [...wanted].find((name) => lingering.has(name));
  if (node === undefined) return null;
  return {
    reason: 'NodesBusy',
    message: `Endpoints of a deleted trial still run on node ${node}: waits until they are gone`,
  };
}

function shortage(request: Request, input: AllocationInput, held: Held): Finding | null {
  for (const [key, needed] of deviceCounts(request.needs)) {
    const [node = '', resource = ''] = key.split('|');
    const total = allocatable(input.nodes.get(node), resource);
    const use = held.use(node, resource);
    const free = total - use.count;
    if (free >= needed) continue;
    const holders = use.holders.length === 0 ? '' : `, in use: ${use.holders.slice(0, 5).join(', ')}`;
    return {
      reason: 'InsufficientVFs',
      message: `Node ${node} has ${total} of ${resource}: ${needed} needed, ${Math.max(free, 0)} free${holders}`,
    };
  }
  return null;
}

function address(request: Request, testbed: Testbed, held: Held): Grant | Finding {
  const subnet = parseSubnet(testbed.spec.subnet);
  const hosts = subnet === null ? null : freeHosts(subnet, request.needs.length, held.addresses(request.testbed));
  if (subnet === null || hosts === null) {
    return {
      reason: 'SubnetTooSmall',
      message: `Subnet ${testbed.spec.subnet} has no ${request.needs.length} free addresses: give Testbed ${request.testbed} a larger one`,
    };
  }
  const endpoints = request.needs.map((need, i): GrantedEndpoint => ({
    ...need,
    object: endpointObjectName(request.name, need.name),
    address: `${hosts[i]}/${subnet.prefix}`,
    ...(need.kind === 'Pod'
      ? {}
      : {
          mac: macAddress(request.uid, need.name, 'data'),
          managementMac: macAddress(request.uid, need.name, 'management'),
        }),
  }));
  return { nodes: request.nodes, endpoints };
}

/** Decides every waiting trial in fair order; a grant made earlier in the call counts for the later ones. */
export function allocate(input: AllocationInput): AllocationResult {
  const held = new Held(input.pods, input.live);
  const result: AllocationResult = { granted: [], refused: [] };
  for (const request of fairOrder(input.requests)) {
    const testbed = input.testbeds.get(request.testbed);
    if (testbed === undefined) {
      result.refused.push({
        request,
        finding: {
          reason: 'TestbedNotFound',
          message: `There is no Testbed ${request.testbed}: create it, or name another one`,
        },
      });
      continue;
    }
    const finding = busy(request, testbed, held, input.lingering) ?? shortage(request, input, held);
    const grant = finding ?? address(request, testbed, held);
    if ('reason' in grant) {
      result.refused.push({ request, finding: grant });
      continue;
    }
    result.granted.push({ request, grant });
    held.add({ trial: request.trial, uid: request.uid, testbed: request.testbed, grant });
  }
  return result;
}
