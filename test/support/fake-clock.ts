/** A clock that stands still until it is told to move. */
import type { Clock } from '../../src/kube/clock.ts';

export class FakeClock implements Clock {
  #now = 0;
  readonly #epoch = Date.UTC(2026, 0, 1);
  readonly #timers = new Set<{ at: number; fn: () => void }>();

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#epoch + this.#now;
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), fn };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  get pending(): number {
    return this.#timers.size;
  }

  /** Moves on by `ms`, firing timers in order; promises that they resolve get their turn in between. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms;
    await settle();
    for (let next = this.#next(target); next; next = this.#next(target)) {
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next);
      next.fn();
      await settle();
    }
    this.#now = target;
    await settle();
  }

  /** Time passes and nobody gets to do anything, as in a process that was stopped. */
  freeze(ms: number): void {
    this.#now += ms;
  }

  #next(target: number): { at: number; fn: () => void } | undefined {
    let first: { at: number; fn: () => void } | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= target && (!first || timer.at < first.at)) first = timer;
    }
    return first;
  }
}

/** Lets pending promises run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => void setImmediate(resolve));
}
