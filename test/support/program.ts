/** Programs as their users run them: child processes with an environment of their own. */
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';

const NODE = dirname(process.execPath);

export interface Ended {
  code: number | null;
  out: string;
  err: string;
  /** Processor time of it and its children is not to be had here; seconds on the wall. */
  seconds: number;
}

export interface Running {
  ended: Promise<Ended>;
  said(): string;
  interrupt(): void;
}

/** Nothing of this process' environment but PATH, with the Node that runs the tests first. */
export function startProgram(command: string, args: readonly string[], env: Record<string, string> = {}): Running {
  const began = Date.now();
  const child = spawn(command, args, {
    env: { PATH: `${NODE}:${process.env['PATH'] ?? ''}`, TERM: 'xterm', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err, seconds: (Date.now() - began) / 1000 }));
  });
  return { ended, said: () => out + err, interrupt: () => child.kill('SIGINT') };
}
