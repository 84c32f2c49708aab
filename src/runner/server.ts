/** The server's role: obeys its client's orders one after the other and keeps a record of each point. */
import type {
  EndpointName,
  MovedBytes,
  NicCounters,
  PointResult,
  Problem,
  TestPoint,
  TrialPlan,
} from '../api/protocol.ts';
import { bulkPort, toolPort } from '../api/protocol.ts';
import { serverCommands } from '../results/commands.ts';
import { mostMoved } from '../results/moved.ts';
import { countedBytes, shortfall } from '../results/payload.ts';
import type { Snapshot } from './counters.ts';
import { END_MS, LISTEN_MS, silenceMs } from './deadlines.ts';
import { problemOf } from './failure.ts';
import { Meter, type ReadCounters } from './meter.ts';
import type { Order, OrderReply } from './orders.ts';
import { bounded, pointResult } from './record.ts';
import { Serving } from './serving.ts';
import { timeLimited } from './wait.ts';

export interface ServerOptions {
  endpoint: EndpointName;
  /** Interface and address (without prefix length) of the data NIC. */
  nic: string;
  address: string;
  tools: Readonly<Record<string, string | null>>;
  signal: AbortSignal;
  progress: (event: string, details?: object) => void;
  /** Where tools are looked for, if not where the runner's own PATH says. */
  path?: string;
  /** Where the NIC's counters are read, if not from procfs. */
  counters?: ReadCounters;
}

interface Active {
  point: TestPoint;
  serving: Serving;
  before: Snapshot;
}

export interface ServerRecord {
  points: PointResult[];
  error: Problem | null;
}

export class ServerRole {
  readonly #options: ServerOptions;
  readonly #meter: Meter;
  readonly #results = new Map<number, PointResult>();
  #plan: TrialPlan | null = null;
  #active: Active | null = null;
  /** Counters at the end of the former point: its bytes must not count for the next. */
  #mark: NicCounters | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #heard: () => void = () => undefined;
  #farewell: { problem: Problem | null } | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#meter = new Meter(options.nic, options.signal, options.counters);
  }

  /** From now on points can be started. */
  begin(plan: TrialPlan): void {
    this.#plan = plan;
  }

  /** Carries out one order; orders of several sessions wait for each other. Never rejects. */
  obey(order: Order): Promise<OrderReply> {
    const reply = this.#turn.then(async () => {
      const found = await this.#carryOut(order).catch((error: unknown) => problemOf(error));
      this.#heard();
      const problem = found === null ? null : bounded(found);
      const moved = order.do === 'stop' ? this.#results.get(order.point)?.moved : undefined;
      const reply: OrderReply = { endpoint: this.#options.endpoint, ready: this.#plan !== null, problem };
      return moved === undefined ? reply : { ...reply, moved };
    });
    this.#turn = reply;
    return reply;
  }

  /** Resolves at the client's farewell, or when it has been silent for longer than any step of the plan takes. */
  async finished(plan: TrialPlan, patience = silenceMs(plan)): Promise<ServerRecord> {
    let error: Problem | null = null;
    while (this.#farewell === null && error === null) {
      const heard = new Promise<void>((resolve) => (this.#heard = resolve));
      if (await timeLimited(heard, patience, this.#options.signal)) continue;
      error = { reason: 'PeerLost', message: `The client gave no order for ${patience / 1000} s` };
    }
    await this.#end(0);
    return { points: [...this.#results.values()], error: error ?? told(this.#farewell?.problem ?? null) };
  }

  async #carryOut(order: Order): Promise<Problem | null> {
    if (order.do === 'start') return this.#start(order.point);
    if (order.do === 'stop') return this.#stop(order.point, order.moved);
    if (order.do === 'bye') this.#farewell = { problem: order.problem };
    return null;
  }

  async #start(id: number): Promise<Problem | null> {
    if (this.#active?.point.id === id) return null;
    await this.#end(0);
    const position = this.#plan?.points.findIndex((candidate) => candidate.id === id) ?? -1;
    const point = this.#plan?.points[position];
    if (point === undefined) return { reason: 'UnknownPoint', message: `Point ${id} is not in the server's plan` };
    const { address, signal, tools, path } = this.#options;
    const commands = serverCommands(point, address, { tool: toolPort(position), bulk: bulkPort(position) });
    this.#options.progress('starting', { point: id, commands: commands.map(({ command }) => command.join(' ')) });
    if (this.#mark !== null) await this.#meter.caughtUp(this.#mark);
    const before = await this.#meter.now();
    const serving = new Serving(commands, { address, tools, signal, path });
    this.#active = { point, serving, before };
    const silent = await serving.silent();
    if (silent === null) return null;
    const problem = await this.#end(END_MS);
    return problem ?? { reason: 'ToolFailed', message: `${silent} did not listen within ${LISTEN_MS / 1000} s` };
  }

  async #stop(id: number, moved?: MovedBytes): Promise<Problem | null> {
    if (this.#active?.point.id === id) return this.#end(END_MS, moved);
    const known = this.#results.get(id);
    if (known !== undefined) return known.error;
    return { reason: 'UnknownPoint', message: `Point ${id} was not running at the server` };
  }

  /**
   * Ends what runs, if anything does, and records it. A tool that serves once may take `graceMs` to end by itself. `told`:
   * what the client knows to have arrived; where it tells nothing the point has failed, and nothing is waited for.
   */
  async #end(graceMs: number, told?: MovedBytes): Promise<Problem | null> {
    const active = this.#active;
    if (active === null) return null;
    this.#active = null;
    const { point, serving, before } = active;
    const served = await serving.end(graceMs);
    const ended = await this.#meter.now();
    const after = told === undefined ? ended : await this.#complete({ before, ended }, mostMoved(told, served.moved));
    this.#mark = after.nic;
    const error = served.error === null ? null : bounded(served.error);
    this.#results.set(point.id, pointResult(point.id, before, after, { ...served, measurements: [], error }));
    return error;
  }

  #complete({ before, ended }: { before: Snapshot; ended: Snapshot }, moved: MovedBytes): Promise<Snapshot> {
    const wanted = { ...moved, together: 0 };
    return this.#meter.complete(ended, (after) => {
      return shortfall(wanted, countedBytes('server', { before: before.nic, after })) === null;
    });
  }
}

/** What the client met is not the server's finding: its addresses are those that the client sees. */
function told(problem: Problem | null): Problem | null {
  return problem === null ? null : bounded({ ...problem, message: `the client says: ${problem.message}` });
}
