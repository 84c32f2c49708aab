/** Writes the events that kubelet, Multus and KubeVirt write. Best effort: a failure is logged and forgotten. */
import { randomBytes } from 'node:crypto';
import type { Logger } from '../../log.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/object.ts';
import { CORE_EVENTS } from './kinds.ts';
import { timestamp } from './objects.ts';

export type Component = 'kubelet' | 'multus' | 'virtualmachine-controller' | 'virt-handler';

export interface EventText {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

/** One component of one node (or of the cluster, without `host`). */
export class Recorder {
  readonly #client: KubeClient;
  readonly #log: Logger;
  readonly #source: { component: Component; host?: string };

  constructor(client: KubeClient, log: Logger, source: { component: Component; host?: string }) {
    this.#client = client;
    this.#log = log;
    this.#source = source;
  }

  /** Records an event about an object; resolves when it is written or given up. */
  async event(object: KubeObject, text: EventText): Promise<void> {
    const { name, namespace = 'default', uid, resourceVersion } = object.metadata;
    const now = timestamp(new Date());
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name.slice(0, 230)}.${randomBytes(8).toString('hex')}`, namespace },
      involvedObject: { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid, resourceVersion },
      ...text,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
      reportingComponent: this.#source.component,
      reportingInstance: this.#source.host ?? '',
      source: this.#source,
    };
    try {
      await this.#client.create(CORE_EVENTS, event, { timeoutMs: 5_000 });
    } catch (error) {
      this.#log.debug({ err: error, reason: text.reason }, 'Dropping an event');
    }
  }
}
