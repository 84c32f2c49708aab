/**
 * What the controllers see: one store per kind, filled by reflectors. Pods that are not ours are
 * watched on the Testbeds' nodes only, by node.
 */
import { LABEL_TRIAL, LABEL_TRIAL_UID } from '../api/labels.ts';
import { isTrue } from '../api/conditions.ts';
import type { Experiment, Testbed, Trial } from '../api/v1alpha1.ts';
import {
  type KubeClient,
  type KubeObject,
  NODES,
  PODS,
  type Presence,
  Reflector,
  type ResourceType,
  Store,
} from '../kube/index.ts';
import type { Logger } from '../log.ts';
import type { NetworkAttachment, Node, Pod, Vmi } from '../plan/observed.ts';
import type { KubeVirt, SriovNodeState } from '../plan/preflight/observed.ts';
import type { ClusterRead } from '../plan/preflight/clusterReads.ts';
import { Departed } from './departed.ts';
import { NodePods } from './nodePods.ts';
import { slim } from './slim.ts';
import { slimKubeVirt, slimSriovState } from './slimOthers.ts';
import {
  ATTACHMENTS,
  CORE_EVENTS,
  EXPERIMENTS,
  KUBEVIRTS,
  SRIOV_NODE_STATES,
  TESTBEDS,
  TRIALS,
  VMIS,
} from '../api/kinds.ts';

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

/** Where the API server keeps a kind from us that nothing goes without. */
const CURE = 'grant it as deploy/base/rbac.yaml does';

interface Selection {
  labelSelector?: string;
  fieldSelector?: string;
  optional?: boolean;
  pageSize?: number;
  /** In all namespaces, also where one is watched. */
  everywhere?: boolean;
  /** Called when it has changed, before others are told. */
  onPresence?: (presence: Presence) => void;
}

const uidOf = (object: KubeObject): string[] => [object.metadata.uid ?? ''];
const ownerUids = (object: KubeObject): string[] => (object.metadata.ownerReferences ?? []).map((owner) => owner.uid);
/** By label or owner: users may edit either. */
const trialUid = (object: KubeObject): string[] => [
  ...new Set([object.metadata.labels?.[LABEL_TRIAL_UID] ?? '', ...ownerUids(object)]),
];
/** `namespace/name` of the Trial, as the label says. */
export const trialKey = ({ metadata }: KubeObject): string[] =>
  metadata.labels?.[LABEL_TRIAL] === undefined ? [] : [`${metadata.namespace}/${metadata.labels[LABEL_TRIAL]}`];

export class World {
  readonly testbeds = new Store<Testbed & KubeObject>();
  readonly experiments = new Store<Experiment & KubeObject>({
    indexes: { testbed: (e) => [`${e.metadata.namespace}/${e.spec.testbed}`] },
  });
  readonly trials = new Store<Trial & KubeObject>({
    indexes: {
      uid: uidOf,
      experiment: ownerUids,
      /** Trials that lost their owner, by `namespace/experiment`. */
      unowned: (t) => (ownerUids(t).length === 0 ? [`${t.metadata.namespace}/${t.spec.experiment}`] : []),
      /** Trials that hold a grant or wait for one. */
      active: (trial) => (isTrue(trial.status?.conditions, 'Finished') ? [] : ['']),
    },
    transform: slim,
  });
  readonly pods = new Store<Seen<Pod>>({ indexes: { trial: trialUid, name: trialKey } });
  readonly vmis = new Store<Seen<Vmi>>({ indexes: { trial: trialUid, name: trialKey } });
  readonly nodes = new Store<Seen<Node>>();
  readonly attachments = new Store<Seen<NetworkAttachment>>();
  readonly #events: Store<CoreEvent>[] = [];
  readonly kubevirts = new Store<Seen<KubeVirt>>({ transform: slimKubeVirt });
  readonly sriovStates = new Store<Seen<SriovNodeState>>({ transform: slimSriovState });
  /** Filled while this process leads. */
  readonly departed = new Departed();
  readonly nodePods: NodePods;
  readonly #reflectors: Pick<
    Reflector<KubeObject>,
    'synced' | 'hasSynced' | 'run' | 'refresh' | 'presence' | 'refusal'
  >[] = [];
  readonly #options: WorldOptions;
  readonly #vmiReflector: Reflector<Seen<Vmi>>;
  readonly #attachmentReflector: Reflector<Seen<NetworkAttachment>>;
  readonly #kubevirtReflector: Reflector<Seen<KubeVirt>>;
  readonly #sriovReflector: Reflector<Seen<SriovNodeState>>;
  #onKinds: () => void = () => {};

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
    // Of the whole cluster, whichever namespace is watched: they describe the cluster.
    const everywhere = { optional: true, everywhere: true };
    this.#kubevirtReflector = this.#reflect(KUBEVIRTS, this.kubevirts, everywhere);
    this.#sriovReflector = this.#reflect(SRIOV_NODE_STATES, this.sriovStates, everywhere);
    this.nodePods = new NodePods({
      ownerUids,
      reflector: (node, store, onPresence) =>
        this.#reflector(PODS, store, { fieldSelector: `spec.nodeName=${node}`, everywhere: true, onPresence }),
    });
  }

  #reflect<T extends KubeObject>(type: ResourceType, store: Store<T>, selection: Selection = {}): Reflector<T> {
    const reflector = this.#reflector(type, store, selection);
    this.#reflectors.push(reflector);
    return reflector;
  }

  #reflector<T extends KubeObject>(
    type: ResourceType,
    store: Store<T>,
    { everywhere = false, ...selection }: Selection,
  ): Reflector<T> {
    const { client, namespace, log } = this.#options;
    const scope = type.namespaced && namespace !== undefined && !everywhere ? { namespace } : {};
    const onPresence = (presence: Presence): void => {
      const { refusal } = reflector;
      selection.onPresence?.(presence);
      if (refusal !== null && selection.optional !== true)
        log.error({ kind: type.kind, refusal, cure: CURE }, 'The operator lacks a right');
      this.#onKinds();
    };
    const reflector = new Reflector<T>({ client, type, store, log, ...scope, ...selection, onPresence });
    return reflector;
  }

  /** Starts all reflectors; resolves when every one has its first list. */
  async start(signal: AbortSignal): Promise<void> {
    this.nodePods.start(signal);
    for (const reflector of this.#reflectors) void reflector.run(signal);
    await Promise.all(this.#reflectors.map((reflector) => reflector.synced()));
  }

  /** Resolves when everything is seen that was written before the call, by a leader before this one or by users. */
  async catchUp(): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.refresh()));
  }

  /** Watches the nodes of every grant in force: endpoints whose labels were taken off are seen there alone. */
  async watchGrantedNodes(): Promise<void> {
    const endpoints = this.trials.byIndex('active', '').flatMap(({ status }) => status?.grant?.endpoints ?? []);
    const nodes = new Set(endpoints.map(({ node }) => node));
    await Promise.all([...nodes].map((node) => this.nodePods.watch(node)));
  }

  /** What `start` waits for, and the cure where time alone is none. */
  waitsFor(): string {
    const refusals = this.#reflectors.flatMap(({ hasSynced, refusal }) => (hasSynced ? [] : (refusal ?? [])));
    const all = [...new Set(refusals)];
    return all.length === 0 ? 'caches are being filled' : `caches cannot be filled: ${all.join('; ')}: ${CURE}`;
  }

  /** What was told of the object with this UID. */
  eventsOf(uid: string): CoreEvent[] {
    return this.#events.flatMap((store) => store.byIndex('uid', uid));
  }

  onEvent(listener: (event: CoreEvent) => void): void {
    for (const store of this.#events) store.subscribe(({ object }) => listener(object));
  }

  /** Called when an optional kind has been installed, removed, or kept from us. */
  onKinds(listener: () => void): void {
    this.#onKinds = listener;
  }

  /** Which kinds are there, as a text that changes when one comes or goes. */
  presences(): string {
    return this.#reflectors.map(({ presence }) => presence.charAt(0)).join('');
  }

  /** What is read of the whole cluster and kept from us, with the API server's words. */
  kept(): ReadonlyMap<ClusterRead, string> {
    const refusals: [ClusterRead, string | null][] = [
      ['pods', this.nodePods.refusal],
      ['kubevirts', this.#kubevirtReflector.refusal],
      ['sriovnetworknodestates', this.#sriovReflector.refusal],
    ];
    return new Map(refusals.flatMap(([read, refusal]) => (refusal === null ? [] : [[read, refusal]])));
  }

  nodesByName(): ReadonlyMap<string, Node> {
    return new Map(this.nodes.list().map((node) => [node.metadata.name, node]));
  }

  /** By `namespace/name`; null where Multus' kind is not installed. */
  attachmentsByKey(): ReadonlyMap<string, NetworkAttachment> | null {
    if (this.#attachmentReflector.presence === 'Absent') return null;
    return new Map(this.attachments.list().map((nad) => [`${nad.metadata.namespace}/${nad.metadata.name}`, nad]));
  }

  /** Whether VirtualMachineInstances are a kind of this cluster; where we may not look, they are taken for one. */
  get kubevirt(): boolean {
    return this.#vmiReflector.presence !== 'Absent';
  }
}
