/**
 * Lives in the sandbox's namespaces as the one child of their process 1. Runs commands there for the substrate (see `protocol.ts`) and
 * joins portals. Standard input ends when the sandbox's process dies, however it dies: then this process
 * ends too, and the kernel kills and removes everything in the namespaces with it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { LINE_LIMIT, LINES_LIMIT, type Reply, type Request } from './protocol.ts';

const OUTPUT_LIMIT = 1 << 20;
/** Short commands that take longer hang. */
const RUN_TIMEOUT_MS = 15_000;
const children = new Map<number, ChildProcess>();

function reply(message: Reply): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function run(request: Extract<Request, { op: 'run' }>): void {
  const [program = '', ...args] = request.argv;
  const child = spawn(program, args, { stdio: 'pipe', timeout: RUN_TIMEOUT_MS, killSignal: 'SIGKILL' });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      if (texts[name].length < OUTPUT_LIMIT) texts[name] += text;
    });
  }
  child.on('error', (error) => reply({ event: 'done', id: request.id, code: 127, stdout: '', stderr: error.message }));
  child.on('close', (code) => {
    if (child.pid !== undefined) reply({ event: 'done', id: request.id, code, ...texts });
  });
  child.stdin.on('error', () => undefined).end(request.input);
}

/** Passes lines on; a last line without newline and lines that never end are passed too, cut. */
function passLines(id: number, stream: Readable): void {
  let rest = '';
  let count = 0;
  const pass = (text: string): void => {
    if (++count <= LINES_LIMIT) reply({ event: 'line', id, text });
  };
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = (lines.pop() ?? '').slice(0, LINE_LIMIT);
    for (const line of lines) pass(line.slice(0, LINE_LIMIT));
  });
  stream.on('end', () => {
    if (rest !== '') pass(rest);
  });
}

function start(request: Extract<Request, { op: 'spawn' }>): void {
  const { id, argv, env } = request;
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.set(id, child);
  child.on('spawn', () => reply({ event: 'started', id, pid: child.pid ?? 0 }));
  child.on('error', (error) => {
    reply({ event: 'line', id, text: error.message });
    reply({ event: 'exit', id, code: 127, signal: null });
  });
  passLines(id, child.stdout);
  passLines(id, child.stderr);
  child.on('close', (code, signal) => {
    children.delete(id);
    if (child.pid !== undefined) reply({ event: 'exit', id, code, signal });
  });
}

function innerPid(pid: number): number {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return Number(text.split(' ')[0]) || pid;
}

function signal(request: Extract<Request, { op: 'signal' }>): void {
  const pid = children.get(request.id)?.pid;
  if (pid === undefined) return;
  try {
    process.kill(request.inner ? innerPid(pid) : pid, request.signal);
  } catch {
    // It ended in between: `exit` says so.
  }
}

function join(inside: Socket, path: string): void {
  const outside = connect({ path, allowHalfOpen: true });
  const end = (): void => {
    inside.destroy();
    outside.destroy();
  };
  inside.on('error', end);
  outside.on('error', end);
  inside.pipe(outside).pipe(inside);
}

function portal(request: Extract<Request, { op: 'portal' }>): void {
  const { id, address, port, path } = request;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => join(socket, path));
  server.on('error', (error) => reply({ event: 'done', id, code: 1, stdout: '', stderr: error.message }));
  server.listen(port, address, () => reply({ event: 'done', id, code: 0, stdout: '', stderr: '' }));
}

function serve(request: Request): void {
  if (request.op === 'run') run(request);
  else if (request.op === 'spawn') start(request);
  else if (request.op === 'signal') signal(request);
  else portal(request);
}

process.stdout.on('error', () => process.exit(0));
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
createInterface({ input: process.stdin })
  .on('line', (line) => serve(JSON.parse(line) as Request))
  .on('close', () => process.exit(0));
reply({ event: 'ready' });
