/** Which updates of VMIs under way are the VM agent's own, so that admission can tell them from others'. */

export class OwnWrites {
  readonly #underWay = new Map<string, number>();

  /** Runs a write that is known by `key` (UID and resourceVersion of what it changes). */
  async during(key: string, write: () => Promise<void>): Promise<void> {
    this.#underWay.set(key, (this.#underWay.get(key) ?? 0) + 1);
    try {
      await write();
    } finally {
      const left = (this.#underWay.get(key) ?? 1) - 1;
      if (left === 0) this.#underWay.delete(key);
      else this.#underWay.set(key, left);
    }
  }

  has(key: string): boolean {
    return this.#underWay.has(key);
  }
}
