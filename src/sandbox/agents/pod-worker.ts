/**
 * The life of one pod on one node: admission and devices, network, images, the process, its end, and the removal
 * of the object when it is deleted. What it writes is in `pod-status.ts`; this is when.
 */
import { createHash } from 'node:crypto';
import { ANNOTATION_NETWORK_STATUS } from '../../api/labels.ts';
import type { Logger } from '../../log.ts';
import type { PodSandbox } from '../substrate/types.ts';
import type { Exit, Stage } from './container-status.ts';
import { aborted, type AgentContext, pause } from './context.ts';
import { type DevicePool, deviceEnv } from './devices.ts';
import type { Fault } from './faults.ts';
import { blameImage, type MissingImage, missingImage, pullBackOff, pullError } from './images.ts';
import { vmiKey } from './launcher-process.ts';
import { dataReader, environment, mountedFiles, MountError } from './mounts.ts';
import { CniError, sandboxFailure } from './multus.ts';
import { formatStatus, type NetworkStatus } from './network-status.ts';
import type { Container, Pod } from './objects.ts';
import { faultyNetwork, makeNetwork } from './pod-network.ts';
import { type Process, startProcess } from './pod-process.ts';
import { type PodProgress, podStatus, rejectedStatus, unavailable } from './pod-status.ts';
import { PodGoneError, PodWriter } from './pod-writer.ts';
import { podRequest } from './quantity.ts';
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

const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const FAULT_DELAY_MS = 500;
const SLOW_MS = 3_000;
const EVICTION = 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 51200Ki. ';

/** Ends a worker's work where it stands: the pod is deleted, or the agents stop. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}

export class PodWorker {
  /** Settles when nothing of the pod is left on the node; never rejects. */
  readonly done: Promise<void>;
  readonly #context: AgentContext;
  readonly #host: PodHost;
  readonly #log: Logger;
  readonly #writer: PodWriter;
  readonly #uid: string;
  readonly #acceptedAt = new Date();
  /** Aborted when the pod is to end. */
  readonly #stop = new AbortController();
  /** The object is gone: nothing is left to write about. */
  #vanished = false;
  #sandbox: PodSandbox | undefined;
  #process: Process | undefined;
  #startedAt: Date | undefined;
  #exit: Exit | undefined;
  #evicted = false;

  /** `inherited`: the pod ran under an earlier life of the agents, so what it was is lost. */
  constructor(context: AgentContext, host: PodHost, pod: Pod, inherited: boolean) {
    this.#context = context;
    this.#host = host;
    this.#uid = pod.metadata.uid ?? '';
    this.#log = context.log.child({ Pod: `${pod.metadata.namespace ?? ''}/${pod.metadata.name}` });
    this.#writer = new PodWriter(context, pod, () => host.reachable());
    if (pod.metadata.deletionTimestamp !== undefined) this.#stop.abort();
    context.signal.addEventListener('abort', this.#onShutdown, { once: true });
    this.done = this.#run(inherited);
  }

  /** Takes in a newer version of the pod. */
  changed(pod: Pod): void {
    this.#writer.see(pod);
    if (pod.metadata.deletionTimestamp !== undefined) this.#stop.abort();
  }

  /** The object was removed under the pod: its devices count as free, and what runs is ended at once. */
  vanished(): void {
    this.#vanished = true;
    for (const pool of this.#host.pools) pool.release(this.#uid);
    this.#process?.kill();
    this.#stop.abort();
  }

  readonly #onShutdown = (): void => this.#stop.abort();

  async #run(inherited: boolean): Promise<void> {
    try {
      if (inherited) await this.#giveUp();
      else await this.#live();
    } catch (error) {
      const expected = error instanceof Stopped || error instanceof PodGoneError || this.#context.signal.aborted;
      if (!expected) this.#log.error({ err: error }, 'Losing a pod');
    }
    try {
      await this.#leave();
    } catch (error) {
      if (!this.#context.signal.aborted) this.#log.error({ err: error }, 'Leaving something of a pod');
    }
    this.#context.signal.removeEventListener('abort', this.#onShutdown);
  }

  async #live(): Promise<void> {
    if (!(await this.#admit())) return;
    await this.#write('Creating');
    const sandbox = await this.#createSandbox();
    const networks = await this.#connect(sandbox);
    await this.#writer.annotate({ [ANNOTATION_NETWORK_STATUS]: formatStatus(networks) });
    await this.#write('Sandboxed');
    await this.#pull();
    await this.#start(sandbox);
    await this.#waitForEnd();
    await this.#write('Exited');
    await this.#release();
    await this.#write('Ended');
  }

  /** Devices are given before anything else; a pod that finds too few is refused for good. */
  async #admit(): Promise<boolean> {
    this.#checkStopped();
    for (const pool of this.#host.pools) {
      const count = podRequest(this.#writer.pod.spec, pool.resource);
      if (count === 0 || pool.take(this.#uid, count) !== null) continue;
      const message = unavailable(pool.resource, count, pool.free().length);
      for (const each of this.#host.pools) each.release(this.#uid);
      await this.#host.kubelet.event(this.#writer.pod, {
        type: 'Warning',
        reason: 'UnexpectedAdmissionError',
        message,
      });
      await this.#writer.status((pod) => rejectedStatus(pod, 'UnexpectedAdmissionError', message, new Date()));
      return false;
    }
    return true;
  }

  async #createSandbox(): Promise<PodSandbox> {
    this.#sandbox = await this.#context.substrate.createPod({ id: this.#uid, node: this.#host.name });
    this.#checkStopped();
    return this.#sandbox;
  }

  /** Tries until the network is made, as a kubelet does, with an event per failure. */
  async #connect(sandbox: PodSandbox): Promise<NetworkStatus[]> {
    const made = new Map<string, NetworkStatus>();
    if (this.#has('slow')) await this.#sleep(SLOW_MS);
    for (let attempt = 0; ; attempt++) {
      this.#checkStopped();
      try {
        if (this.#has('cni-failure')) throw faultyNetwork(this.#writer.pod);
        return await makeNetwork(this.#network(sandbox), made);
      } catch (error) {
        if (!(error instanceof CniError)) throw error;
        await this.#reportNetwork(error, attempt);
      }
      await this.#sleep(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 0);
    }
  }

  #network(sandbox: PodSandbox): Parameters<typeof makeNetwork>[0] {
    const { pod } = this.#writer;
    return {
      pod,
      sandbox,
      pools: this.#host.pools,
      attachment: (key) => this.#context.attachments.get(key),
      wire: !this.#isLauncher && !this.#has('no-network'),
      mtu: this.#context.mtu,
      onAdded: (nic, addresses, network) => {
        const message = `Add ${nic} [${addresses.join(' ')}] from ${network}`;
        void this.#host.multus.event(pod, { type: 'Normal', reason: 'AddedInterface', message });
      },
    };
  }

  async #reportNetwork(error: CniError, attempt: number): Promise<void> {
    const { pod } = this.#writer;
    if (error.noNetwork !== undefined) {
      await this.#host.multus.event(pod, { type: 'Warning', reason: 'NoNetworkFound', message: error.noNetwork });
    }
    const sandboxId = createHash('sha256').update(`${this.#uid}/${attempt}`).digest('hex');
    const message = sandboxFailure(sandboxId, error).slice(0, 1024);
    await this.#host.kubelet.event(pod, { type: 'Warning', reason: 'FailedCreatePodSandBox', message });
  }

  /** Waits until all images are there; says so once per reason. */
  async #pull(): Promise<void> {
    const missing = this.#missingImage();
    if (missing === undefined) return;
    const tell = (type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> =>
      this.#host.kubelet.event(this.#writer.pod, { type, reason, message });
    const error = pullError(missing);
    await tell('Normal', 'Pulling', `Pulling image "${missing.image}"`);
    await tell('Warning', 'Failed', `Failed to pull image "${missing.image}": ${error.message}`);
    await tell('Warning', 'Failed', `Error: ${error.reason}`);
    await this.#write('Sandboxed', { waiting: error });
    await this.#sleep(RETRY_MS[0] ?? 0);
    if (missing.policy !== 'Never') {
      await tell('Normal', 'BackOff', `Back-off pulling image "${missing.image}"`);
      await this.#write('Sandboxed', { waiting: pullBackOff(missing) });
    }
    while (this.#missingImage() !== undefined) await this.#sleep(RETRY_MS[1] ?? 0);
  }

  #missingImage(): MissingImage | undefined {
    const { pod } = this.#writer;
    return this.#has('image-pull') ? blameImage(pod) : missingImage(pod, this.#context.images);
  }

  async #start(sandbox: PodSandbox): Promise<void> {
    const container = this.#writer.pod.spec.containers[0] as Container;
    const { files, env } = await this.#mount(container, sandbox.ip);
    this.#checkStopped();
    this.#process = await startProcess(this.#context, { pod: this.#writer.pod, sandbox, files, env });
    this.#startedAt = new Date();
    if (this.#isLauncher) await this.#write('Initializing');
    await this.#write('Started');
    this.#announceStart(container);
    this.#armFaults(this.#process);
  }

  async #mount(
    container: Container,
    ip: string,
  ): Promise<{ files: Record<string, string>; env: Record<string, string> }> {
    if (this.#isLauncher) return { files: {}, env: {} };
    const { pod } = this.#writer;
    const read = dataReader(this.#context.client, pod.metadata.namespace ?? '', this.#context.signal);
    for (let attempt = 0; ; attempt++) {
      this.#checkStopped();
      try {
        const files = await mountedFiles(pod, container, read);
        const env = await environment(pod, container, ip, read);
        return {
          files,
          env: { ...env, ...this.#deviceEnv(), ...(this.#has('no-tools') ? { PATH: '/nonexistent' } : {}) },
        };
      } catch (error) {
        if (!(error instanceof MountError)) throw error;
        await this.#host.kubelet.event(pod, { type: 'Warning', reason: 'FailedMount', message: error.message });
      }
      await this.#sleep(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 0);
    }
  }

  #deviceEnv(): Record<string, string> {
    const held = this.#host.pools.map((pool) => [pool, pool.heldBy(this.#uid)] as const);
    return Object.assign(
      {},
      ...held.map(([pool, addresses]) => (addresses.length === 0 ? {} : deviceEnv(pool, addresses))),
    ) as Record<string, string>;
  }

  #announceStart({ image }: Container): void {
    const { pod } = this.#writer;
    const events: [string, string][] = [
      ['Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`],
      ['Created', 'Container created'],
      ['Started', 'Container started'],
    ];
    for (const [reason, message] of events) void this.#host.kubelet.event(pod, { type: 'Normal', reason, message });
  }

  #armFaults(process: Process): void {
    if (this.#isLauncher || !(this.#has('crash') || this.#has('evict'))) return;
    this.#evicted = this.#has('evict');
    void pause(FAULT_DELAY_MS, this.#stop.signal).then(() => process.kill());
  }

  /** Until the process ends by itself, or is ended because the pod is deleted. */
  async #waitForEnd(): Promise<void> {
    const process = this.#process as Process;
    await Promise.race([process.exited, aborted(this.#stop.signal)]);
    if (this.#stop.signal.aborted) await this.#terminate(process);
    this.#exit = await process.exited;
    if (this.#vanished || this.#context.signal.aborted) throw new Stopped();
  }

  async #terminate(process: Process): Promise<void> {
    if (this.#vanished || this.#context.signal.aborted) return process.kill();
    const grace = this.#writer.pod.metadata.deletionGracePeriodSeconds ?? 30;
    void this.#host.kubelet.event(this.#writer.pod, {
      type: 'Normal',
      reason: 'Killing',
      message: 'Stopping container',
    });
    await process.powerDown();
    const late = new AbortController();
    const forced = AbortSignal.any([late.signal, this.#context.signal]);
    await Promise.race([process.exited, pause(grace * 1000, forced)]);
    late.abort();
    process.kill();
  }

  /** Frees devices and network. The VFs are free before anybody can read that the pod has ended. */
  async #release(): Promise<void> {
    await this.#sandbox?.destroy();
    this.#sandbox = undefined;
    for (const pool of this.#host.pools) {
      pool.unlock(this.#uid);
      pool.release(this.#uid);
    }
  }

  /** The last of the pod: what it held, and, where it is being deleted, its object. */
  async #leave(): Promise<void> {
    this.#process?.kill();
    await this.#release();
    if (this.#vanished || this.#context.signal.aborted) return;
    if (this.#writer.pod.metadata.deletionTimestamp !== undefined) await this.#writer.remove();
  }

  async #giveUp(): Promise<void> {
    const message = 'The container could not be located when the pod was terminated';
    this.#exit = { code: 137, reason: 'ContainerStatusUnknown', message };
    await this.#write('Ended');
  }

  async #write(stage: Stage, more: Partial<PodProgress> = {}): Promise<void> {
    if (stage !== 'Ended' && stage !== 'Exited') this.#checkStopped();
    const ip = this.#sandbox?.ip ?? this.#writer.pod.status?.podIP;
    const devices = this.#host.pools.map((pool) => [pool.resource, pool.heldBy(this.#uid)] as const);
    await this.#writer.status((pod) => ({
      ...podStatus(pod, {
        stage,
        hostIP: this.#host.ip,
        acceptedAt: this.#acceptedAt,
        now: new Date(),
        devices: Object.fromEntries(devices.filter(([, addresses]) => addresses.length > 0)),
        ...(ip === undefined ? {} : { podIP: ip }),
        ...(this.#startedAt === undefined ? {} : { startedAt: this.#startedAt }),
        ...(this.#exit === undefined ? {} : { exit: this.#exit }),
        ...more,
      }),
      ...(this.#evicted && stage === 'Ended' ? { reason: 'Evicted', message: EVICTION } : {}),
    }));
  }

  get #isLauncher(): boolean {
    return vmiKey(this.#writer.pod) !== undefined;
  }

  /** By the pod itself, or by the VMI that it is the launcher of. */
  #has(fault: Fault): boolean {
    const { pod } = this.#writer;
    if (this.#context.faults.has(pod.metadata, fault)) return true;
    const vmi = this.#context.vmis.get(vmiKey(pod) ?? '');
    return vmi !== undefined && this.#context.faults.has(vmi.metadata, fault);
  }

  async #sleep(ms: number): Promise<void> {
    await pause(ms, this.#stop.signal);
    this.#checkStopped();
  }

  #checkStopped(): void {
    if (this.#stop.signal.aborted) throw new Stopped();
  }
}
