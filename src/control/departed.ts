/**
 * Trials that were deleted with a grant in force. What was granted is theirs until nothing of them is left, and nothing more
 * can come: also a creation that was under way when the Trial went.
 */
import type { Trial } from '../api/v1alpha1.ts';
import { isTrue } from '../api/conditions.ts';
import { keyOf, type KubeObject } from '../kube/index.ts';

type Gone = Trial & KubeObject;

export class Departed {
  readonly #trials = new Map<string, Gone>();
  #onDrop: () => void = () => {};

  /** Called when what one held is free again. */
  onDrop(listener: () => void): void {
    this.#onDrop = listener;
  }

  /** Takes note of a deleted Trial, where it still held something. */
  add(trial: Gone): void {
    if (trial.status?.grant === undefined || isTrue(trial.status.conditions, 'Finished')) return;
    this.#trials.set(trial.metadata.uid ?? '', trial);
  }

  list(): Gone[] {
    return [...this.#trials.values()];
  }

  /** Those that had this name. */
  named(key: string): Gone[] {
    return this.list().filter((trial) => keyOf(trial) === key);
  }

  drop({ metadata }: Gone): void {
    this.#trials.delete(metadata.uid ?? '');
    this.#onDrop();
  }
}
