/**
 * Who may start: all or nothing, decided for all waiting trials at once, in one place.
 * A trial is granted when its Testbed has a free slot, no other live trial uses its nodes, every
 * device it needs is free, and its data addresses are.
 */
import type { Grant, GrantedEndpoint, Testbed } from '../api/v1alpha1.ts';
import { freeHosts, parseSubnet } from './addresses.ts';
import { deviceCounts, type EndpointNeed } from './endpoints.ts';
import { Held, type LiveGrant } from './held.ts';
import { allocatable, type Use } from './inventory.ts';
import { endpointObjectName, freshMac } from './names.ts';
import type { Finding, Node, Pod } from './observed.ts';
import { fairOrder, nodesOf, type Place, places, type Served, type Waiting } from './turns.ts';

export type { LiveGrant } from './held.ts';

export interface Request extends Waiting {
  uid: string;
  name: string;
  /** `namespace/name` of its Testbed. */
  testbed: string;
  needs: EndpointNeed[];
  nodes: Grant['nodes'];
}

export interface AllocationInput {
  requests: readonly Request[];
  live: readonly LiveGrant[];
  testbeds: ReadonlyMap<string, Testbed>;
  nodes: ReadonlyMap<string, Node>;
  /** Anybody's, also those that are on their way: see `footprints`. */
  pods: readonly Pod[];
  /** Nodes on which endpoints of trials that no longer exist still run, and the namespaces of these. */
  lingering: ReadonlyMap<string, ReadonlySet<string>>;
  served?: Served;
}

export interface AllocationResult {
  granted: { request: Request; grant: Grant }[];
  /** In the order in which they come. */
  refused: { request: Request; finding: Finding; place: Place }[];
}

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

/**
 * Else a Testbed that runs several trials at once, one always, would never let another one have the nodes. Whose turn it
 * is (`begun`: granted in this call) may fill its slots: several at once are one turn.
 */
function queued(
  request: Request,
  { queue, begun }: { queue: ReadonlyMap<string, Request>; begun: ReadonlySet<string> },
): Finding | null {
  if (begun.has(request.testbed)) return null;
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

/** Where several may run at once, what is left of the same namespace's trials is no hindrance. */
function haunted(request: Request, testbed: Testbed, lingering: AllocationInput['lingering']): Finding | null {
  const isShared = testbed.spec.concurrency > 1;
  const node = [...nodesOf(request.needs)].find((name) =>
    [...(lingering.get(name) ?? [])].some((namespace) => !isShared || namespace !== request.namespace),
  );
  if (node === undefined) return null;
  return {
    reason: 'NodesBusy',
    message: `Endpoints of a deleted trial still run on node ${node}: waits until they are gone`,
  };
}

/** Holders that a message names; of the others it says how much they have. */
const NAMED = 5;

function heldBy({ holders }: Use): string {
  if (holders.size === 0) return '';
  const all = [...holders].sort(([, a], [, b]) => b - a);
  const rest = all.slice(NAMED);
  const named = all.slice(0, NAMED).map(([who, count]) => `${count} by ${who}`);
  const more = rest.reduce((sum, [, count]) => sum + count, 0);
  return `, in use: ${named.join(', ')}${rest.length === 0 ? '' : ` and ${more} by ${rest.length} others`}`;
}

/** Fewer free than needed; where only trials of ours stand in the way, the devices are kept for it from now on. */
function shortage(request: Request, input: AllocationInput, held: Held, kept: Map<string, Request>): Finding | null {
  const devices = [...deviceCounts(request.needs)].map(([key, needed]) => {
    const [node = '', resource = ''] = key.split('|');
    const total = allocatable(input.nodes.get(node), resource);
    return { key, node, resource, needed, total, use: held.use(node, resource) };
  });
  const short = devices.find(({ total, use, needed }) => total - use.count < needed);
  if (short === undefined) return null;
  const isMatterOfTime = devices.every(({ total, use, needed }) => total - use.foreign >= needed);
  if (isMatterOfTime) for (const { key } of devices) if (!kept.has(key)) kept.set(key, request);
  const { node, resource, needed, total, use } = short;
  const free = Math.max(total - use.count, 0);
  return {
    reason: 'InsufficientVFs',
    message: `Node ${node} has ${total} of ${resource}: ${needed} needed, ${free} free${heldBy(use)}`,
  };
}

/** Else small trials, one always running, would never let a large one have its devices. */
function outstripped(request: Request, kept: ReadonlyMap<string, Request>): Finding | null {
  if (kept.size === 0) return null;
  for (const [key, needed] of deviceCounts(request.needs)) {
    const first = kept.get(key);
    if (first === undefined) continue;
    const [node, resource] = key.split('|');
    const more = deviceCounts(first.needs).get(key) ?? 0;
    return {
      reason: 'InsufficientVFs',
      message: `Trial ${first.trial} waits for ${more} of ${resource} on node ${node} and comes first: ${needed} needed after it`,
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

interface State {
  input: AllocationInput;
  held: Held;
  queue: Map<string, Request>;
  kept: Map<string, Request>;
  begun: Set<string>;
}

/** Null where nothing stands in the way. */
function obstacle(request: Request, testbed: Testbed, { input, held, queue, kept, begun }: State): Finding | null {
  return (
    full(request, testbed, held) ??
    occupied(request, held, queue) ??
    queued(request, { queue, begun }) ??
    haunted(request, testbed, input.lingering) ??
    outstripped(request, kept) ??
    shortage(request, input, held, kept)
  );
}

/** Decides every waiting trial in fair order; a grant made earlier in the call counts for the later ones. */
export function allocate(input: AllocationInput): AllocationResult {
  const held = new Held(input.pods, input.live);
  const state: State = { input, held, queue: new Map(), kept: new Map(), begun: new Set() };
  const granted: AllocationResult['granted'] = [];
  const waiting = new Map<Request, Finding>();
  for (const request of fairOrder(input.requests, input.served)) {
    const testbed = input.testbeds.get(request.testbed);
    const grant = testbed === undefined ? noTestbed(request) : decide(request, testbed, state);
    if ('reason' in grant) {
      waiting.set(request, grant);
      continue;
    }
    granted.push({ request, grant });
    state.begun.add(request.testbed);
    held.add({ trial: request.trial, uid: request.uid, testbed: request.testbed, grant });
  }
  const place = places([...waiting.keys()]);
  const first = { position: 1, length: 1 };
  return {
    granted,
    refused: [...waiting].map(([request, finding]) => ({ request, finding, place: place.get(request) ?? first })),
  };
}

const decide = (request: Request, testbed: Testbed, state: State): Grant | Finding =>
  obstacle(request, testbed, state) ?? address(request, testbed, state.held);

const noTestbed = ({ testbed }: Request): Finding => ({
  reason: 'TestbedNotFound',
  message: `There is no Testbed ${testbed}: create it, or name another one`,
});
