/**
 * The substrate's end of the holder: starts it in new user, net, mount, pid and ipc namespaces, and runs
 * commands there. The namespaces live exactly as long as the holder.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { hostPidOf } from './processes.ts';
import type { Reply, Request } from './protocol.ts';
import type { Child, HostTools } from './types.ts';

export interface Output {
  code: number | null;
  stdout: string;
  stderr: string;
}

type Exit = { code: number | null; signal: string | null };

interface Lasting {
  started(pid: number): void;
  line(text: string): void;
  exit(how: Exit): void;
}

/** A command of the substrate failed. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

const START_TIMEOUT_MS = 20_000;

/** Shell text the namespaces begin with: own /proc, an empty /run (named network namespaces live there). */
export function entryScript(busybox: string): string {
  return [
    'set -e',
    `${busybox} mount -t proc proc /proc`,
    `${busybox} mount -t tmpfs -o mode=755 tmpfs /run`,
    `${busybox} mkdir /run/netns`,
    // Neither exec nor last: the shell stays as process 1, which takes in orphans when they end.
    '"$@"',
    'exit $?',
  ].join('\n');
}

/** The command line that makes the namespaces and runs `command` as their process 1. */
export function enterCommand(tools: HostTools, command: string[]): string[] {
  const flags = ['--user', '--map-root-user', '--net', '--mount', '--pid', '--ipc', '--fork', '--kill-child=KILL'];
  return [...tools.unshare, ...flags, tools.busybox, 'sh', '-c', entryScript(tools.busybox), 'enter', ...command];
}

export class Namespaces {
  readonly #process: ChildProcess;
  readonly #runs = new Map<number, (output: Output) => void>();
  readonly #lasting = new Map<number, Lasting>();
  readonly #gone: Promise<void>;
  #nextId = 1;
  #ended = false;
  #stderr = '';

  private constructor(tools: HostTools) {
    const holder = [process.execPath, '--no-warnings', join(import.meta.dirname, 'holder.ts')];
    const [program = '', ...args] = enterCommand(tools, holder);
    // An own process group: an interrupt typed at the terminal must reach the sandbox only, which then cleans up.
    this.#process = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.#gone = new Promise<void>((resolve) => {
      this.#process.once('close', () => resolve());
      this.#process.once('error', (error) => {
        this.#stderr += error.message;
        resolve();
      });
    }).then(() => this.#end());
    this.#process.stdin?.on('error', () => undefined);
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4096);
    });
  }

  /** Throws with what the kernel refused where namespaces can't be made. */
  static async create(tools: HostTools): Promise<Namespaces> {
    const made = new Namespaces(tools);
    await made.#ready();
    return made;
  }

  /** Process id of the outermost process, `unshare`, in the host's terms. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Settles when the holder is gone and with it all that ran in the namespaces. */
  get gone(): Promise<void> {
    return this.#gone;
  }

  /** Runs a command to its end; does not throw for exit codes. */
  run(argv: string[], input = ''): Promise<Output> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      if (this.#ended) return resolve({ code: null, stdout: '', stderr: 'the namespaces are gone' });
      this.#runs.set(id, resolve);
      this.#send({ op: 'run', id, argv, input });
    });
  }

  /** Runs a command and returns its standard output; a CommandError carries what it complained about. */
  async check(argv: string[], input = ''): Promise<string> {
    const { code, stdout, stderr } = await this.run(argv, input);
    if (code === 0) return stdout;
    const said = (stderr || stdout).trim().slice(0, 1000);
    throw new CommandError(`${argv.slice(-6).join(' ')}: exit code ${code}: ${said}`);
  }

  /** Starts a lasting command. `inner` marks one whose first child is what signals are meant for. */
  async spawn(
    argv: string[],
    opts: { env: Record<string, string>; inner: boolean; onLine: (text: string) => void },
  ): Promise<Child> {
    if (this.#ended) throw new CommandError('the namespaces are gone');
    const id = this.#nextId++;
    const exited = Promise.withResolvers<Exit>();
    const started = Promise.withResolvers<number>();
    this.#lasting.set(id, { started: started.resolve, line: opts.onLine, exit: exited.resolve });
    this.#send({ op: 'spawn', id, argv, env: opts.env });
    const inside = await Promise.race([started.promise, exited.promise.then(() => 0)]);
    return {
      pid: inside === 0 ? 0 : hostPidOf(inside, this.pid),
      exited: exited.promise,
      powerDown: () => {
        this.#send({ op: 'signal', id, signal: 'SIGTERM', inner: opts.inner });
        return Promise.resolve();
      },
      kill: () => this.#send({ op: 'signal', id, signal: 'SIGKILL', inner: false }),
    };
  }

  /** Listens inside on address:port and joins each connection to the unix socket at `path`. */
  async portal(address: string, port: number, path: string): Promise<void> {
    const id = this.#nextId++;
    const { code, stderr } = await new Promise<Output>((resolve) => {
      this.#runs.set(id, resolve);
      this.#send({ op: 'portal', id, address, port, path });
    });
    if (code !== 0) throw new CommandError(`listening on ${address}:${port}: ${stderr}`);
  }

  /** Ends the holder, and with it every process in the namespaces. */
  async close(): Promise<void> {
    this.#process.stdin?.end();
    const force = setTimeout(() => this.#process.kill('SIGKILL'), 3000);
    await this.#gone;
    clearTimeout(force);
  }

  #send(request: Request): void {
    if (!this.#ended) this.#process.stdin?.write(`${JSON.stringify(request)}\n`);
  }

  async #ready(): Promise<void> {
    const ready = Promise.withResolvers<boolean>();
    createInterface({ input: this.#process.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const message = JSON.parse(line) as Reply;
      if (message.event === 'ready') ready.resolve(true);
      else this.#take(message);
    });
    void this.#gone.then(() => ready.resolve(false));
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), START_TIMEOUT_MS);
    const isReady = await ready.promise;
    clearTimeout(timer);
    if (!isReady) throw new CommandError(`making namespaces: ${this.#stderr.trim() || 'no answer'}`);
  }

  #take(message: Exclude<Reply, { event: 'ready' }>): void {
    if (message.event === 'done') {
      this.#runs.get(message.id)?.(message);
      this.#runs.delete(message.id);
      return;
    }
    const lasting = this.#lasting.get(message.id);
    if (message.event === 'started') lasting?.started(message.pid);
    else if (message.event === 'line') lasting?.line(message.text);
    else {
      this.#lasting.delete(message.id);
      lasting?.exit({ code: message.code, signal: message.signal });
    }
  }

  #end(): void {
    this.#ended = true;
    for (const done of this.#runs.values()) done({ code: null, stdout: '', stderr: 'the namespaces are gone' });
    for (const lasting of this.#lasting.values()) lasting.exit({ code: null, signal: 'SIGKILL' });
    this.#runs.clear();
    this.#lasting.clear();
  }
}
