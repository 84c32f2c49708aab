/** Writes what a kubelet writes about one pod: its status, its annotations, its removal. */
import { isConflict, isNotFound } from '../../kube/errors.ts';
import { PODS } from '../../kube/resources.ts';
import { type AgentContext, persist } from './context.ts';
import type { Pod, PodStatus } from './objects.ts';
import { KUBELET_CONDITIONS } from './pod-status.ts';

export const STRATEGIC_MERGE_PATCH = 'application/strategic-merge-patch+json';

/** The pod object is gone, or another one has its name now. */
export class PodGoneError extends Error {
  override readonly name = 'PodGoneError';
}

export class PodWriter {
  readonly #context: AgentContext;
  /** Resolves when the node may write; a node that is lost may not. */
  readonly #reachable: () => Promise<void>;
  #pod: Pod;

  constructor(context: AgentContext, pod: Pod, reachable: () => Promise<void>) {
    this.#context = context;
    this.#pod = pod;
    this.#reachable = reachable;
  }

  /** The pod as last seen or written. */
  get pod(): Pod {
    return this.#pod;
  }

  /** Takes in a newer version of the pod. */
  see(pod: Pod): void {
    this.#pod = pod;
  }

  /**
   * Merges a status made from the newest version of the pod into what is there, conditions by their type: other
   * programs keep theirs.
   * @throws PodGoneError
   */
  async status(render: (pod: Pod) => PodStatus): Promise<void> {
    await this.#try(({ metadata }) => {
      const status = mergeable(render(this.#pod));
      return this.#patch({ metadata: { uid: metadata.uid }, status }, 'status');
    });
  }

  /** @throws PodGoneError */
  async annotate(annotations: Record<string, string>): Promise<void> {
    await this.#try(({ metadata }) => this.#patch({ metadata: { uid: metadata.uid, annotations } }));
  }

  /** Removes the object for good: everything of the pod is gone. */
  async remove(): Promise<void> {
    await this.#reachable();
    const { uid } = this.#pod.metadata;
    if (uid === undefined) return;
    try {
      const { client, signal } = this.#context;
      await persist(signal, () => client.remove(PODS, this.#ref, { uid, gracePeriodSeconds: 0, signal }));
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }

  get #ref(): { namespace: string; name: string } {
    const { namespace = '', name } = this.#pod.metadata;
    return { namespace, name };
  }

  #patch(body: object, subresource?: string): Promise<Pod> {
    const { client, signal } = this.#context;
    const options = {
      contentType: STRATEGIC_MERGE_PATCH,
      signal,
      ...(subresource === undefined ? {} : { subresource }),
    };
    return client.patch<Pod>(PODS, this.#ref, body, options);
  }

  async #try(write: (pod: Pod) => Promise<Pod>): Promise<void> {
    await this.#reachable();
    try {
      this.#pod = await persist(this.#context.signal, () => write(this.#pod));
      this.#context.pods.upsert(this.#pod);
    } catch (error) {
      // A conflict here means another pod of that name: its UID differs.
      if (isNotFound(error) || isConflict(error)) throw new PodGoneError(this.#pod.metadata.name);
      throw error;
    }
  }
}

/** A status as a strategic merge patch: our conditions whole, in their order among those of others. */
function mergeable({ conditions, ...status }: PodStatus): object {
  if (conditions === undefined) return status;
  return {
    ...status,
    '$setElementOrder/conditions': conditions.map(({ type }) => ({ type })),
    conditions: conditions
      .filter(({ type }) => KUBELET_CONDITIONS.includes(type))
      .map((condition) => ({ reason: null, message: null, ...condition })),
  };
}
