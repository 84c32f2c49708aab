/** Writes the events that kubelet, Multus and KubeVirt write. Best effort: a failure is logged and forgotten. */
import { randomBytes } from 'node:crypto';
import type { Logger } from '../../log.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/object.ts';
import { CORE_EVENTS } from '../../api/kinds.ts';
import { timestamp } from './objects.ts';

export type Component = 'kubelet' | 'multus' | 'virtualmachine-controller' | 'virt-handler';

export interface EventText {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

/** The last event of each object that is being written: an object's events are stored in the order in which they happen. */
const underWay = new Map<string, Promise<void>>();

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

  /** Records an event about an object, after those before; resolves when it is written or given up. */
  event(object: KubeObject, text: EventText): Promise<void> {
    const event = this.#render(object, text);
    const { uid = '' } = object.metadata;
    const turn = (underWay.get(uid) ?? Promise.resolve()).then(() => this.#write(event));
    underWay.set(uid, turn);
    void turn.then(() => void (underWay.get(uid) === turn && underWay.delete(uid)));
    return turn;
  }

  #render(object: KubeObject, text: EventText): KubeObject & EventText {
    const { name, namespace = 'default', uid, resourceVersion } = object.metadata;
    const now = timestamp(new Date());
    return {
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
    } as KubeObject & EventText;
  }

  async #write(event: KubeObject & EventText): Promise<void> {
    try {
      await this.#client.create(CORE_EVENTS, event, { timeoutMs: 5_000 });
    } catch (error) {
      this.#log.debug({ err: error, reason: event.reason }, 'Dropping an event');
    }
  }
}
