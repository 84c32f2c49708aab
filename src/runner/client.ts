/**
 * The client's role: point by point it has the server start its tool, meets the other clients, runs its own tool, has
 * the server stop. While a tool runs it talks to nobody. A point that fails is recorded, and the next one follows.
 */
import type { NicCounters, PointResult, Problem, TestPoint, TrialPlan } from '../api/protocol.ts';
import { bulkPort, dataPort, toolPort, UNCHECKED_LIMITS } from '../api/protocol.ts';
import { clientCommand } from '../results/commands.ts';
import { countedBytes, payloadMoved, shortfall } from '../results/payload.ts';
import type { CollectorClient } from './collector.ts';
import type { Snapshot } from './counters.ts';
import { ORDER_MS, PEER_MS, barrierMs } from './deadlines.ts';
import { probeMtu } from './echo.ts';
import { EndpointError, problemOf } from './failure.ts';
import { Meter, type ReadCounters } from './meter.ts';
import { demandNeighbour } from './neighbour.ts';
import { OrderClient, type Peer } from './order-client.ts';
import type { Order, OrderReply } from './orders.ts';
import { failed, type MeasuringContext } from './measuring/context.ts';
import { measurePoint } from './measuring/measure.ts';
import { type Between, bounded, pointResult } from './record.ts';
import { pause } from './wait.ts';

export interface ClientOptions {
  peer: Peer;
  /** Interface of the data NIC, and its MTU in bytes. */
  nic: string;
  mtu: number;
  tools: Readonly<Record<string, string | null>>;
  collector: Pick<CollectorClient, 'barrier'>;
  signal: AbortSignal;
  progress: (event: string, details?: object) => void;
  /** Where the NIC's counters are read, if not from procfs. */
  counters?: ReadCounters;
  /** Where NICs are described, if not in /sys. */
  sysfs?: string;
}

export interface ClientRecord {
  points: PointResult[];
  error: Problem | null;
  unchecked?: string[];
}

const READY_PAUSE_MS = 100;

/** Makes all measurements of the plan; says bye to the server whatever happened. Rejects only for refusals and aborts. */
export async function measureAll(plan: TrialPlan, options: ClientOptions): Promise<ClientRecord> {
  const orders = new OrderClient(options.peer);
  const points: PointResult[] = [];
  const meter = new Meter(options.nic, options.signal, options.counters);
  const unchecked: string[] = [];
  let error: Problem | null = null;
  try {
    unchecked.push(...(await probe(orders, options)));
    for (const [step, point] of plan.points.entries()) {
      points.push(await measure(point, { ...options, plan, step, orders, meter }));
    }
  } catch (caught) {
    if (!(caught instanceof EndpointError)) throw caught;
    error = bounded(caught.problem);
  }
  await farewell(orders, error, options);
  return { points, error, ...(unchecked.length === 0 ? {} : { unchecked }) };
}

interface Context extends ClientOptions {
  plan: TrialPlan;
  step: number;
  orders: OrderClient;
  meter: Meter;
}

/** The peer answers, has its plan, packets of the full MTU get through, and it is a neighbour on the wire. What was not checked. */
async function probe(orders: OrderClient, options: ClientOptions): Promise<string[]> {
  const { peer, nic, mtu, signal, progress, sysfs } = options;
  const deadline = Date.now() + PEER_MS;
  const hello = (): Promise<OrderReply> => orders.give({ do: 'hello' }, PEER_MS, signal);
  let reply = await hello();
  while (!reply.ready) {
    if (Date.now() > deadline) throw new EndpointError('PeerUnreachable', `${peer.address} never had its plan`);
    await pause(READY_PAUSE_MS, signal);
    reply = await hello();
  }
  await probeMtu(peer, mtu, signal);
  const unseen = await demandNeighbour({ nic, address: peer.address, mac: reply.mac }, signal, sysfs);
  const unchecked = unseen === null ? [] : [`neighbour: ${unseen}`.slice(0, UNCHECKED_LIMITS.text)];
  progress('peer', { address: peer.address, mtu, unchecked });
  return unchecked;
}

/** EndpointErrors of the server's side fail the point; a barrier that nobody comes to ends the whole run. */
async function measure(point: TestPoint, context: Context): Promise<PointResult> {
  const { meter, progress, plan } = context;
  const measuring = measuringContext(context);
  const command = clientCommand(point, measuring.path).join(' ');
  progress('point', { point: point.id, test: point.test, type: point.type, command });
  const { nic: mark } = await meter.now();
  const { problem: refused } = await ask(context, { do: 'start', point: point.id });
  if (refused === null) await meter.caughtUp(mark);
  const synchronized = plan.pairs > 1 ? await meet(context) : null;
  const before = await meter.now();
  const between: Between = refused === null ? await measurePoint(point, measuring) : failed(refused);
  const ended = await meter.now();
  const moved = between.error === null ? { moved: payloadMoved(point, between) } : {};
  const stopped = await ask(context, { do: 'stop', point: point.id, ...moved });
  const error = between.error ?? stopped.problem;
  const after = error === null ? await meter.complete(ended, counts({ point, before, between, stopped })) : ended;
  progress('measured', { point: point.id, ...(error === null ? {} : { problem: bounded(error) }) });
  return pointResult(point.id, before, after, {
    ...between,
    error: error === null ? null : bounded(error),
    ...(synchronized === null ? {} : { synchronizedAt: synchronized + before.at }),
  });
}

interface Counting {
  point: TestPoint;
  before: Snapshot;
  between: Between;
  stopped: Pick<OrderReply, 'moved'>;
}

/** Whether the client's counters show what both ends know to have arrived: the gate will ask for the same. */
function counts({ point, before, between, stopped }: Counting): (after: NicCounters) => boolean {
  const moved = payloadMoved(point, between, stopped);
  return (after) => shortfall(moved, countedBytes('client', { before: before.nic, after })) === null;
}

function measuringContext({ peer, step, tools, signal }: Context): MeasuringContext {
  const ends = { peer: peer.address, own: peer.own, dataPort: dataPort(step) };
  return { path: { ...ends, port: toolPort(step) }, bulkPath: { ...ends, port: bulkPort(step) }, tools, signal };
}

/** What the server could not do, or that it did not answer. */
async function ask(
  { orders, signal }: Context,
  order: Extract<Order, { do: 'start' | 'stop' }>,
): Promise<Pick<OrderReply, 'problem' | 'moved'>> {
  try {
    return await orders.give(order, ORDER_MS, signal);
  } catch (error) {
    if (error instanceof EndpointError) return { problem: problemOf(error) };
    throw error;
  }
}

/** Waits for the other clients and the common start; resolves to the collector's clock minus ours, milliseconds. */
async function meet({ collector, plan, step, signal }: Context): Promise<number> {
  const { startInMs, now } = await collector.barrier(step, plan.pairs, barrierMs(plan));
  const offset = now - Date.now();
  await pause(startInMs, signal);
  return offset;
}

async function farewell(
  orders: OrderClient,
  problem: Problem | null,
  { signal, progress }: ClientOptions,
): Promise<void> {
  try {
    await orders.give({ do: 'bye', problem }, problem === null ? ORDER_MS : 5000, signal);
  } catch (error) {
    signal.throwIfAborted();
    progress('peer-silent', { problem: problemOf(error) });
  } finally {
    orders.close();
  }
}
