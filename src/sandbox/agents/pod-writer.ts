/** Writes what a kubelet writes about one pod: its status, its annotations, its removal. */
import { isConflict, isNotFound } from '../../kube/errors.ts';
import { PODS } from '../../kube/resources.ts';
import type { AgentContext } from './context.ts';
import type { Pod, PodStatus } from './objects.ts';

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
   * Writes a status made from the newest version of the pod, again after each conflict.
   * @throws PodGoneError
   */
  async status(render: (pod: Pod) => PodStatus): Promise<void> {
    await this.#try(({ metadata }) =>
      this.#context.client.patchStatus<Pod>(
        PODS,
        { ...this.#ref, resourceVersion: metadata.resourceVersion ?? '' },
        render(this.#pod),
        {
          signal: this.#context.signal,
        },
      ),
    );
  }

  /** @throws PodGoneError */
  async annotate(annotations: Record<string, string>): Promise<void> {
    await this.#try(({ metadata }) =>
      this.#context.client.patch<Pod>(
        PODS,
        this.#ref,
        { metadata: { uid: metadata.uid, annotations } },
        { signal: this.#context.signal },
      ),
    );
  }

  /** Removes the object for good: everything of the pod is gone. */
  async remove(): Promise<void> {
    await this.#reachable();
    const { uid } = this.#pod.metadata;
    if (uid === undefined) return;
    try {
      await this.#context.client.remove(PODS, this.#ref, { uid, gracePeriodSeconds: 0, signal: this.#context.signal });
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }

  get #ref(): { namespace: string; name: string } {
    const { namespace = '', name } = this.#pod.metadata;
    return { namespace, name };
  }

  async #try(write: (pod: Pod) => Promise<Pod>): Promise<void> {
    for (;;) {
      await this.#reachable();
      try {
        this.#take(await write(this.#pod));
        return;
      } catch (error) {
        if (isNotFound(error)) throw new PodGoneError(this.#pod.metadata.name);
        if (!isConflict(error)) throw error;
        await this.#refresh();
      }
    }
  }

  async #refresh(): Promise<void> {
    try {
      const pod = await this.#context.client.get<Pod>(PODS, this.#ref, { signal: this.#context.signal });
      if (pod.metadata.uid !== this.#pod.metadata.uid) throw new PodGoneError(this.#pod.metadata.name);
      this.#take(pod);
    } catch (error) {
      if (isNotFound(error)) throw new PodGoneError(this.#pod.metadata.name);
      throw error;
    }
  }

  #take(pod: Pod): void {
    this.#pod = pod;
    this.#context.pods.upsert(pod);
  }
}
