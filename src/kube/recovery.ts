/** How long to wait before a broken watch is taken up again. Pure but for clock and chance, which are handed in. */
import { backoffDelay } from './backoff.ts';
import type { Clock } from './clock.ts';
import { ApiError, isExpired, isNotConnected } from './errors.ts';

const BACKOFF = { baseMs: 800, capMs: 30_000 };
/** The first try after a healthy watch. */
const FIRST_RETRY_MS = 100;
/** Cap while the server restarts: so soon after its return we are back. */
const RESTART_CAP_MS = 2_000;
/** So long an outage may be a restart; refused connections are cheap and always count as one. */
const RESTART_MS = 60_000;
/** A watch that lived so long was healthy even if nothing happened. */
const HEALTHY_MS = 5_000;

export class Recovery {
  readonly #clock: Clock;
  readonly #random: () => number;
  #failures = 0;
  /** Refusals of our version in a row: a server that refuses the one it just gave is broken. */
  #expired = 0;
  #healthyAt: number;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
    this.#healthyAt = clock.now();
  }

  isLong(watchMs: number): boolean {
    return watchMs >= HEALTHY_MS;
  }

  /** Things work: the next failure is the first. */
  succeeded(): void {
    this.#failures = 0;
    this.#expired = 0;
    this.#healthyAt = this.#clock.now();
  }

  /** Milliseconds to wait now; counts as a failure. `error` is left out where the server ended the watch properly. */
  nextDelay(error?: unknown): number {
    // A server that says so is back: what came before does not count.
    const failures = isExpired(error) ? this.#expired++ : this.#failures++;
    const asked = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
    if (failures === 0) return Math.max(asked, FIRST_RETRY_MS * this.#random());
    const delay = backoffDelay({ ...BACKOFF, capMs: this.#cap(error) }, failures - 1, this.#random);
    return Math.max(asked, delay);
  }

  #cap(error: unknown): number {
    if (isNotConnected(error)) return RESTART_CAP_MS;
    const outage = this.#clock.now() - this.#healthyAt;
    return outage < RESTART_MS && !isExpired(error) ? RESTART_CAP_MS : BACKOFF.capMs;
  }
}
