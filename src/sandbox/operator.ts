/** The operator as a process of the sandbox: started, killed and started again as a Deployment would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastLines } from './assets/process.ts';
import { operatorBundle } from './bundles.ts';
import { freePorts } from './controlplane/ports.ts';
import { recordProcess } from './controlplane/stale.ts';

/** As in the operator's image: Node grows its heap as if the machine were its own, unless told. */
const NODE_FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4', '--max-old-space-size=160'];
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
/** Before one that ended by itself is started again. */
const RESTART_MS = 1_000;

export interface OperatorOptions {
  /** Directory of the log, and where the process is recorded. */
  dir: string;
  /** Names the log and the identity in the Lease. */
  name: string;
  kubeconfig: string;
  namespace: string;
  /** Where it listens on the host's loopback, and how endpoints reach that. */
  collector: { port: number; url: string };
  /** Serves the live page on a free port of loopback, to whom it says. Default: no page. */
  page?: 'Token' | 'AnonymousLoopback';
  logLevel?: string;
  /** Default: true. */
  leaderElection?: boolean;
  /** A bundle to run; default: one of these sources. */
  program?: string;
  /** Further variables of its environment, as a Deployment would set them. */
  settings?: Readonly<Record<string, string>>;
  /** Ends the wait for it to be ready, and it. */
  signal?: AbortSignal;
}

export interface OperatorProcess {
  /** Of its current process. */
  readonly pid: number;
  readonly logFile: string;
  /** Base URL of /healthz, /readyz and /metrics. */
  readonly healthUrl: string;
  /** URL of the live page; null where there is none. */
  readonly pageUrl: string | null;
  /** Settles once it was told to end, and has. */
  readonly exited: Promise<number | null>;
  /** Sends a signal and waits for the end, which is for good: for crashes as tests want them. */
  kill(signal: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
}

function status(url: string): Promise<number> {
  return new Promise((resolve) => {
    const call = request(url, { agent: false, timeout: 1000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(0));
    call.end();
  });
}

function environment(options: OperatorOptions, { health, page }: Ports): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: options.dir,
    NODE_ENV: 'production',
    KUBECONFIG: options.kubeconfig,
    VFBENCH_NAMESPACE: options.namespace,
    VFBENCH_IDENTITY: options.name,
    VFBENCH_LEADER_ELECTION: String(options.leaderElection ?? true),
    VFBENCH_COLLECTOR_LISTEN: `127.0.0.1:${options.collector.port}`,
    VFBENCH_COLLECTOR_URL: options.collector.url,
    VFBENCH_HEALTH_LISTEN: `127.0.0.1:${health}`,
    ...(options.page === undefined
      ? {}
      : { VFBENCH_PAGE_LISTEN: `127.0.0.1:${page}`, VFBENCH_PAGE_ACCESS: options.page }),
    LOG_LEVEL: options.logLevel ?? 'info',
    ...options.settings,
  };
}

interface Ports {
  health: number;
  page: number;
}

/**
 * Starts an operator and resolves when its caches are filled. On failure the error holds the end of its log. One that
 * ends by itself later on is started again, as a Deployment's pod would be.
 */
export async function startOperator(options: OperatorOptions): Promise<OperatorProcess> {
  const [health = 0, page = 0] = await freePorts(2);
  const runs = new Runs(options, { health, page });
  try {
    await runs.start();
    await untilReady(runs, READY_TIMEOUT_MS, options.signal);
  } catch (error) {
    await runs.end('SIGKILL');
    throw error;
  }
  runs.keepUp();
  return {
    get pid() {
      return runs.pid;
    },
    logFile: runs.logFile,
    healthUrl: runs.healthUrl,
    pageUrl: options.page === undefined ? null : `http://127.0.0.1:${page}`,
    exited: runs.over,
    kill: (signal) => runs.end(signal),
    stop: async () => {
      const timer = setTimeout(() => void runs.end('SIGKILL'), STOP_TIMEOUT_MS);
      await runs.end('SIGTERM');
      clearTimeout(timer);
    },
  };
}

/** One operator's processes, one after the other. */
class Runs {
  readonly logFile: string;
  readonly healthUrl: string;
  readonly #options: OperatorOptions;
  readonly #env: NodeJS.ProcessEnv;
  readonly #ended = new AbortController();
  readonly #over = Promise.withResolvers<number | null>();
  #child: ChildProcess | undefined;
  #exited: Promise<number | null> = Promise.resolve(null);

  constructor(options: OperatorOptions, ports: Ports) {
    this.#options = options;
    this.#env = environment(options, ports);
    this.logFile = join(options.dir, `${options.name}.log`);
    this.healthUrl = `http://127.0.0.1:${ports.health}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Settles when it has ended for good. */
  get over(): Promise<number | null> {
    return this.#over.promise;
  }

  async start(): Promise<void> {
    const argv = [process.execPath, ...NODE_FLAGS, this.#options.program ?? (await operatorBundle())];
    const log = await open(this.logFile, 'a');
    if (this.#ended.signal.aborted) return log.close();
    const child = spawn(argv[0] as string, argv.slice(1), { env: this.#env, stdio: ['ignore', log.fd, log.fd] });
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code) => resolve(code));
      child.once('error', () => resolve(null));
    });
    await log.close();
    await recordProcess(this.#options.dir, this.pid, argv);
  }

  /** From now on, what ends without having been told to is started again. */
  keepUp(): void {
    void this.#keepUp();
  }

  /** Ends it for good with a signal, and waits for that. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.#ended.abort();
    this.#child?.kill(signal);
    this.#over.resolve(await this.#exited);
  }

  async #keepUp(): Promise<void> {
    for (;;) {
      await this.#exited;
      await delay(RESTART_MS, undefined, { signal: this.#ended.signal }).catch(() => undefined);
      if (this.#ended.signal.aborted) return;
      await this.start().catch(() => undefined);
    }
  }
}

async function untilReady(runs: Runs, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while ((await status(`${runs.healthUrl}/readyz`)) !== 200) {
    signal?.throwIfAborted();
    if (!runs.isRunning || Date.now() > deadline) {
      const how = runs.isRunning ? 'was not ready in time' : 'ended at its start';
      const said = lastLines(await readFile(runs.logFile, 'utf8').catch(() => ''), 15);
      throw new Error(`The operator ${how}; its log is ${runs.logFile}:\n${said}`);
    }
    await delay(50);
  }
}
