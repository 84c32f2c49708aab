/** The tools' servers of one point: started together, known to listen, ended together. */
import type { MovedBytes, Problem, RawOutput } from '../api/protocol.ts';
import type { ServerCommand } from '../results/commands.ts';
import { movedToIperf3Server, sumMoved } from '../results/moved.ts';
import { type Child, type Finished, start } from './child.ts';
import { END_MS, LISTEN_MS } from './deadlines.ts';
import { listens } from './listening.ts';
import { NO_OUTPUT, rawOutput } from './record.ts';
import { timeLimited } from './wait.ts';

export interface ServingOptions {
  /** Address of the data NIC, without prefix length. */
  address: string;
  tools: Readonly<Record<string, string | null>>;
  signal: AbortSignal;
  /** Where tools are looked for, if not where the runner's own PATH says. */
  path?: string | undefined;
}

export interface Served {
  error: Problem | null;
  raw: RawOutput;
  bulk?: RawOutput;
  /** What the tools counted; absent where none told. */
  moved?: MovedBytes;
}

interface Ended {
  problem: Problem | null;
  raw: RawOutput;
  moved: MovedBytes | undefined;
}

interface One extends ServerCommand {
  child: Child;
}

export class Serving {
  readonly #options: ServingOptions;
  readonly #servers: One[];

  /** Starts a server for each command; none is a point at which nothing is sent. */
  constructor(commands: readonly ServerCommand[], options: ServingOptions) {
    this.#options = options;
    this.#servers = commands.map((one) => ({ ...one, child: start(one.command, options.signal, options.path) }));
  }

  /** Null once all listen; the command that did not in time, or ended before. */
  async silent(): Promise<string | null> {
    const listening = await Promise.all(this.#servers.map((one) => this.#listens(one)));
    const index = listening.indexOf(false);
    return index < 0 ? null : (this.#servers[index]?.command[0] ?? '');
  }

  /** Ends all; those that serve once may take `graceMs` to end by themselves. The first problem is told. */
  async end(graceMs: number): Promise<Served> {
    const ended = await Promise.all(this.#servers.map((one) => this.#end(one, graceMs)));
    const [raw = NO_OUTPUT, bulk] = ended.map((one) => one.raw);
    const error = ended.map((one) => one.problem).find((problem) => problem !== null) ?? null;
    const counted = ended.flatMap((one) => one.moved ?? []);
    const moved = counted.length === 0 ? {} : { moved: sumMoved(...counted) };
    return { error, raw, ...(bulk === undefined ? {} : { bulk }), ...moved };
  }

  async #listens({ child, port, listens: protocol }: One): Promise<boolean> {
    const over = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, over.signal]);
    const ended = child.exited.then(() => false);
    const seen = listens(protocol, { address: this.#options.address, port }, LISTEN_MS, signal).catch(() => false);
    const listening = await Promise.race([ended, seen]);
    over.abort();
    return listening;
  }

  async #end({ command, child, once }: One, graceMs: number): Promise<Ended> {
    const alone = await timeLimited(child.exited, once ? graceMs : 0, this.#options.signal);
    const finished = await child.end(END_MS);
    const version = this.#options.tools[toolOfServer(command[0] ?? '')] ?? null;
    const moved = command[0] === 'iperf3' ? movedToIperf3Server(finished.stdout) : undefined;
    const problem = endProblem(command, finished, { once, alone });
    return { problem, raw: rawOutput(command, version, finished), moved };
  }
}

/** netperf's server is a program of another name. */
const toolOfServer = (program: string): string => (program === 'netserver' ? 'netperf' : program);

/** A tool that serves until it is ended must not end before; one that serves once must, and with code 0. */
function endProblem(command: string[], finished: Finished, how: { once: boolean; alone: boolean }): Problem | null {
  const tool = command[0] ?? '';
  if (finished.failure === 'ENOENT') return { reason: 'ToolMissing', message: `${tool} is not on the server` };
  if (finished.failure !== null) return { reason: 'ToolFailed', message: `${tool}: ${finished.failure}` };
  if (how.once && !how.alone) return { reason: 'ToolFailed', message: `${tool} at the server was not done in time` };
  if (how.once && finished.exitCode === 0) return null;
  if (!how.once && !how.alone) return null;
  const last = (finished.stderr || finished.stdout).trim().slice(-300);
  return { reason: 'ToolFailed', message: `${tool} at the server ended with code ${finished.exitCode}: ${last}` };
}
