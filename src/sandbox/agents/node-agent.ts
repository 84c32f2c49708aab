/** One node: registers it, keeps its Lease fresh, and gives each pod bound to it a worker. */
import { randomUUID } from 'node:crypto';
import { release as kernelRelease } from 'node:os';
import { isAlreadyExists, isNotFound } from '../../kube/errors.ts';
import { LEASES, NODES } from '../../kube/resources.ts';
import type { Change } from '../../kube/store.ts';
import type { Logger } from '../../log.ts';
import { type AgentContext, pause } from './context.ts';
import { DevicePool } from './devices.ts';
import {
  LEASE_NAMESPACE,
  type LeaseObject,
  type NodeCapacity,
  type NodeFacts,
  nodeStatus,
  renderLease,
  renderNode,
} from './node.ts';
import { type Node, type Pod, timestamp } from './objects.ts';
import type { PodHost } from './pod-steps.ts';
import { PodWorker } from './pod-worker.ts';
import { Recorder } from './recorder.ts';

/** VFs of a node: netdevice ones for pods, vfio ones for VMs. */
export interface NodeVfs {
  vfnet: number;
  vfvfio: number;
}

export const RESOURCE_NETDEVICE = 'sandbox.vfbench.io/vfnet';
export const RESOURCE_VFIO = 'sandbox.vfbench.io/vfvfio';

export interface NodeAgentOptions {
  name: string;
  /** Position among the nodes; makes the address. */
  index: number;
  vfs: NodeVfs;
  capacity: NodeCapacity;
  /** How often the Lease is renewed; well below the 50 s after which a node counts as lost. */
  leaseMs: number;
  /** How often virt-handler shows that it lives; KubeVirt waits five minutes. */
  heartbeatMs: number;
}

const RETRY_MS = 1_000;

export class NodeAgent {
  readonly name: string;
  readonly #context: AgentContext;
  readonly #options: NodeAgentOptions;
  readonly #log: Logger;
  readonly #facts: NodeFacts;
  readonly #netdevice: DevicePool;
  readonly #vfio: DevicePool;
  readonly #host: PodHost;
  readonly #workers = new Map<string, PodWorker>();
  #lost: PromiseWithResolvers<void> | undefined;

  constructor(context: AgentContext, options: NodeAgentOptions) {
    this.name = options.name;
    this.#context = context;
    this.#options = options;
    this.#log = context.log.child({ Node: options.name });
    const { vfs, capacity, index } = options;
    this.#netdevice = new DevicePool({
      resource: RESOURCE_NETDEVICE,
      driver: 'netdevice',
      count: vfs.vfnet,
      slot: '0000:01:10',
    });
    this.#vfio = new DevicePool({ resource: RESOURCE_VFIO, driver: 'vfio', count: vfs.vfvfio, slot: '0000:02:10' });
    const pools = [this.#netdevice, this.#vfio];
    const ip = `10.0.0.${11 + index}`;
    this.#facts = { name: this.name, ip, pools, capacity, kernel: kernelRelease(), machineId: randomUUID() };
    this.#host = {
      name: this.name,
      ip,
      pools,
      kubelet: new Recorder(context.client, this.#log, { component: 'kubelet', host: this.name }),
      // Multus does not tell its node.
      multus: new Recorder(context.client, this.#log, { component: 'multus' }),
      reachable: () => this.#lost?.promise ?? Promise.resolve(),
    };
  }

  /** Registers the node; resolves when it is Ready. */
  async register(): Promise<void> {
    const { client, signal, nodes } = this.#context;
    const desired = renderNode(this.#facts, new Date());
    try {
      nodes.upsert(await client.create<Node>(NODES, desired, { signal }));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const { labels, annotations } = desired.metadata;
      nodes.upsert(
        await client.patch<Node>(NODES, { name: this.name }, { metadata: { labels, annotations } }, { signal }),
      );
    }
    await this.#renew();
    await this.#writeStatus();
  }

  /** Runs pods and heartbeats until the signal; resolves when nothing of any pod is left. */
  async run(): Promise<void> {
    const { pods, nodes, faults } = this.#context;
    const ends = [
      pods.subscribe((change) => this.#onPod(change)),
      nodes.subscribe(({ object }) => void (object.metadata.name === this.name && this.#checkLost())),
      faults.subscribe(() => this.#checkLost()),
    ];
    for (const pod of pods.byIndex('node', this.name)) this.#take(pod, pod.status?.startTime !== undefined);
    await Promise.all([
      this.#every(this.#options.leaseMs, () => this.#renew()),
      this.#every(this.#options.heartbeatMs, () => this.#beat()),
    ]);
    for (const end of ends) end();
    this.#lost?.resolve();
    await Promise.all([...this.#workers.values()].map((worker) => worker.done));
  }

  /** Changes how many VFs the node has, as when an administrator does; those in use stay with their pods. */
  async setVfs(vfs: Partial<NodeVfs>): Promise<void> {
    this.#netdevice.resize(vfs.vfnet ?? this.#netdevice.count);
    this.#vfio.resize(vfs.vfvfio ?? this.#vfio.count);
    await this.#writeStatus();
  }

  /** Bytes that the data NICs of a pod here have carried; 0 where it is none of this node's. */
  async carried(podUid: string): Promise<number> {
    return (await this.#workers.get(podUid)?.carried()) ?? 0;
  }

  #onPod({ type, object, old }: Change<Pod>): void {
    if (old !== undefined && old.metadata.uid !== object.metadata.uid) this.#vanish(old);
    if (object.spec.nodeName !== this.name) return;
    if (type === 'delete') return this.#vanish(object);
    const worker = this.#workers.get(object.metadata.uid ?? '');
    if (worker === undefined) this.#take(object, false);
    else worker.changed(object);
  }

  #vanish(pod: Pod): void {
    this.#workers.get(pod.metadata.uid ?? '')?.vanished();
  }

  /** Gives a pod a worker, unless it has ended and nobody wants it gone. */
  #take(pod: Pod, inherited: boolean): void {
    const uid = pod.metadata.uid ?? '';
    const ended = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    if (this.#context.signal.aborted || (ended && pod.metadata.deletionTimestamp === undefined)) return;
    const worker = new PodWorker(this.#context, this.#host, pod, inherited);
    this.#workers.set(uid, worker);
    void worker.done.then(() => {
      this.#workers.delete(uid);
      const now = this.#context.pods.get(`${pod.metadata.namespace ?? ''}/${pod.metadata.name}`);
      // Deleted while the worker was taking its leave.
      if (
        now?.metadata.uid === uid &&
        now.metadata.deletionTimestamp !== undefined &&
        pod.metadata.deletionTimestamp === undefined
      )
        this.#take(now, false);
    });
  }

  #checkLost(): void {
    const node = this.#context.nodes.get(this.name);
    if (node === undefined || this.#context.signal.aborted) return;
    const lost = this.#context.faults.has(node.metadata, 'lose-node');
    if (lost === (this.#lost !== undefined)) {
      if (!lost && isDoubted(node)) this.#speakUp().catch((error: unknown) => this.#complain(error));
      return;
    }
    this.#log.info({ lost }, 'Changing whether the node is heard of');
    this.#lost?.resolve();
    this.#lost = lost ? Promise.withResolvers<void>() : undefined;
    this.#writeStatus().catch((error: unknown) => this.#complain(error));
  }

  /** As a kubelet after an outage: the node lifecycle controller gave the node up, and only the node can take that back. */
  async #speakUp(): Promise<void> {
    await this.#renew();
    await this.#writeStatus();
  }

  async #renew(): Promise<void> {
    if (this.#lost !== undefined) return;
    const { client, signal } = this.#context;
    const uid = this.#context.nodes.get(this.name)?.metadata.uid ?? '';
    const lease = renderLease(this.name, uid, new Date());
    try {
      await client.patch<LeaseObject>(
        LEASES,
        { namespace: LEASE_NAMESPACE, name: this.name },
        { spec: lease.spec },
        { signal },
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await client.create<LeaseObject>(LEASES, lease, { signal });
    }
  }

  async #beat(): Promise<void> {
    if (this.#lost !== undefined) return;
    const { client, signal, nodes } = this.#context;
    const annotations = { 'kubevirt.io/heartbeat': timestamp(new Date()) };
    nodes.upsert(await client.patch<Node>(NODES, { name: this.name }, { metadata: { annotations } }, { signal }));
  }

  async #writeStatus(): Promise<void> {
    const { client, signal, nodes } = this.#context;
    const status = nodeStatus(this.#facts, nodes.get(this.name), new Date(), this.#lost !== undefined);
    nodes.upsert(await client.patchStatus<Node>(NODES, { name: this.name }, status, { signal }));
  }

  async #every(ms: number, act: () => Promise<void>): Promise<void> {
    const { signal } = this.#context;
    let wait = ms;
    for (;;) {
      await pause(wait, signal);
      if (signal.aborted) return;
      try {
        await act();
        wait = ms;
      } catch (error) {
        this.#complain(error);
        wait = Math.min(RETRY_MS, ms);
      }
    }
  }

  #complain(error: unknown): void {
    if (!this.#context.signal.aborted) this.#log.warn({ err: error }, 'Failing to speak for a node');
  }
}

function isDoubted(node: Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status !== 'True') === true;
}
