/** A Kubernetes control plane as child processes on loopback, with keys, data and logs in one directory. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from '../assets/binaries.ts';
import { silentProgress, type Progress } from '../assets/progress.ts';
import { COMPONENTS, FILES, type Component } from './flags.ts';
import { userKubeconfig, writeFiles, writeKubeconfigs, writePrivate } from './files.ts';
import { Supervisor } from './supervisor.ts';

export interface ControlPlaneOptions {
  /** Directory that is filled; it may exist. `createStateDirectory` makes one that is found after a crash. */
  dir: string;
  /** Where started processes are recorded for `removeStale`; `dir` by default. */
  stateDirectory?: string;
  binaries: Pick<Binaries, Component>;
  progress?: Progress;
  /** Ends everything when it fires. */
  signal?: AbortSignal;
  /** Default: all four. etcd and kube-apiserver are always needed. */
  components?: readonly Component[];
  /** Writes one line per API request to `auditLog`. Default: no. */
  audit?: boolean;
  /** No limits on memory, for thousands of objects. Default: small. */
  ampleMemory?: boolean;
  /** Further arguments, per component. */
  extraArgs?: Partial<Record<Component, readonly string[]>>;
  /**
   * Called when the API server is ready and before the others start: CustomResourceDefinitions that are created here are
   * known to the garbage collector at once; it finds later ones within 30 s.
   */
  prepare?: (kubeconfig: string) => Promise<void>;
  /** Milliseconds that a component may take to become ready. Default: 90 000. */
  readyTimeoutMs?: number;
}

export interface ControlPlane {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly url: string;
  /** PEM of the authority that signed the API server's certificate. */
  readonly ca: string;
  /** Path of the audit log; no file is there unless `audit` was asked for. */
  readonly auditLog: string;
  /** Writes a kubeconfig for a user that exists by this alone; returns its path. Groups as in RBAC. */
  kubeconfigFor(user: string, groups: readonly string[]): Promise<string>;
  /** Pid of a running component. */
  pid(component: Component): number | undefined;
  /** Path of a component's log. */
  logFile(component: Component): string;
  /** Sends a signal (default SIGKILL) and waits until the process is gone. */
  kill(component: Component, signal?: NodeJS.Signals): Promise<void>;
  /** Starts a component again, with its data and its port, and waits until it is ready. */
  start(component: Component): Promise<void>;
  restart(component: Component): Promise<void>;
  /** Freezes a component: connections stay open, nothing answers. */
  pause(component: Component): void;
  resume(component: Component): void;
  /** Ends all processes. The directory stays. */
  stop(): Promise<void>;
}

/**
 * Starts the components, each when what it needs is ready, and resolves when all are. On failure everything is stopped
 * and the error holds the last lines of the log of what failed.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { dir, signal } = options;
  signal?.throwIfAborted();
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const credentials = await writeFiles(dir);
  const supervisor = new Supervisor(options, credentials);
  const stopOnAbort = () => void supervisor.stop();
  signal?.addEventListener('abort', stopOnAbort, { once: true });
  try {
    await startInOrder(supervisor, options, credentials);
  } catch (error) {
    await supervisor.stop();
    signal?.removeEventListener('abort', stopOnAbort);
    signal?.throwIfAborted();
    throw error;
  }
  const { authority } = credentials;
  const url = supervisor.url;
  return {
    kubeconfig: join(dir, FILES.admin),
    url,
    ca: authority.certificate,
    auditLog: join(dir, FILES.auditLog),
    kubeconfigFor: async (user, groups) => {
      const path = join(dir, `${user.replaceAll(/[^\w.-]/g, '-')}.kubeconfig`);
      await writePrivate(path, await userKubeconfig({ url, authority, user, groups }));
      return path;
    },
    pid: (component) => supervisor.pid(component),
    logFile: (component) => supervisor.logFile(component),
    kill: (component, name = 'SIGKILL') => supervisor.kill(component, name),
    start: (component) => supervisor.start(component),
    restart: async (component) => {
      await supervisor.kill(component, 'SIGKILL');
      await supervisor.start(component);
    },
    pause: (component) => supervisor.signal(component, 'SIGSTOP'),
    resume: (component) => supervisor.signal(component, 'SIGCONT'),
    stop: async () => {
      signal?.removeEventListener('abort', stopOnAbort);
      await supervisor.stop();
    },
  };
}

async function startInOrder(
  supervisor: Supervisor,
  options: ControlPlaneOptions,
  { authority }: Awaited<ReturnType<typeof writeFiles>>,
): Promise<void> {
  const { components = COMPONENTS, progress = silentProgress(), dir } = options;
  const step = progress.step('Starting the control plane', { expectedSeconds: 6 });
  try {
    step.detail('etcd');
    await supervisor.startFresh('etcd');
    step.detail('kube-apiserver');
    await supervisor.startFresh('kube-apiserver');
    const kubeconfig = await writeKubeconfigs(dir, supervisor.url, authority);
    await options.prepare?.(kubeconfig);
    const rest = components.filter((component) => component !== 'etcd' && component !== 'kube-apiserver');
    step.detail(rest.join(', '));
    await Promise.all(rest.map((component) => supervisor.startFresh(component)));
    step.done(supervisor.url);
  } catch (error) {
    step.fail();
    throw error;
  }
}
