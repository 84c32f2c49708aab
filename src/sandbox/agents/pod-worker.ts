/**
 * The life of one pod on one node: admission and devices, network, images, the process, its end, and the removal
 * of the object when it is deleted. What it writes is in `pod-status.ts`; this is when.
 */
import { ANNOTATION_NETWORK_STATUS } from '../../api/labels.ts';
import type { Logger } from '../../log.ts';
import type { PodSandbox } from '../substrate/types.ts';
import type { Exit, Stage } from './container-status.ts';
import { aborted, type AgentContext, pause } from './context.ts';
import type { Fault } from './faults.ts';
import { vmiKey } from './launcher-process.ts';
import { formatStatus } from './network-status.ts';
import type { Container, Pod, PodStatus } from './objects.ts';
import { type Process, startProcess } from './pod-process.ts';
import { type PodProgress, podStatus, rejectedStatus, unavailable } from './pod-status.ts';
import {
  connect,
  isLauncher,
  mountVolumes,
  type PodHost,
  type PodTask,
  pullImages,
  readEnvironment,
} from './pod-steps.ts';
import { keepWire } from './pod-wire.ts';
import { PodGoneError, PodWriter } from './pod-writer.ts';
import { podRequest } from './quantity.ts';

const FAULT_DELAY_MS = 500;
const DEFAULT_GRACE_SECONDS = 30;
const EVICTED = {
  reason: 'Evicted',
  message: 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 51200Ki. ',
};

/** Ends a worker's work where it stands: the pod is deleted, or the agents stop. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}

export class PodWorker implements PodTask {
  readonly context: AgentContext;
  readonly host: PodHost;
  /** Settles when nothing of the pod is left on the node; never rejects. */
  readonly done: Promise<void>;
  readonly #log: Logger;
  readonly #writer: PodWriter;
  readonly #uid: string;
  readonly #acceptedAt = new Date();
  /** Aborted when the pod is to end. */
  readonly #stop = new AbortController();
  /** The object is gone: nothing is left to write about. */
  #vanished = false;
  #stage: Stage = 'Creating';
  /** The last of the writes, which follow each other. */
  #writing: Promise<void> = Promise.resolve();
  #sandbox: PodSandbox | undefined;
  #process: Process | undefined;
  #startedAt: Date | undefined;
  #exit: Exit | undefined;
  #evicted = false;

  /** `inherited`: the pod ran under an earlier life of the agents, so what it was is lost. */
  constructor(context: AgentContext, host: PodHost, pod: Pod, inherited: boolean) {
    this.context = context;
    this.host = host;
    this.#uid = pod.metadata.uid ?? '';
    this.#log = context.log.child({ Pod: `${pod.metadata.namespace ?? ''}/${pod.metadata.name}` });
    this.#writer = new PodWriter(context, pod, () => host.reachable());
    if (pod.metadata.deletionTimestamp !== undefined) this.#stop.abort();
    this.done = this.#run(inherited);
  }

  get pod(): Pod {
    return this.#writer.pod;
  }

  /** Takes in a newer version of the pod. */
  changed(pod: Pod): void {
    this.#writer.see(pod);
    if (pod.metadata.deletionTimestamp !== undefined) this.#stop.abort();
    else if (this.#stage === 'Started' && readyChanges(pod)) this.#refresh();
  }

  /** The object was removed under the pod: its devices count as free, and what runs is ended at once. */
  vanished(): void {
    this.#vanished = true;
    for (const pool of this.host.pools) pool.release(this.#uid);
    this.#process?.kill();
    this.#stop.abort();
  }

  /** By the pod itself, or by the VMI that it is the launcher of. */
  has(fault: Fault): boolean {
    if (this.context.faults.has(this.pod.metadata, fault)) return true;
    const vmi = this.context.vmis.get(vmiKey(this.pod) ?? '');
    return vmi !== undefined && this.context.faults.has(vmi.metadata, fault);
  }

  /** Bytes that its data NICs have carried. */
  async carried(): Promise<number> {
    return (await this.#sandbox?.carried()) ?? 0;
  }

  async sleep(ms: number): Promise<void> {
    await pause(ms, this.#stop.signal);
    this.#checkStopped();
  }

  /** Writes the pod's status at a stage; writes follow each other in the order of the calls. */
  async write(stage: Stage, more: Partial<PodProgress> = {}): Promise<void> {
    if (stage !== 'Ended' && stage !== 'Exited') this.#checkStopped();
    this.#stage = stage;
    await this.#inTurn(() => this.#writer.status((pod) => this.#statusOf(pod, stage, more)));
  }

  async #run(inherited: boolean): Promise<void> {
    const { signal } = this.context;
    const onShutdown = (): void => this.#stop.abort();
    signal.addEventListener('abort', onShutdown, { once: true });
    // First let the creator of this worker note it down: what is called here may call back.
    await Promise.resolve();
    await this.#guard('Losing a pod', () => (inherited ? this.#giveUp() : this.#live()));
    await this.#guard('Leaving something of a pod', () => this.#leave());
    signal.removeEventListener('abort', onShutdown);
  }

  async #guard(message: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const expected = error instanceof Stopped || error instanceof PodGoneError || this.context.signal.aborted;
      if (!expected) this.#log.error({ err: error }, message);
    }
  }

  async #live(): Promise<void> {
    if (!(await this.#admit())) return;
    await this.write('Creating');
    // As a kubelet: before there is a sandbox.
    const files = await mountVolumes(this, this.pod.spec.containers[0] as Container);
    this.#sandbox = await this.context.substrate.createPod({ id: this.#uid, node: this.host.name });
    this.#checkStopped();
    await keepWire(this, this.#sandbox, this.#stop.signal);
    const networks = await connect(this, this.#sandbox);
    await this.#inTurn(() => this.#writer.annotate({ [ANNOTATION_NETWORK_STATUS]: formatStatus(networks) }));
    await this.write('Sandboxed');
    await pullImages(this);
    const process = await this.#start(this.#sandbox, files);
    await this.#waitForEnd(process);
    await this.write('Exited');
    await this.#release();
    await this.write('Ended');
  }

  /** Devices are given before anything else; a pod that finds too few is refused for good. */
  async #admit(): Promise<boolean> {
    this.#checkStopped();
    for (const pool of this.host.pools) {
      const count = podRequest(this.pod.spec, pool.resource);
      const gone = count > 0 && this.has('no-devices');
      if (count === 0 || (!gone && pool.take(this.#uid, count) !== null)) continue;
      const message = unavailable(pool.resource, count, gone ? 0 : pool.free().length);
      for (const each of this.host.pools) each.release(this.#uid);
      await this.host.kubelet.event(this.pod, { type: 'Warning', reason: 'UnexpectedAdmissionError', message });
      await this.#writer.status((pod) => rejectedStatus(pod, 'UnexpectedAdmissionError', message, new Date()));
      return false;
    }
    return true;
  }

  async #start(sandbox: PodSandbox, files: Record<string, string>): Promise<Process> {
    const container = this.pod.spec.containers[0] as Container;
    const env = await readEnvironment(this, container, sandbox.ip);
    this.#checkStopped();
    const process = await startProcess(this.context, { pod: this.pod, sandbox, files, env });
    this.#process = process;
    this.#startedAt = new Date();
    if (isLauncher(this.pod)) await this.write('Initializing');
    await this.write('Started');
    if (readyChanges(this.pod)) this.#refresh();
    this.#announceStart(container);
    this.#armFaults(process);
    return process;
  }

  #announceStart({ image }: Container): void {
    const events: [string, string][] = [
      ['Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`],
      ['Created', 'Container created'],
      ['Started', 'Container started'],
    ];
    for (const [reason, message] of events) void this.host.kubelet.event(this.pod, { type: 'Normal', reason, message });
  }

  #armFaults(process: Process): void {
    if (isLauncher(this.pod) || !(this.has('crash') || this.has('evict'))) return;
    this.#evicted = this.has('evict');
    void pause(FAULT_DELAY_MS, this.#stop.signal).then(() => process.kill());
  }

  /** Until the process ends by itself, or is ended because the pod is deleted. */
  async #waitForEnd(process: Process): Promise<void> {
    await Promise.race([process.exited, aborted(this.#stop.signal)]);
    if (this.#stop.signal.aborted) await this.#terminate(process);
    this.#exit = await process.exited;
    if (this.#vanished || this.context.signal.aborted) throw new Stopped();
  }

  async #terminate(process: Process): Promise<void> {
    if (this.#vanished || this.context.signal.aborted) return process.kill();
    const grace = this.pod.metadata.deletionGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
    void this.host.kubelet.event(this.pod, { type: 'Normal', reason: 'Killing', message: 'Stopping container' });
    await process.powerDown();
    const ended = new AbortController();
    const limit = AbortSignal.any([ended.signal, this.context.signal]);
    await Promise.race([process.exited, pause(grace * 1000, limit)]);
    ended.abort();
    process.kill();
  }

  /** Frees devices and network. The VFs are free before anybody can read that the pod has ended. */
  async #release(): Promise<void> {
    await this.#sandbox?.destroy();
    this.#sandbox = undefined;
    for (const pool of this.host.pools) {
      pool.unlock(this.#uid);
      pool.release(this.#uid);
    }
  }

  /** The last of the pod: what it held, and, where it is being deleted, its object. */
  async #leave(): Promise<void> {
    this.#process?.kill();
    await this.#release();
    if (this.#vanished || this.context.signal.aborted) return;
    if (this.pod.metadata.deletionTimestamp === undefined) return;
    const { faults, signal } = this.context;
    while (faults.has(this.pod.metadata, 'stuck') && !signal.aborted) await pause(FAULT_DELAY_MS, signal);
    await this.#writer.remove();
  }

  async #giveUp(): Promise<void> {
    const message = 'The container could not be located when the pod was terminated';
    this.#exit = { code: 137, reason: 'ContainerStatusUnknown', message };
    await this.write('Ended');
  }

  /** Others have changed whether the pod's readiness gates are met. */
  #refresh(): void {
    const rewrite = async (): Promise<void> => {
      if (this.#stage !== 'Started') return;
      await this.#writer.status((pod) => this.#statusOf(pod, 'Started', {}));
    };
    void this.#guard('Failing to bring a pod up to date', () => this.#inTurn(rewrite));
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#writing.then(act);
    this.#writing = turn.catch(() => {});
    return turn;
  }

  #statusOf(pod: Pod, stage: Stage, more: Partial<PodProgress>): PodStatus {
    const ip = this.#sandbox?.ip ?? pod.status?.podIP;
    const held = this.host.pools.map((pool) => [pool.resource, pool.heldBy(this.#uid)] as const);
    const progress: PodProgress = {
      stage,
      hostIP: this.host.ip,
      acceptedAt: this.#acceptedAt,
      now: new Date(),
      devices: Object.fromEntries(held.filter(([, addresses]) => addresses.length > 0)),
      ...(ip === undefined ? {} : { podIP: ip }),
      ...(this.#startedAt === undefined ? {} : { startedAt: this.#startedAt }),
      ...(this.#exit === undefined ? {} : { exit: this.#exit }),
      ...more,
    };
    const status = podStatus(pod, progress);
    return this.#evicted && stage === 'Ended' ? { ...status, ...EVICTED } : status;
  }

  #checkStopped(): void {
    if (this.#stop.signal.aborted) throw new Stopped();
  }
}

/** A running pod's Ready condition disagrees with its readiness gates. */
function readyChanges(pod: Pod): boolean {
  const conditions = pod.status?.conditions ?? [];
  const isTrue = (type: string): boolean => conditions.some((each) => each.type === type && each.status === 'True');
  const gates = (pod.spec.readinessGates ?? []).every((gate) => isTrue(gate.conditionType));
  return gates !== isTrue('Ready');
}
