/** How long keys of a work queue wait and are worked on. */
import type { Clock } from './clock.ts';

export interface QueueObserver {
  /** A key was handed out, so many seconds after it became due. */
  queued(seconds: number): void;
  /** The work on a key ended, so many seconds after it was handed out. */
  worked(seconds: number): void;
}

export class QueueTimes {
  readonly #clock: Clock;
  readonly #due = new Map<string, number>();
  readonly #taken = new Map<string, number>();
  /** Keys that became due, those left out that were so already. */
  adds = 0;
  observer: QueueObserver | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  due(key: string): void {
    if (this.#due.has(key)) return;
    this.adds++;
    this.#due.set(key, this.#clock.now());
  }

  taken(key: string): void {
    const now = this.#clock.now();
    this.observer?.queued((now - (this.#due.get(key) ?? now)) / 1000);
    this.#due.delete(key);
    this.#taken.set(key, now);
  }

  done(key: string): void {
    const now = this.#clock.now();
    this.observer?.worked((now - (this.#taken.get(key) ?? now)) / 1000);
    this.#taken.delete(key);
  }

  /** Seconds of the work that is under way: the longest, and all together. */
  underWay(): { longest: number; all: number } {
    const now = this.#clock.now();
    const seconds = [...this.#taken.values()].map((at) => (now - at) / 1000);
    return { longest: Math.max(0, ...seconds), all: seconds.reduce((sum, one) => sum + one, 0) };
  }
}
