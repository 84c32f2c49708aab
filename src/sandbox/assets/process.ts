/** Runs one command to its end: output collected, cancellation, a time limit, and an error that shows what it said last. */
import { spawn } from 'node:child_process';

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
  /** Standard input; nothing by default. */
  input?: string;
  /** Kills the command after this many milliseconds. */
  timeoutMs?: number;
  /** Sees each line of both streams as it comes. */
  onLine?: (line: string) => void;
}

export interface CommandResult {
  stdout: string;
  stderr: string;
}

/** A command that could not start, was stopped, or ended with a code other than 0. */
export class CommandError extends Error {
  readonly argv: readonly string[];
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Ended because the caller's signal fired. */
  readonly cancelled: boolean;

  constructor(
    argv: readonly string[],
    why: string,
    result: CommandResult & { code: number | null; cancelled?: boolean },
  ) {
    const said = lastLines(result.stderr.trim() || result.stdout.trim(), 15);
    super(`${argv.join(' ')}: ${why}${said === '' ? '' : `\n${said}`}`);
    this.name = 'CommandError';
    this.argv = argv;
    this.code = result.code;
    this.stdout = result.stdout;
    this.stderr = result.stderr;
    this.cancelled = result.cancelled ?? false;
  }
}

/** The last `count` lines of a text. */
export function lastLines(text: string, count: number): string {
  return text.split('\n').slice(-count).join('\n');
}

/** Runs `argv` (no shell) and resolves with its output; rejects with a {@link CommandError} unless it exits with 0. */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = '', ...args] = argv;
  const signals = [
    options.signal,
    options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs),
  ];
  const signal = AbortSignal.any(signals.filter((s) => s !== undefined));
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    });
    // A command that ends without reading its input is judged by its exit code alone.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    const stdout = collect(child.stdout, options.onLine);
    const stderr = collect(child.stderr, options.onLine);
    const cancelled = () => options.signal?.aborted ?? false;
    const result = (code: number | null) => ({ stdout: stdout(), stderr: stderr(), code, cancelled: cancelled() });
    child.once('error', (error) => reject(new CommandError(argv, why(error, options.timeoutMs), result(null))));
    child.once('close', (code, killed) => {
      if (code === 0) resolve({ stdout: stdout(), stderr: stderr() });
      else reject(new CommandError(argv, killed === null ? `exit code ${code}` : `ended by ${killed}`, result(code)));
    });
  });
}

function why(error: Error & { code?: string; cause?: unknown }, timeoutMs: number | undefined): string {
  if (error.code === 'ENOENT') return 'not found on this machine';
  if (error.cause instanceof DOMException && error.cause.name === 'TimeoutError') return `no end after ${timeoutMs} ms`;
  return error.message;
}

function collect(stream: NodeJS.ReadableStream, onLine?: (line: string) => void): () => string {
  let text = '';
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text += chunk;
    if (onLine === undefined) return;
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach((line) => onLine(line));
  });
  return () => text;
}
