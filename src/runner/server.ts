/** The server's role: obeys its client's orders one after the other and keeps a record of each point. */
import type { EndpointName, PointResult, Problem, TestPoint, TrialPlan } from '../api/protocol.ts';
import { bulkPort, toolPort } from '../api/protocol.ts';
import { serverCommands } from '../results/commands.ts';
import { type Snapshot, snapshot } from './counters.ts';
import { END_MS, LISTEN_MS, silenceMs } from './deadlines.ts';
import { problemOf } from './failure.ts';
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
  readonly #results = new Map<number, PointResult>();
  #plan: TrialPlan | null = null;
  #active: Active | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #heard: () => void = () => undefined;
  #farewell: { problem: Problem | null } | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
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
      return { endpoint: this.#options.endpoint, ready: this.#plan !== null, problem };
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
    if (order.do === 'stop') return this.#stop(order.point);
    if (order.do === 'bye') this.#farewell = { problem: order.problem };
    return null;
  }

  async #start(id: number): Promise<Problem | null> {
    if (this.#active?.point.id === id) return null;
    await this.#end(0);
    const position = this.#plan?.points.findIndex((candidate) => candidate.id === id) ?? -1;
    const point = this.#plan?.points[position];
    if (point === undefined) return { reason: 'UnknownPoint', message: `Point ${id} is not in the server's plan` };
    const { nic, address, signal, tools, path } = this.#options;
    const commands = serverCommands(point, address, { tool: toolPort(position), bulk: bulkPort(position) });
    this.#options.progress('starting', { point: id, commands: commands.map(({ command }) => command.join(' ')) });
    const before = await snapshot(nic);
    const serving = new Serving(commands, { address, tools, signal, path });
    this.#active = { point, serving, before };
    const silent = await serving.silent();
    if (silent === null) return null;
    const problem = await this.#end(END_MS);
    return problem ?? { reason: 'ToolFailed', message: `${silent} did not listen within ${LISTEN_MS / 1000} s` };
  }

  async #stop(id: number): Promise<Problem | null> {
    if (this.#active?.point.id === id) return this.#end(END_MS);
    const known = this.#results.get(id);
    if (known !== undefined) return known.error;
    return { reason: 'UnknownPoint', message: `Point ${id} was not running at the server` };
  }

  /** Ends what runs, if anything does, and records it. A tool that serves once may take `graceMs` to end by itself. */
  async #end(graceMs: number): Promise<Problem | null> {
    const active = this.#active;
    if (active === null) return null;
    this.#active = null;
    const { point, serving, before } = active;
    const served = await serving.end(graceMs);
    const after = await snapshot(this.#options.nic);
    const error = served.error === null ? null : bounded(served.error);
    this.#results.set(point.id, pointResult(point.id, before, after, { ...served, measurements: [], error }));
    return error;
  }
}

/** What the client met is not the server's finding: its addresses are those that the client sees. */
function told(problem: Problem | null): Problem | null {
  return problem === null ? null : bounded({ ...problem, message: `the client says: ${problem.message}` });
}
