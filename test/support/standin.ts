/**
 * Endpoints that measure nothing and take no time: they register, send a result that passes every gate,
 * and end. For tests and figures of the operator alone. Pods and VMs need no node and no kubelet: pods that were
 * bound all the same are removed at once when they are deleted.
 */
import { Agent } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { LABEL_CREATED_BY, LABEL_TRIAL } from '../../src/api/labels.ts';
import type { EndpointConfig, ResultDocument, TrialPlan } from '../../src/api/protocol.ts';
import { VMIS } from '../../src/api/kinds.ts';
import { type KubeClient, keyOf, PODS, Reflector, Store } from '../../src/kube/index.ts';
import type { Logger } from '../../src/log.ts';
import { type Child, Endpoint, type Surroundings } from './endpoint.ts';
import { goodResult } from './good-result.ts';

export type Behaviour = (config: EndpointConfig, plan: TrialPlan) => ResultDocument | 'silent' | 'die';
/** Plays an endpoint from its creation on; null leaves it to the usual life. */
export type Script = (endpoint: Endpoint) => Promise<void> | null;

export interface StandInOptions {
  client: KubeClient;
  log: Logger;
  signal: AbortSignal;
  /** Where the collector really is, where the configured address cannot be reached from here. */
  collectorUrl?: string;
  /** What an endpoint does with its plan; sends good results by default. */
  behaviour?: Behaviour;
  script?: Script;
  /** How long what is deleted takes to go, in milliseconds; at once by default. */
  lingerMs?: () => number;
}

export class StandIn {
  readonly #options: StandInOptions;
  readonly #around: Surroundings;
  readonly #started = new Set<string>();
  readonly #removed = new Set<string>();
  /** Results that the collector took. */
  delivered = 0;

  constructor(options: StandInOptions) {
    const { client, signal, collectorUrl } = options;
    // Each endpoint has a connection of its own: one that waits for its peer must not keep the peer from calling.
    const agent = new Agent({ keepAlive: true });
    this.#options = options;
    this.#around = {
      client,
      signal,
      agent,
      secrets: new Map(),
      ...(collectorUrl === undefined ? {} : { collectorUrl }),
    };
  }

  async start(): Promise<void> {
    const { client, log, signal } = this.#options;
    const stores = [PODS, VMIS].map((type) => {
      const store = new Store<Child>();
      store.subscribe(({ type: change, object }) => {
        if (change === 'upsert') this.#see(type.kind, object);
      });
      const reflector = new Reflector<Child>({ client, type, store, log, labelSelector: LABEL_TRIAL, optional: true });
      void reflector.run(signal);
      return reflector.synced();
    });
    await Promise.all(stores);
  }

  #see(kind: string, object: Child): void {
    // A launcher pod is KubeVirt's, its VM is the endpoint.
    if (object.metadata.labels?.[LABEL_CREATED_BY] !== undefined) return;
    const id = object.metadata.uid ?? '';
    const endpoint = new Endpoint(kind, object, this.#around);
    const isDeleted = object.metadata.deletionTimestamp !== undefined;
    const seen = isDeleted ? this.#removed : this.#started;
    if (seen.has(id)) return;
    seen.add(id);
    const deed = isDeleted ? this.#bury(endpoint) : this.#live(endpoint);
    deed.catch((error: unknown) => {
      if (this.#options.signal.aborted) return;
      this.#options.log.warn({ err: error, object: keyOf(object) }, 'Stand-in ended');
    });
  }

  /** A kubelet's part: the API server keeps a bound pod until its node says that it is gone. */
  async #bury(endpoint: Endpoint): Promise<void> {
    const linger = this.#options.lingerMs?.() ?? 0;
    if (linger > 0) await delay(linger, undefined, { signal: this.#options.signal });
    if (endpoint.kind === 'VirtualMachineInstance') return endpoint.letGo();
    if (endpoint.object.spec.nodeName !== undefined) await endpoint.remove();
  }

  async #live(endpoint: Endpoint): Promise<void> {
    if (this.#options.lingerMs !== undefined) await endpoint.keep();
    const played = this.#options.script?.(endpoint) ?? null;
    if (played !== null) return played;
    const plan = await endpoint.register();
    const document = (this.#options.behaviour ?? goodResult)(await endpoint.config(), plan);
    if (document === 'silent') return;
    if (document !== 'die') {
      await endpoint.deliver(document);
      this.delivered++;
    }
    await endpoint.status({ phase: document === 'die' ? 'Failed' : 'Succeeded' });
  }
}
