/**
 * All that happened to some kinds, in the order in which it did: resourceVersions of one API server are revisions of one
 * etcd, so the changes of all kinds have one order, whatever order the watches told them in.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeClient, KubeObject, ResourceType } from '../../src/kube/index.ts';

export interface Happening {
  revision: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  kind: string;
  object: KubeObject;
}

const revisionOf = (object: KubeObject): number => Number(object.metadata.resourceVersion);

export class History {
  /** Watches that lost their place: the history has a hole then. */
  holes = 0;
  readonly #events: Happening[] = [];
  readonly #places = new Map<string, string>();

  /** Begins with kinds that have no object yet; records until the signal. */
  async record(client: KubeClient, types: readonly ResourceType[], signal: AbortSignal): Promise<void> {
    for (const type of types) {
      const { items, resourceVersion } = await client.list<KubeObject>(type);
      for (const object of items)
        this.#events.push({ revision: revisionOf(object), type: 'ADDED', kind: type.kind, object });
      void this.#follow(client, type, resourceVersion, signal);
    }
  }

  get events(): Happening[] {
    return [...this.#events].sort((a, b) => a.revision - b.revision);
  }

  async #follow(client: KubeClient, type: ResourceType, from: string, signal: AbortSignal): Promise<void> {
    let place: string | null = from;
    while (!signal.aborted && place !== null) {
      try {
        place = await this.#watch(client, type, place, signal);
      } catch {
        await delay(100);
      }
    }
  }

  /** @returns where to go on; null where the server does not know the place any more. */
  async #watch(client: KubeClient, type: ResourceType, from: string, signal: AbortSignal): Promise<string | null> {
    let place = this.#places.get(type.kind) ?? from;
    const options = { resourceVersion: place, allowBookmarks: true, timeoutSeconds: 290 };
    for await (const { type: change, object } of client.watch(type, options, signal)) {
      if (change === 'ERROR') {
        this.holes++;
        return null;
      }
      place = object.metadata.resourceVersion ?? place;
      this.#places.set(type.kind, place);
      if (change !== 'BOOKMARK') this.#events.push({ revision: Number(place), type: change, kind: type.kind, object });
    }
    return place;
  }
}
