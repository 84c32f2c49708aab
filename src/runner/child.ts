/** Child processes: argv without a shell, output bounded, never outliving their signal. */
import { spawn } from 'node:child_process';

export interface Finished {
  /** Null where a signal ended it, or where it never started. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
  /** True where output was cut. */
  truncated: boolean;
  timedOut: boolean;
  /** Why it never started (`ENOENT`: no such program), else null. */
  failure: string | null;
}

export interface Child {
  exited: Promise<Finished>;
  /** Asks it to end (SIGTERM), insists after `graceMs` (SIGKILL). */
  end(graceMs: number): Promise<Finished>;
}

/** Tools need a home directory, and print in the C locale. Their libraries are their own affair. */
const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: process.env['HOME'] ?? '/tmp',
  LC_ALL: 'C',
};
/** What a parser may see of a tool's output; documents carry less. */
const OUTPUT_BYTES = 8 * 1024 * 1024;

/** Starts a program; `signal` kills it. Never throws: a program that is missing has a `failure`. */
export function start(command: readonly string[], signal: AbortSignal, path = ENVIRONMENT.PATH): Child {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env: { ...ENVIRONMENT, PATH: path }, stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout = new Kept();
  const stderr = new Kept();
  child.stdout.on('data', (chunk: Buffer) => stdout.add(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  const kill = (): void => void child.kill('SIGKILL');
  let failure: string | null = null;
  if (signal.aborted) kill();
  signal.addEventListener('abort', kill);
  const exited = new Promise<Finished>((resolve) => {
    const settle = (exitCode: number | null): void => {
      signal.removeEventListener('abort', kill);
      const truncated = stdout.truncated || stderr.truncated;
      resolve({ exitCode, stdout: stdout.text(), stderr: stderr.text(), truncated, timedOut: false, failure });
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      failure = error.code ?? error.message;
      if (child.pid === undefined) settle(null);
    });
    child.on('close', settle);
  });
  const end = async (graceMs: number): Promise<Finished> => {
    child.kill('SIGTERM');
    const timer = setTimeout(kill, graceMs);
    const finished = await exited;
    clearTimeout(timer);
    return finished;
  };
  return { exited, end };
}

/** Runs a program to its end, or kills it after `timeoutMs`. */
export async function run(command: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<Finished> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const finished = await start(command, AbortSignal.any([signal, timeout])).exited;
  return { ...finished, timedOut: timeout.aborted };
}

class Kept {
  readonly #chunks: Buffer[] = [];
  #length = 0;
  truncated = false;

  add(chunk: Buffer): void {
    const room = OUTPUT_BYTES - this.#length;
    if (chunk.length > room) this.truncated = true;
    if (room <= 0) return;
    this.#chunks.push(chunk.subarray(0, room));
    this.#length += Math.min(chunk.length, room);
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
