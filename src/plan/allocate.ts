/**
 * Who may start: all or nothing, decided for all waiting trials at once, in one place.
 * A trial is granted when its Testbed has a free slot, no other live trial uses its nodes, every
 * device it needs is free, and its data addresses are.
 */
import type { Grant, Testbed } from '../api/v1alpha1.ts';
import { address } from './addressing.ts';
import { deviceCounts, type EndpointNeed } from './endpoints.ts';
import { Held, type LiveGrant } from './held.ts';
import { allocatable, inUseText, type Use } from './inventory.ts';
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
  /**
   * Nodes on which endpoints of trials run that are not there, and these as `namespace/name`: deleted ones, or those of
   * another operator.
   */
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
  for (const node of nodesOf(request.needs)) {
    const trials = [...(lingering.get(node) ?? [])];
    const trial = trials.find((key) => !isShared || !key.startsWith(`${request.namespace}/`));
    if (trial === undefined) continue;
    return {
      reason: 'NodesBusy',
      message: `Endpoints of a trial that this operator does not know (${trial}) run on node ${node}: waits until they are gone`,
    };
  }
  return null;
}

/** Devices of one resource that a request needs on a node, against what is there. */
interface Stock {
  key: string;
  needed: number;
  free: number;
  /** Free once no trial of ours holds any. */
  atBest: number;
  /** In numbers, without the holders. */
  text: string;
  holders: Use['holders'];
}

function stocks({ needs }: Request, { input, held }: State): Stock[] {
  return [...deviceCounts(needs)].map(([key, needed]) => {
    const [node = '', resource = ''] = key.split('|');
    const total = allocatable(input.nodes.get(node), resource);
    const { count, foreign, holders } = held.use(node, resource);
    const free = Math.max(total - count, 0);
    const text = `Node ${node} has ${total} of ${resource}: ${needed} needed, ${free} free`;
    return { key, needed, free, atBest: total - foreign, text, holders };
  });
}

/** Fewer free than needed; where only trials of ours stand in the way, the devices are kept for it from now on. */
function shortage(request: Request, state: State): Finding | null {
  const devices = stocks(request, state);
  const short = devices.find(({ free, needed }) => free < needed);
  if (short === undefined) return null;
  const isMatterOfTime = devices.every(({ atBest, needed }) => atBest >= needed);
  if (isMatterOfTime) for (const { key } of devices) if (!state.kept.has(key)) state.kept.set(key, request);
  return { reason: 'InsufficientVFs', message: `${short.text}${inUseText(short.holders)}` };
}

/** Else small trials, one always running, would never let a large one have its devices. */
function outstripped(request: Request, state: State): Finding | null {
  if (state.kept.size === 0) return null;
  for (const { key, text, holders } of stocks(request, state)) {
    const first = state.kept.get(key);
    if (first === undefined) continue;
    const more = deviceCounts(first.needs).get(key) ?? 0;
    const keeper = `kept for trial ${first.trial}, which needs ${more} and comes first`;
    return { reason: 'InsufficientVFs', message: `${text}, ${keeper}${inUseText(holders)}` };
  }
  return null;
}

interface State {
  input: AllocationInput;
  held: Held;
  queue: Map<string, Request>;
  kept: Map<string, Request>;
  begun: Set<string>;
}

/** Null where nothing stands in the way. */
function obstacle(request: Request, testbed: Testbed, state: State): Finding | null {
  const { input, held, queue, begun } = state;
  return (
    full(request, testbed, held) ??
    occupied(request, held, queue) ??
    queued(request, { queue, begun }) ??
    haunted(request, testbed, input.lingering) ??
    outstripped(request, state) ??
    shortage(request, state)
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
