/** The operator as a process of the sandbox: started, killed and started again as a Deployment would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastLines } from './assets/process.ts';
import { readFile } from 'node:fs/promises';
import { freePorts } from './controlplane/ports.ts';
import { recordProcess } from './controlplane/stale.ts';

const MAIN = join(import.meta.dirname, '../main.ts');
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

export interface OperatorOptions {
  /** Directory of the log, and where the process is recorded. */
  dir: string;
  /** Names the log and the identity in the Lease. */
  name: string;
  kubeconfig: string;
  namespace: string;
  /** Where it listens on the host's loopback, and how endpoints reach that. */
  collector: { port: number; url: string };
  logLevel?: string;
  /** Default: true. */
  leaderElection?: boolean;
}

export interface OperatorProcess {
  readonly pid: number;
  readonly logFile: string;
  /** Base URL of /healthz, /readyz and /metrics. */
  readonly healthUrl: string;
  readonly exited: Promise<number | null>;
  /** Sends a signal and waits for the end. */
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

function environment(options: OperatorOptions, healthPort: number): NodeJS.ProcessEnv {
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
    VFBENCH_HEALTH_LISTEN: `127.0.0.1:${healthPort}`,
    LOG_LEVEL: options.logLevel ?? 'info',
  };
}

/** Starts an operator and resolves when its caches are filled. On failure the error holds the end of its log. */
export async function startOperator(options: OperatorOptions): Promise<OperatorProcess> {
  const [healthPort = 0] = await freePorts(1);
  const logFile = join(options.dir, `${options.name}.log`);
  const log = createWriteStream(logFile, { flags: 'a' });
  const argv = [process.execPath, '--disable-warning=ExperimentalWarning', MAIN];
  const child: ChildProcess = spawn(argv[0] as string, argv.slice(1), {
    env: environment(options, healthPort),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const pid = child.pid ?? 0;
  await recordProcess(options.dir, pid, argv);
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  const stop = async (): Promise<void> => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await kill('SIGTERM');
    clearTimeout(timer);
  };
  const healthUrl = `http://127.0.0.1:${healthPort}`;
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while ((await status(`${healthUrl}/readyz`)) !== 200) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || Date.now() > deadline) {
      child.kill('SIGKILL');
      const said = lastLines(await readFile(logFile, 'utf8').catch(() => ''), 15);
      throw new Error(
        `The operator ${ended ? 'ended at its start' : 'was not ready in time'}; its log is ${logFile}:\n${said}`,
      );
    }
    await delay(50);
  }
  return { pid, logFile, healthUrl, exited, kill, stop };
}
