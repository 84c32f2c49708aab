/** Pods bound to the Testbeds' nodes, anybody's and of whatever namespace: what they hold is not free. Watched by node. */
import { type KubeObject, type Presence, type Reflector, Store } from '../kube/index.ts';
import type { Pod } from '../plan/observed.ts';

type SeenPod = Pod & KubeObject;

interface Watched {
  store: Store<SeenPod>;
  reflector: Reflector<SeenPod>;
  /** Resolves with the first answer of the API server: all pods, or that we may not see them. */
  answered: Promise<void>;
}

export interface NodePodsOptions {
  /** Makes what fills a store with the pods of one node. */
  reflector: (node: string, store: Store<SeenPod>, onPresence: (presence: Presence) => void) => Reflector<SeenPod>;
  ownerUids: (pod: KubeObject) => string[];
}

export class NodePods {
  readonly #options: NodePodsOptions;
  readonly #nodes = new Map<string, Watched>();
  #signal: AbortSignal | null = null;
  #onPod: (pod: SeenPod) => void = () => {};

  constructor(options: NodePodsOptions) {
    this.#options = options;
  }

  /** Until the signal nodes can be watched. */
  start(signal: AbortSignal): void {
    this.#signal = signal;
  }

  /** Called with the pod whenever one on a watched node changes or goes. */
  onPod(listener: (pod: SeenPod) => void): void {
    this.#onPod = listener;
  }

  /** Watches the pods bound to a node, from now on; resolves once they are known, or kept from us. */
  async watch(node: string): Promise<void> {
    if (this.#signal === null) return;
    const watched = this.#nodes.get(node) ?? this.#begin(node, this.#signal);
    await watched.answered;
  }

  #begin(node: string, signal: AbortSignal): Watched {
    const { reflector: make, ownerUids } = this.#options;
    const store = new Store<SeenPod>({ indexes: { owner: ownerUids } });
    store.subscribe(({ object }) => this.#onPod(object));
    const refused = Promise.withResolvers<void>();
    const reflector = make(node, store, (presence) => {
      if (presence === 'Forbidden') refused.resolve();
    });
    const watched = { store, reflector, answered: Promise.race([reflector.synced(), refused.promise]) };
    this.#nodes.set(node, watched);
    void reflector.run(signal);
    return watched;
  }

  /** Whether all pods bound to a node are known. */
  knows(node: string): boolean {
    const watched = this.#nodes.get(node);
    return watched !== undefined && watched.reflector.hasSynced && watched.reflector.refusal === null;
  }

  /** What the API server said where it keeps pods of a node from us; null where it does not. */
  get refusal(): string | null {
    for (const { reflector } of this.#nodes.values()) if (reflector.refusal !== null) return reflector.refusal;
    return null;
  }

  /** Whether any are watched: only who leads does so. */
  get isWatching(): boolean {
    return this.#nodes.size > 0;
  }

  /** Bound to any watched node; our own are there as soon as they are bound. */
  list(): SeenPod[] {
    return [...this.#nodes.values()].flatMap(({ store }) => store.list());
  }

  /** The pod `namespace/name`. */
  get(key: string): SeenPod | undefined {
    for (const { store } of this.#nodes.values()) {
      const pod = store.get(key);
      if (pod !== undefined) return pod;
    }
    return undefined;
  }

  /** Those with that owner. */
  ownedBy(ownerUid: string): SeenPod[] {
    return [...this.#nodes.values()].flatMap(({ store }) => store.byIndex('owner', ownerUid));
  }
}
