/** Starts and ends the four processes of one control plane, and knows when each is ready. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { logTail, startComponent, type RunningComponent } from './component.ts';
import type { ControlPlaneOptions } from './controlplane.ts';
import { componentEnvironment, componentFlags, type Component } from './flags.ts';
import type { Credentials } from './files.ts';
import { askHealth, type HealthTarget } from './health.ts';
import { freePorts } from './ports.ts';
import { recordProcess } from './stale.ts';

const READY_TIMEOUT_MS = 90_000;
const POLL_MS = 50;
const PORT_ATTEMPTS = 4;

export class Supervisor {
  readonly #options: ControlPlaneOptions;
  readonly #credentials: Credentials;
  readonly #running = new Map<Component, RunningComponent>();
  readonly #ports: Record<Component, number> = {
    etcd: 0,
    'kube-apiserver': 0,
    'kube-controller-manager': 0,
    'kube-scheduler': 0,
  };
  #stopped = false;

  constructor(options: ControlPlaneOptions, credentials: Credentials) {
    this.#options = options;
    this.#credentials = credentials;
  }

  get url(): string {
    return `https://127.0.0.1:${this.#ports['kube-apiserver']}`;
  }

  pid(component: Component): number | undefined {
    const running = this.#running.get(component);
    return running?.exit === undefined ? running?.pid : undefined;
  }

  logFile(component: Component): string {
    return join(this.#options.dir, 'logs', `${component}.log`);
  }

  /** Starts a component on a free port; on another one when somebody else was faster. */
  async startFresh(component: Component): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      [this.#ports[component] = 0] = await freePorts(1);
      try {
        return await this.start(component);
      } catch (error) {
        if (attempt === PORT_ATTEMPTS || !(error as Error).message.includes('address already in use')) throw error;
      }
    }
  }

  /** Starts a component on the port it has and waits until it is ready. */
  async start(component: Component): Promise<void> {
    if (this.pid(component) !== undefined) throw new Error(`${component} is running already`);
    this.#throwIfStopped(component);
    const { dir, binaries, audit = false, extraArgs, stateDirectory = dir } = this.#options;
    const flags = componentFlags(component, { dir, ports: this.#ports, audit });
    const argv = [binaries[component], ...flags, ...(extraArgs?.[component] ?? [])];
    const env = componentEnvironment(component, this.#options.ampleMemory);
    const running = await startComponent({ name: component, argv, env, cwd: dir, logFile: this.logFile(component) });
    this.#running.set(component, running);
    if (this.#stopped) running.signal('SIGKILL');
    await recordProcess(stateDirectory, running.pid, argv);
    await this.#ready(component, running);
  }

  async kill(component: Component, signal: NodeJS.Signals): Promise<void> {
    const running = this.#running.get(component);
    running?.signal(signal);
    await running?.exited;
  }

  signal(component: Component, signal: NodeJS.Signals): void {
    this.#running.get(component)?.signal(signal);
  }

  /** The data is thrown away: nothing is gained by a slow, orderly end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#running.keys()].map((component) => this.kill(component, 'SIGKILL')));
  }

  async #ready(component: Component, running: RunningComponent): Promise<void> {
    const limit = this.#options.readyTimeoutMs ?? READY_TIMEOUT_MS;
    const deadline = Date.now() + limit;
    const target = this.#healthTarget(component);
    for (;;) {
      this.#throwIfStopped(component);
      if (running.exit !== undefined) throw await this.#failure(component, running.exit);
      const problem = await askHealth(target);
      if (problem === undefined) return;
      if (Date.now() > deadline) {
        await this.kill(component, 'SIGKILL');
        throw await this.#failure(component, `not ready after ${limit / 1000} s (${problem})`);
      }
      await delay(POLL_MS);
    }
  }

  #healthTarget(component: Component): HealthTarget {
    const { etcdClient, etcdCa, authority } = this.#credentials;
    const port = this.#ports[component];
    if (component === 'etcd') return { port, path: '/readyz', ca: etcdCa, client: etcdClient };
    const path = component === 'kube-controller-manager' ? '/healthz' : '/readyz';
    return { port, path, ca: authority.certificate };
  }

  #throwIfStopped(component: Component): void {
    if (this.#stopped) throw new Error(`${component} is not started: the control plane was stopped`);
  }

  async #failure(component: Component, what: string): Promise<Error> {
    const file = this.logFile(component);
    return new Error(`${component}: ${what}. The end of its log (${file}):\n${await logTail(file)}`);
  }
}
