/**
 * What the controllers see: one store per kind, filled by reflectors. Pods that are not ours are
 * watched on the Testbeds' nodes only, by node.
 */
import { LABEL_TRIAL, LABEL_TRIAL_UID } from '../api/labels.ts';
import { isTrue } from '../api/conditions.ts';
import type { Experiment, Testbed, Trial } from '../api/v1alpha1.ts';
import { type KubeClient, type KubeObject, NODES, PODS, Reflector, type ResourceType, Store } from '../kube/index.ts';
import type { Logger } from '../log.ts';
import type { NetworkAttachment, Node, Pod, Vmi } from '../plan/observed.ts';
import { slim } from './slim.ts';
import { ATTACHMENTS, CORE_EVENTS, EXPERIMENTS, TESTBEDS, TRIALS, VMIS } from './kinds.ts';

export interface CoreEvent extends KubeObject {
  involvedObject: { kind?: string; uid?: string; namespace?: string; name?: string };
  reason: string;
  message: string;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
}

export type Seen<T> = T & KubeObject;

export interface WorldOptions {
  client: KubeClient;
  /** Only this namespace; all where absent. */
  namespace?: string;
  log: Logger;
}

/** Events that say what no status says: why a pod's network or volumes cannot be made, that a VM crashed. */
const TELLING_EVENTS = [
  'involvedObject.kind=Pod,reason=FailedCreatePodSandBox',
  'involvedObject.kind=Pod,reason=FailedMount',
  'involvedObject.kind=VirtualMachineInstance,type=Warning',
];

const uidOf = (object: KubeObject): string[] => [object.metadata.uid ?? ''];
const ownerUids = (object: KubeObject): string[] => (object.metadata.ownerReferences ?? []).map((owner) => owner.uid);
const trialUid = (object: KubeObject): string[] => [object.metadata.labels?.[LABEL_TRIAL_UID] ?? ''];

export class World {
  readonly testbeds = new Store<Testbed & KubeObject>();
  readonly experiments = new Store<Experiment & KubeObject>({
    indexes: { testbed: (e) => [`${e.metadata.namespace}/${e.spec.testbed}`] },
  });
  readonly trials = new Store<Trial & KubeObject>({
    indexes: {
      uid: uidOf,
      experiment: ownerUids,
      /** Trials that hold a grant or wait for one. */
      active: (trial) => (isTrue(trial.status?.conditions, 'Finished') ? [] : ['']),
    },
    transform: slim,
  });
  readonly pods = new Store<Seen<Pod>>({ indexes: { trial: trialUid } });
  readonly vmis = new Store<Seen<Vmi>>({ indexes: { trial: trialUid } });
  readonly nodes = new Store<Seen<Node>>();
  readonly attachments = new Store<Seen<NetworkAttachment>>();
  readonly #events: Store<CoreEvent>[] = [];
  readonly #nodePods = new Map<string, Store<Seen<Pod>>>();
  readonly #reflectors: { synced(): Promise<void>; run(signal: AbortSignal): Promise<void> }[] = [];
  readonly #options: WorldOptions;
  readonly #vmiReflector: Reflector<Seen<Vmi>>;
  readonly #attachmentReflector: Reflector<Seen<NetworkAttachment>>;
  #signal: AbortSignal | null = null;
  #onNodePod: (node: string) => void = () => {};

  constructor(options: WorldOptions) {
    this.#options = options;
    const labelled = { labelSelector: LABEL_TRIAL };
    this.#reflect(TESTBEDS, this.testbeds);
    this.#reflect(EXPERIMENTS, this.experiments);
    // Trials come with their raw results, which are dropped at once: small pages keep the peak low.
    this.#reflect(TRIALS, this.trials, { pageSize: 100 });
    this.#reflect(PODS, this.pods, labelled);
    this.#reflect(NODES, this.nodes);
    this.#vmiReflector = this.#reflect(VMIS, this.vmis, { ...labelled, optional: true });
    this.#attachmentReflector = this.#reflect(ATTACHMENTS, this.attachments, { optional: true });
    for (const fieldSelector of TELLING_EVENTS) {
      const store = new Store<CoreEvent>({ indexes: { uid: (event) => [event.involvedObject.uid ?? ''] } });
      this.#events.push(store);
      this.#reflect(CORE_EVENTS, store, { fieldSelector });
    }
  }

  #reflect<T extends KubeObject>(
    type: ResourceType,
    store: Store<T>,
    selection: { labelSelector?: string; fieldSelector?: string; optional?: boolean; pageSize?: number } = {},
  ): Reflector<T> {
    const { client, namespace, log } = this.#options;
    const scope = type.namespaced && namespace !== undefined ? { namespace } : {};
    const reflector = new Reflector<T>({ client, type, store, log, ...scope, ...selection });
    this.#reflectors.push(reflector);
    return reflector;
  }

  /** Starts all reflectors; resolves when every one has its first list. */
  async start(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    for (const reflector of this.#reflectors) void reflector.run(signal);
    await Promise.all(this.#reflectors.map((reflector) => reflector.synced()));
  }

  /** What was told of the object with this UID. */
  eventsOf(uid: string): CoreEvent[] {
    return this.#events.flatMap((store) => store.byIndex('uid', uid));
  }

  onEvent(listener: (event: CoreEvent) => void): void {
    for (const store of this.#events) store.subscribe(({ object }) => listener(object));
  }

  /** Called with a node's name whenever a pod there changes. */
  onNodePod(listener: (node: string) => void): void {
    this.#onNodePod = listener;
  }

  /** Watches the pods bound to a node, from now on; resolves once they are known. */
  async watchNode(node: string): Promise<void> {
    if (this.#nodePods.has(node) || this.#signal === null) return;
    const store = new Store<Seen<Pod>>();
    this.#nodePods.set(node, store);
    store.subscribe(() => this.#onNodePod(node));
    const { client, log } = this.#options;
    const reflector = new Reflector<Seen<Pod>>({
      client,
      type: PODS,
      store,
      log,
      fieldSelector: `spec.nodeName=${node}`,
    });
    void reflector.run(this.#signal);
    await reflector.synced();
  }

  /** Pods bound to any watched node; our own are there as soon as they are bound. */
  podsOnNodes(): Pod[] {
    return [...this.#nodePods.values()].flatMap((store) => store.list());
  }

  watches(node: string): boolean {
    return this.#nodePods.has(node);
  }

  nodesByName(): ReadonlyMap<string, Node> {
    return new Map(this.nodes.list().map((node) => [node.metadata.name, node]));
  }

  /** By `namespace/name`; null where Multus' kind is not installed. */
  attachmentsByKey(): ReadonlyMap<string, NetworkAttachment> | null {
    if (!this.#attachmentReflector.installed) return null;
    return new Map(this.attachments.list().map((nad) => [`${nad.metadata.namespace}/${nad.metadata.name}`, nad]));
  }

  get kubevirt(): boolean {
    return this.#vmiReflector.installed;
  }
}
