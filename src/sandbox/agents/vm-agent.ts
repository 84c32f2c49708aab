/**
 * KubeVirt's virt-controller and virt-handlers: a launcher pod for each VMI, its guest once the pod runs, and the
 * VMI's status all along. What is written is decided in `vmi-status.ts`; this does it, one write at a time.
 */
import { isDeepStrictEqual } from 'node:util';
import { ANNOTATION_NETWORK_STATUS, ANNOTATION_NETWORKS } from '../../api/labels.ts';
import { runController } from '../../kube/controller.ts';
import { ApiError, isNotFound } from '../../kube/errors.ts';
import { WorkQueue } from '../../kube/queue.ts';
import { keyOf } from '../../kube/object.ts';
import { PODS } from '../../kube/resources.ts';
import type { Logger } from '../../log.ts';
import { type AgentContext, pause } from './context.ts';
import { dataReader } from './mounts.ts';
import { VMIS } from '../../api/kinds.ts';
import { type LauncherProcess, vmiKey } from './launcher-process.ts';
import { DEFAULT_GRACE_SECONDS, needsNetworkInfo, renderLauncher } from './launcher.ts';
import { networkInfo, parseStatus } from './network-status.ts';
import { type Pod, timestamp } from './objects.ts';
import type { Vmi, VmStatus } from './vmi.ts';
import type { OwnWrites } from './own-writes.ts';
import { STRATEGIC_MERGE_PATCH } from './pod-writer.ts';
import { Recorder } from './recorder.ts';
import { FINALIZER } from './vmi-defaults.ts';
import { isFinal, nextStatus, type Seen } from './vmi-status.ts';
import { vmOptions } from './vm-options.ts';

const OBSERVED = {
  'kubevirt.io/latest-observed-api-version': 'v1',
  'kubevirt.io/storage-observed-api-version': 'v1',
};
const UNPAUSED = 'kubevirt.io/virtual-machine-unpaused';
const NETWORK_INFO = 'kubevirt.io/network-info';
const NODE_LABEL = 'kubevirt.io/nodeName';
const FAULT_DELAY_MS = 500;
const WORKERS = 8;

export class VmAgent {
  readonly #context: AgentContext;
  readonly #log: Logger;
  readonly #writes: OwnWrites;
  readonly #controller: Recorder;
  readonly #handler: Recorder;
  readonly #queue = new WorkQueue({ baseDelayMs: 200, maxDelayMs: 15_000 });
  /** Why a VMI's launcher pod could not be created, by UID. */
  readonly #createErrors = new Map<string, string>();

  constructor(context: AgentContext, writes: OwnWrites) {
    this.#context = context;
    this.#writes = writes;
    this.#log = context.log.child({ agent: 'kubevirt' });
    this.#controller = new Recorder(context.client, this.#log, { component: 'virtualmachine-controller' });
    this.#handler = new Recorder(context.client, this.#log, { component: 'virt-handler' });
  }

  /** Runs until the signal. */
  async run(): Promise<void> {
    const { vmis, pods, launchers, signal } = this.#context;
    const queue = this.#queue;
    const ends = [
      vmis.subscribe(({ object }) => queue.add(keyOf(object))),
      pods.subscribe(({ object }) => {
        const key = vmiKey(object);
        if (key !== undefined) queue.add(key);
      }),
    ];
    launchers.onChange = (key) => queue.add(key);
    for (const vmi of vmis.list()) queue.add(keyOf(vmi));
    await runController({
      name: 'VirtualMachineInstance',
      queue,
      workers: WORKERS,
      log: this.#log,
      signal,
      reconcile: (key) => this.#reconcile(key),
    });
    for (const end of ends) end();
  }

  async #reconcile(key: string): Promise<void> {
    const { vmis, launchers } = this.#context;
    const vmi = vmis.get(key);
    const uid = vmi?.metadata.uid;
    launchers.dropOthers(key, uid);
    if (vmi === undefined || uid === undefined) return;
    const pod = await this.#deletePod(vmi, this.#launcherOf(vmi));
    const launcher = launchers.get(uid);
    const over = vmi.metadata.deletionTimestamp !== undefined && pod === undefined && isFinal(vmi);
    if (!over && (await this.#writeNext(vmi, pod, launcher))) return;
    if (vmi.metadata.deletionTimestamp !== undefined) {
      if (pod === undefined) await this.#forget(vmi);
    } else if (pod === undefined) {
      await this.#ensurePod(vmi);
    }
    if (pod !== undefined) await this.#tendPod(vmi, pod);
    if (vmi.metadata.deletionTimestamp !== undefined) this.#endGuest(vmi, launcher);
    await this.#tendGuest(vmi, launcher);
  }

  /** A guest that does not heed its power button (one that boots does not) is ended when the VMI's grace is over. */
  #endGuest(vmi: Vmi, launcher: LauncherProcess | undefined): void {
    if (launcher === undefined || isFinal(vmi)) return;
    const grace = (vmi.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS) * 1000;
    const left = Date.parse(vmi.metadata.deletionTimestamp ?? '') + grace - Date.now();
    if (left > 0) this.#queue.addAfter(keyOf(vmi), left);
    else launcher.destroyGuest();
  }

  #launcherOf(vmi: Vmi): Pod | undefined {
    return this.#context.pods.byIndex('vmi', vmi.metadata.uid ?? '')[0];
  }

  /** The launcher pod goes with its VMI; it is taken for terminating from the moment it is told. */
  async #deletePod(vmi: Vmi, pod: Pod | undefined): Promise<Pod | undefined> {
    const { deletionTimestamp } = vmi.metadata;
    if (deletionTimestamp === undefined || pod === undefined || pod.metadata.deletionTimestamp !== undefined)
      return pod;
    const { client, signal } = this.#context;
    const { namespace = '', name, uid = '' } = pod.metadata;
    await client.remove(PODS, { namespace, name }, { uid, signal });
    const message = `Deleted virtual machine pod ${name}`;
    void this.#controller.event(vmi, { type: 'Normal', reason: 'SuccessfulDelete', message });
    return { ...pod, metadata: { ...pod.metadata, deletionTimestamp } };
  }

  /** Writes the next step of the VMI's life, if there is one; the write itself brings us back for the one after. */
  async #writeNext(vmi: Vmi, pod: Pod | undefined, launcher: LauncherProcess | undefined): Promise<boolean> {
    const annotations = vmi.metadata.annotations ?? {};
    if (Object.keys(OBSERVED).some((name) => annotations[name] === undefined)) {
      await this.#patch(vmi, { metadata: { annotations: OBSERVED } });
      return true;
    }
    const createError = this.#createErrors.get(vmi.metadata.uid ?? '');
    const seen: Seen = {
      pod,
      domain: launcher?.domain ?? 'None',
      ...(createError === undefined ? {} : { createError }),
      unhandled: this.#has(vmi, 'no-handler'),
    };
    const status = JSON.parse(JSON.stringify(nextStatus(vmi, seen, new Date()))) as VmStatus;
    if (isDeepStrictEqual(status, vmi.status ?? {})) return false;
    const starts = status.phase === 'Scheduled' && vmi.status?.phase === 'Scheduling';
    if (starts && pod !== undefined) await this.#publishDevices(vmi, pod);
    await this.#patch(vmi, { ...(starts ? { metadata: { labels: { [NODE_LABEL]: status.nodeName } } } : {}), status });
    this.#announce(vmi, status, seen);
    return true;
  }

  async #patch(vmi: Vmi, body: { metadata?: object; status?: VmStatus }): Promise<void> {
    const { client, signal, vmis } = this.#context;
    const { namespace = '', name, uid = '', resourceVersion = '' } = vmi.metadata;
    const patch = { ...body, metadata: { ...body.metadata, resourceVersion } };
    await this.#writes.during(`${uid}/${resourceVersion}`, async () => {
      vmis.upsert(await client.patch<Vmi>(VMIS, { namespace, name }, patch, { signal }));
    });
  }

  #announce(vmi: Vmi, status: VmStatus, { domain }: Seen): void {
    if (status.phase === vmi.status?.phase) return;
    const say = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
      void this.#handler.event(vmi, { type, reason, message });
    if (status.phase === 'Running') {
      say('Normal', 'Created', 'VirtualMachineInstance defined.');
      say('Normal', 'Started', 'VirtualMachineInstance started.');
    }
    if (domain === 'Crashed') say('Warning', 'Stopped', 'The VirtualMachineInstance crashed.');
    if (domain === 'Shutoff') say('Normal', 'Stopped', 'The VirtualMachineInstance was shut down.');
  }

  async #ensurePod(vmi: Vmi): Promise<void> {
    if (vmi.status?.phase !== 'Pending' || this.#has(vmi, 'no-controller')) return;
    const { client, signal, pods } = this.#context;
    const uid = vmi.metadata.uid ?? '';
    const rendered = renderLauncher(vmi);
    if (this.#has(vmi, 'double-vf')) multiplyVfs(rendered, 2);
    if (this.#has(vmi, 'no-vf')) multiplyVfs(rendered, 0);
    try {
      const pod = await client.create<Pod>(PODS, rendered, { signal });
      this.#createErrors.delete(uid);
      pods.upsert(pod);
      await this.#tendPod(vmi, pod);
      const message = `Created virtual machine pod ${pod.metadata.name}`;
      void this.#controller.event(vmi, { type: 'Normal', reason: 'SuccessfulCreate', message });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await this.#reportRefusal(vmi, error);
      throw error;
    }
  }

  async #reportRefusal(vmi: Vmi, error: ApiError): Promise<void> {
    const uid = vmi.metadata.uid ?? '';
    if (this.#createErrors.has(uid)) return;
    this.#createErrors.set(uid, error.serverMessage);
    const message = `failed to create virtual machine pod: ${error.serverMessage}`;
    void this.#controller.event(vmi, { type: 'Warning', reason: 'FailedCreate', message });
    await this.#writeNext(vmi, undefined, undefined);
  }

  /** What virt-controller keeps on a launcher pod: that the VM is not paused, and where it runs. */
  async #tendPod(vmi: Vmi, pod: Pod): Promise<void> {
    const { client, signal, pods } = this.#context;
    const { namespace = '', name, uid } = pod.metadata;
    if (pod.status?.conditions?.some((each) => each.type === UNPAUSED) !== true) {
      const at = timestamp(new Date());
      const unpaused = {
        type: UNPAUSED,
        status: 'True',
        reason: 'NotPaused',
        message: 'the virtual machine is not paused',
        lastProbeTime: at,
        lastTransitionTime: at,
      };
      const options = { subresource: 'status', contentType: STRATEGIC_MERGE_PATCH, signal };
      const body = { metadata: { uid }, status: { conditions: [unpaused] } };
      pods.upsert(await client.patch<Pod>(PODS, { namespace, name }, body, options));
      return;
    }
    const node = vmi.status?.nodeName;
    if (node === undefined || pod.metadata.labels?.[NODE_LABEL] !== undefined) return;
    await this.#patchPod(pod, { labels: { [NODE_LABEL]: node } });
  }

  /** Tells virt-launcher the PCI addresses of its VFs; Multus' request is emptied with it, as KubeVirt does. */
  async #publishDevices(vmi: Vmi, pod: Pod): Promise<void> {
    const annotations = pod.metadata.annotations ?? {};
    if (!needsNetworkInfo(vmi) || annotations[NETWORK_INFO] !== undefined) return;
    const info = networkInfo(vmi, parseStatus(annotations[ANNOTATION_NETWORK_STATUS]));
    await this.#patchPod(pod, { annotations: { [NETWORK_INFO]: info, [ANNOTATION_NETWORKS]: '' } });
  }

  async #patchPod(pod: Pod, metadata: object): Promise<void> {
    const { client, signal, pods } = this.#context;
    const { namespace = '', name, uid } = pod.metadata;
    const body = { metadata: { uid, ...metadata } };
    pods.upsert(await client.patch<Pod>(PODS, { namespace, name }, body, { signal }));
  }

  /** Boots the guest once virt-handler has the VMI, and lets the launcher go once its end is written down. */
  async #tendGuest(vmi: Vmi, launcher: LauncherProcess | undefined): Promise<void> {
    if (launcher === undefined) return;
    if (isFinal(vmi)) return launcher.release();
    if (vmi.status?.phase !== 'Scheduled' || launcher.booted || launcher.domain !== 'None') return;
    const due = vmi.status['migrationMethod'] !== undefined;
    if (this.#has(vmi, 'launcher-crash') && (due || this.#has(vmi, 'no-handler'))) return launcher.crash(1);
    if (due) await this.#boot(vmi, launcher);
  }

  async #boot(vmi: Vmi, launcher: LauncherProcess): Promise<void> {
    const { client, signal, output } = this.#context;
    const key = keyOf(vmi);
    if (this.#has(vmi, 'never-boots')) return launcher.boot(null);
    const read = dataReader(client, vmi.metadata.namespace ?? '', signal);
    const network = parseStatus(launcher.pod.metadata.annotations?.[ANNOTATION_NETWORK_STATUS]);
    try {
      const options = await vmOptions(vmi, { read, network, hideNic: this.#has(vmi, 'no-network') });
      await launcher.boot({ ...options, onConsole: (line) => output.add(key, line) });
    } catch (error) {
      if (signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      this.#log.error({ err: error, VirtualMachineInstance: key }, 'Failing to start a guest');
      void this.#handler.event(vmi, { type: 'Warning', reason: 'SyncFailed', message });
      launcher.crash(1);
      return;
    }
    if (this.#has(vmi, 'crash')) void pause(FAULT_DELAY_MS, signal).then(() => launcher.crashGuest());
  }

  #has(vmi: Vmi, fault: Parameters<AgentContext['faults']['has']>[1]): boolean {
    return this.#context.faults.has(vmi.metadata, fault);
  }

  /** Nothing is left of the VMI: its object may go. */
  async #forget(vmi: Vmi): Promise<void> {
    this.#createErrors.delete(vmi.metadata.uid ?? '');
    const finalizers = vmi.metadata.finalizers ?? [];
    if (!finalizers.includes(FINALIZER)) return;
    if (this.#has(vmi, 'stuck')) return this.#queue.addAfter(keyOf(vmi), FAULT_DELAY_MS);
    try {
      await this.#patch(vmi, { metadata: { finalizers: finalizers.filter((each) => each !== FINALIZER) } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function multiplyVfs(pod: Pod, factor: number): void {
  const resources = pod.spec.containers[0]?.resources;
  for (const amounts of [resources?.requests, resources?.limits]) {
    for (const name of Object.keys(amounts ?? {})) {
      if (amounts === undefined || !name.includes('/') || name.startsWith('devices.kubevirt.io/')) continue;
      if (factor === 0) delete amounts[name];
      else amounts[name] = String(factor * Number(amounts[name]));
    }
  }
}
