/** One long-running program of the sandbox: started with a log file, ended, paused, and told apart from others. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { lastLines } from '../assets/process.ts';

export interface ComponentOptions {
  name: string;
  argv: readonly string[];
  env: Record<string, string>;
  cwd: string;
  /** File that both streams are appended to. */
  logFile: string;
}

export interface RunningComponent {
  readonly pid: number;
  /** Resolves when the process is gone, with the reason: `exit code 1`, `ended by SIGKILL`. */
  readonly exited: Promise<string>;
  /** The reason, once it is gone. */
  readonly exit: string | undefined;
  /** Sends a signal; nothing happens when the process is gone. */
  signal(signal: NodeJS.Signals): void;
}

/**
 * Starts a process in a session of its own, so that Ctrl-C in the terminal reaches only us, who stop things in order.
 * Where `setpriv` exists the kernel ends the process when we die, however that happens.
 */
export async function startComponent(options: ComponentOptions): Promise<RunningComponent> {
  const [program = '', ...args] = [...dieWithParent(), ...options.argv];
  const log = openSync(options.logFile, 'a');
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { PATH: process.env.PATH ?? '', HOME: options.cwd, ...options.env },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  await started(child, options);
  let exit: string | undefined;
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = signal === null ? `exit code ${code}` : `ended by ${signal}`;
      resolve(exit);
    });
  });
  return {
    pid: child.pid ?? 0,
    exited,
    get exit() {
      return exit;
    },
    signal: (signal) => void child.kill(signal),
  };
}

function started(child: ChildProcess, { name, argv }: ComponentOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`${name} can't start (${argv[0]}): ${error.message}`)));
  });
}

let wrapper: string[] | undefined;

/** Arguments to put before a command so that the kernel kills it when its parent dies; none where not supported. */
export function dieWithParent(): string[] {
  const argv = ['setpriv', '--pdeathsig', 'KILL', '--'];
  wrapper ??= spawnSync('setpriv', [...argv.slice(1), 'true']).status === 0 ? argv : [];
  return wrapper;
}

/** The last lines of a log file, for an error message. */
export async function logTail(file: string, lines = 12): Promise<string> {
  return lastLines((await readFile(file, 'utf8').catch(() => '')).trimEnd(), lines);
}
