/** Answers that are remembered for a moment: bounded, the oldest go first; failures are not remembered. */
export class Answers<T> {
  readonly #ttlMs: number;
  readonly #most: number;
  readonly #now: () => number;
  readonly #known = new Map<string, { answer: Promise<T>; until: number }>();

  constructor(ttlMs: number, most: number, now: () => number) {
    this.#ttlMs = ttlMs;
    this.#most = most;
    this.#now = now;
  }

  get size(): number {
    return this.#known.size;
  }

  /** What is known under the key, or what `ask` says; asked once, however many want it at once. */
  of(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#known.get(key);
    if (known !== undefined && this.#now() < known.until) return known.answer;
    this.#known.delete(key);
    const entry = { answer: ask(), until: this.#now() + this.#ttlMs };
    this.#known.set(key, entry);
    entry.answer.catch(() => {
      if (this.#known.get(key) === entry) this.#known.delete(key);
    });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#most) break;
      this.#known.delete(oldest);
    }
    return entry.answer;
  }
}
