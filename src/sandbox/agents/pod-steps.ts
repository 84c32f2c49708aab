/** What a kubelet does again and again until it works, before a pod's process starts: volumes, network, images, environment. */
import { createHash } from 'node:crypto';
import type { PodSandbox } from '../substrate/types.ts';
import type { Stage } from './container-status.ts';
import type { AgentContext } from './context.ts';
import { networkFault } from './cni-faults.ts';
import { type DevicePool, deviceEnv } from './devices.ts';
import type { Fault } from './faults.ts';
import { blameImage, type MissingImage, missingImage, pullBackOff, pullError } from './images.ts';
import { readAttachments } from './late-attachments.ts';
import { vmiKey } from './launcher-process.ts';
import { dataReader, environment, mountedFiles, MountError, type ReadData } from './mounts.ts';
import { CniError, sandboxFailure } from './multus.ts';
import type { NetworkStatus } from './network-status.ts';
import type { Container, Pod } from './objects.ts';
import { makeNetwork } from './pod-network.ts';
import type { PodProgress } from './pod-status.ts';
import type { Recorder } from './recorder.ts';

/** The node that a pod runs on, as its worker sees it. */
export interface PodHost {
  name: string;
  ip: string;
  pools: DevicePool[];
  kubelet: Recorder;
  multus: Recorder;
  /** Resolves when the node can reach the API server. */
  reachable(): Promise<void>;
}

/** A pod's worker, as far as the steps need it. */
export interface PodTask {
  readonly context: AgentContext;
  readonly host: PodHost;
  /** As last seen or written. */
  readonly pod: Pod;
  has(fault: Fault): boolean;
  write(stage: Stage, more?: Partial<PodProgress>): Promise<void>;
  /** Throws when the pod is to end. */
  sleep(ms: number): Promise<void>;
}

const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const SLOW_MS = 3_000;
/** Bytes; the least that IPv6 takes. */
const WRONG_MTU = 1_280;
/** Bytes of an event's message that the API server takes. */
const MESSAGE_MAX = 1_024;

const retryDelay = (attempt: number): number => RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 0;
export const isLauncher = (pod: Pod): boolean => vmiKey(pod) !== undefined;

/** Tries until the network is made, as a kubelet does, with an event per failure. */
export async function connect(task: PodTask, sandbox: PodSandbox): Promise<NetworkStatus[]> {
  const made = new Map<string, NetworkStatus>();
  if (task.has('slow')) await task.sleep(SLOW_MS);
  for (let attempt = 0; ; attempt++) {
    try {
      const fault = networkFault(task.pod, (each) => task.has(each), firstVf(task));
      if (fault !== undefined) throw fault;
      await readAttachments(task.context, task.pod);
      return await makeNetwork(networkOf(task, sandbox), made);
    } catch (error) {
      if (!(error instanceof CniError)) throw error;
      await reportNetwork(task, error, attempt);
    }
    await task.sleep(retryDelay(attempt));
  }
}

function firstVf({ host, pod }: PodTask): string | undefined {
  return host.pools.flatMap((pool) => pool.heldBy(pod.metadata.uid ?? ''))[0];
}

function networkOf(task: PodTask, sandbox: PodSandbox): Parameters<typeof makeNetwork>[0] {
  const { context, host, pod } = task;
  return {
    pod,
    sandbox,
    pools: host.pools,
    attachment: (key) => context.attachments.get(key),
    wire: !isLauncher(pod) && !task.has('no-network'),
    mtu: task.has('wrong-mtu') ? WRONG_MTU : context.mtu,
    onAdded: (nic, addresses, network) => {
      const message = `Add ${nic} [${addresses.join(' ')}] from ${network}`;
      void host.multus.event(pod, { type: 'Normal', reason: 'AddedInterface', message });
    },
  };
}

async function reportNetwork({ host, pod }: PodTask, error: CniError, attempt: number): Promise<void> {
  if (error.noNetwork !== undefined) {
    await host.multus.event(pod, { type: 'Warning', reason: 'NoNetworkFound', message: error.noNetwork });
  }
  const sandboxId = createHash('sha256')
    .update(`${pod.metadata.uid ?? ''}/${attempt}`)
    .digest('hex');
  const message = sandboxFailure(sandboxId, error).slice(0, MESSAGE_MAX);
  await host.kubelet.event(pod, { type: 'Warning', reason: 'FailedCreatePodSandBox', message });
}

/** Waits until all images are there; says so once per reason. */
export async function pullImages(task: PodTask): Promise<void> {
  const missing = missingNow(task);
  if (missing === undefined) return;
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> =>
    task.host.kubelet.event(task.pod, { type, reason, message });
  const error = pullError(missing);
  await tell('Normal', 'Pulling', `Pulling image "${missing.image}"`);
  await tell('Warning', 'Failed', `Failed to pull image "${missing.image}": ${error.message}`);
  await tell('Warning', 'Failed', `Error: ${error.reason}`);
  await task.write('Sandboxed', { waiting: error });
  await task.sleep(retryDelay(0));
  if (missing.policy !== 'Never') {
    await tell('Normal', 'BackOff', `Back-off pulling image "${missing.image}"`);
    await tell('Warning', 'Failed', 'Error: ImagePullBackOff');
    await task.write('Sandboxed', { waiting: pullBackOff(missing) });
  }
  while (missingNow(task) !== undefined) await task.sleep(retryDelay(1));
}

function missingNow(task: PodTask): MissingImage | undefined {
  return task.has('image-pull') ? blameImage(task.pod) : missingImage(task.pod, task.context.images);
}

/** Files of the main container's volumes; waits for Secrets and ConfigMaps that are not there yet, with an event per failure. */
export async function mountVolumes(task: PodTask, container: Container): Promise<Record<string, string>> {
  const { host, pod } = task;
  if (isLauncher(pod)) return {};
  for (let attempt = 0; ; attempt++) {
    try {
      return await mountedFiles(pod, container, task.has('mount-failure') ? readNothing : readerOf(task));
    } catch (error) {
      if (!(error instanceof MountError)) throw error;
      await host.kubelet.event(pod, { type: 'Warning', reason: 'FailedMount', message: error.message });
    }
    await task.sleep(retryDelay(attempt));
  }
}

/** Environment of the main container; waits for keys of Secrets and ConfigMaps that are not there yet. */
export async function readEnvironment(
  task: PodTask,
  container: Container,
  ip: string,
): Promise<Record<string, string>> {
  if (isLauncher(task.pod)) return {};
  for (let attempt = 0; ; attempt++) {
    try {
      const env = { ...(await environment(task.pod, container, ip, readerOf(task))), ...devicesOf(task) };
      return task.has('no-tools') ? { ...env, PATH: '/nonexistent' } : env;
    } catch (error) {
      if (!(error instanceof MountError)) throw error;
      const waiting = { container: container.name, reason: 'CreateContainerConfigError', message: error.message };
      await task.write('Sandboxed', { waiting });
    }
    await task.sleep(retryDelay(attempt));
  }
}

const readerOf = ({ context, pod }: PodTask): ReadData =>
  dataReader(context.client, pod.metadata.namespace ?? '', context.signal);

const readNothing = (): Promise<null> => Promise.resolve(null);

function devicesOf({ host, pod }: PodTask): Record<string, string> {
  const entries = host.pools.flatMap((pool) => {
    const held = pool.heldBy(pod.metadata.uid ?? '');
    return held.length === 0 ? [] : Object.entries(deviceEnv(pool, held));
  });
  return Object.fromEntries(entries);
}
