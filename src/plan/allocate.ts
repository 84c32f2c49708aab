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
import { endpointObjectName, freshMac } from './names.ts';
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
  /** By namespace when it was last served, as numbers that grow: who waited longest comes first. */
  served?: ReadonlyMap<string, number>;
}

export interface AllocationResult {
  granted: { request: Request; grant: Grant }[];
  refused: { request: Request; finding: Finding }[];
}

/**
 * Oldest first within a namespace; namespaces in turn, the one that was served longest ago first: nobody's backlog
 * holds up everybody else.
 */
export function fairOrder(requests: readonly Request[], served: ReadonlyMap<string, number> = new Map()): Request[] {
  const byAge = [...requests].sort((a, b) => a.createdAt - b.createdAt || (a.trial < b.trial ? -1 : 1));
  const turns = [...groupBy(byAge, (request) => request.namespace)].flatMap(([namespace, list]) =>
    list.map((request, turn) => ({ request, turn, last: served.get(namespace) ?? 0 })),
  );
  return turns
    .sort((a, b) => a.turn - b.turn || a.last - b.last || a.request.createdAt - b.request.createdAt)
    .map((t) => t.request);
}

const nodesOf = (needs: readonly { node: string }[]): Set<string> => new Set(needs.map((need) => need.node));

function full({ testbed: key }: Request, testbed: Testbed, held: Held): Finding | null {
  const own = held.of(key);
  if (own.length < testbed.spec.concurrency) return null;
  return {
    reason: 'TestbedBusy',
    message: `Testbed ${key} runs ${own.length} of ${testbed.spec.concurrency} trials at once, ${own[0]?.trial} among them: waits for its end`,
  };
}

/** Another Testbed's trial is on a node; what waits for that keeps its place in the queue. */
function occupied(request: Request, held: Held, queue: Map<string, Request>): Finding | null {
  const wanted = nodesOf(request.needs);
  const other = held.otherOn(wanted, request.testbed);
  if (other === undefined) return null;
  for (const node of wanted) if (!queue.has(node)) queue.set(node, request);
  return {
    reason: 'NodesBusy',
    message: `Trial ${other.trial} of Testbed ${other.testbed} measures on the same nodes: waits for its end`,
  };
}

/** Else a Testbed that runs several trials at once, one always, would never let another one have the nodes. */
function queued(request: Request, queue: ReadonlyMap<string, Request>): Finding | null {
  for (const node of nodesOf(request.needs)) {
    const first = queue.get(node);
    if (first === undefined || first.testbed === request.testbed) continue;
    return {
      reason: 'NodesBusy',
      message: `Trial ${first.trial} of Testbed ${first.testbed} waits for node ${node} and comes first: waits for its end`,
    };
  }
  return null;
}

function haunted(request: Request, testbed: Testbed, lingering: ReadonlySet<string>): Finding | null {
  if (testbed.spec.concurrency > 1) return null;
  const node = [...nodesOf(request.needs)].find((name) => lingering.has(name));
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

/** MACs of the request's VMs by endpoint, no two alike, nor like one that is held: KubeVirt would not notice. */
function pinnedMacs(request: Request, held: Held): Map<string, Pick<GrantedEndpoint, 'mac' | 'managementMac'>> {
  const own = new Set<string>();
  const fresh = (name: string, nic: string): string => {
    const mac = freshMac((each) => own.has(each) || held.hasMac(each), request.uid, name, nic);
    own.add(mac);
    return mac;
  };
  const vms = request.needs.filter(({ kind }) => kind !== 'Pod');
  return new Map(vms.map(({ name }) => [name, { mac: fresh(name, 'data'), managementMac: fresh(name, 'management') }]));
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
  const macs = pinnedMacs(request, held);
  const endpoints = request.needs.map((need, i): GrantedEndpoint => ({
    ...need,
    object: endpointObjectName(request.name, need.name),
    address: `${hosts[i]}/${subnet.prefix}`,
    ...macs.get(need.name),
  }));
  return { nodes: request.nodes, endpoints };
}

/** Decides every waiting trial in fair order; a grant made earlier in the call counts for the later ones. */
export function allocate(input: AllocationInput): AllocationResult {
  const held = new Held(input.pods, input.live);
  const queue = new Map<string, Request>();
  const result: AllocationResult = { granted: [], refused: [] };
  for (const request of fairOrder(input.requests, input.served)) {
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
    const finding =
      full(request, testbed, held) ??
      occupied(request, held, queue) ??
      queued(request, queue) ??
      haunted(request, testbed, input.lingering) ??
      shortage(request, input, held);
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
