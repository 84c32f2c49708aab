/**
 * A substrate whose pods and guests are nothing but entries in a table: for tests of the agents, and for benchmarks of
 * the operator, where whoever drives it posts the results that a runner would and then ends the child.
 */
import type {
  AttachOptions,
  Child,
  PodSandbox,
  RunnerOptions,
  Substrate,
  VmOptions,
  Wire,
} from '../substrate/types.ts';

export interface FakeChild extends Child {
  /** Ends it as by itself. */
  exit(code: number): void;
}

/** What was started in a pod. */
export type Started =
  | { kind: 'Runner'; id: string; node: string; options: RunnerOptions; child: FakeChild }
  | { kind: 'Vm'; id: string; node: string; options: VmOptions; child: FakeChild };

export interface FakeOptions {
  /** Called when a runner or a guest is started. */
  onStart?: (started: Started) => void;
  /** Exit code of a child that is asked to end; default 0. */
  exitOnPowerDown?: number;
}

let nextPid = 1_000_000;

/** A child that does nothing until it is told to end. */
export function fakeChild(exitOnPowerDown = 0): FakeChild {
  const end = Promise.withResolvers<{ code: number | null; signal: string | null }>();
  const exit = (code: number): void => end.resolve({ code, signal: null });
  return {
    pid: nextPid++,
    exited: end.promise,
    exit,
    powerDown: () => Promise.resolve(exit(exitOnPowerDown)),
    kill: () => end.resolve({ code: null, signal: 'SIGKILL' }),
  };
}

export class FakeSubstrate implements Substrate {
  readonly accelerator = 'tcg';
  readonly dataPath = 'tap';
  readonly gateway = '10.64.0.1';
  readonly lost: Promise<void> = new Promise(() => {});
  /** Pods that exist, by id. */
  readonly pods = new Map<string, FakePod>();
  readonly #options: FakeOptions;
  #addresses = 0;

  constructor(options: FakeOptions = {}) {
    this.#options = options;
  }

  openPortal(): Promise<void> {
    return Promise.resolve();
  }

  createPod({ id, node }: { id: string; node: string }): Promise<PodSandbox> {
    if (this.pods.has(id)) return Promise.reject(new Error(`there is a pod ${id} already`));
    const n = ++this.#addresses;
    const ip = `10.64.${1 + ((n >> 8) & 0x7f)}.${n & 0xff}`;
    const pod = new FakePod({ id, node, ip, options: this.#options, onDestroyed: () => void this.pods.delete(id) });
    this.pods.set(id, pod);
    return Promise.resolve(pod);
  }

  listLeftovers(): Promise<string[]> {
    return Promise.resolve([...this.pods.keys()]);
  }

  async close(): Promise<void> {
    await Promise.all([...this.pods.values()].map((pod) => pod.destroy()));
  }
}

interface FakePodOptions {
  id: string;
  node: string;
  ip: string;
  options: FakeOptions;
  onDestroyed: () => void;
}

export class FakePod implements PodSandbox {
  readonly ip: string;
  readonly attached: AttachOptions[] = [];
  readonly started: Started[] = [];
  wire: Wire = 'Whole';
  readonly #place: FakePodOptions;

  constructor(place: FakePodOptions) {
    this.#place = place;
    this.ip = place.ip;
  }

  attach(options: AttachOptions): Promise<{ mac: string; mtu: number }> {
    const mac = options.mac ?? `02:fa:ce:00:${this.ip.split('.').slice(2).map(hex).join(':')}`;
    this.attached.push({ ...options, mac });
    return Promise.resolve({ mac, mtu: options.mtu });
  }

  setWire(wire: Wire): Promise<void> {
    this.wire = wire;
    return Promise.resolve();
  }

  carried(): Promise<number> {
    return Promise.resolve(0);
  }

  startRunner(options: RunnerOptions): Promise<Child> {
    return this.#start({ kind: 'Runner', ...this.#common(), options });
  }

  startVm(options: VmOptions): Promise<Child> {
    return this.#start({ kind: 'Vm', ...this.#common(), options });
  }

  destroy(): Promise<void> {
    for (const { child } of this.started) child.kill();
    this.#place.onDestroyed();
    return Promise.resolve();
  }

  #common(): { id: string; node: string; child: FakeChild } {
    const { id, node, options } = this.#place;
    return { id, node, child: fakeChild(options.exitOnPowerDown) };
  }

  #start(started: Started): Promise<Child> {
    this.started.push(started);
    this.#place.options.onStart?.(started);
    return Promise.resolve(started.child);
  }
}

const hex = (part: string): string => Number(part).toString(16).padStart(2, '0');
