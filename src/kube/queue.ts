/**
 * The work queue of a controller: a set of keys, each waiting, delayed or being worked on.
 * Guarantees: a key is never handed out twice at once; a key added while being worked on is handed out once more;
 * of several delays the earliest counts; namespaces take turns; fresh keys come before retries.
 */
import { backoffDelay } from './backoff.ts';
import { systemClock, type Clock } from './clock.ts';
import { Heap } from './heap.ts';
import { type QueueObserver, QueueTimes } from './queueTimes.ts';
import { Rotation } from './rotation.ts';

export interface WorkQueueOptions {
  clock?: Clock;
  random?: () => number;
  /** First delay of a key that failed; doubles with each failure in a row. */
  baseDelayMs?: number;
  maxDelayMs?: number;
}

export interface QueueStats {
  /** Keys that could be taken now. */
  depth: number;
  delayed: number;
  running: number;
  /** Keys handed out since the start. */
  taken: number;
  /** Calls of addRateLimited since the start. */
  retries: number;
  /** Keys that became due since the start; one that was due already does not count. */
  adds: number;
  /** Of the keys that are worked on: for how long at most, and all together. */
  longestRunningSeconds: number;
  unfinishedSeconds: number;
}

/** A waiting `take` is ended by `stop`. */
export class QueueStoppedError extends Error {
  override readonly name = 'QueueStoppedError';
}

interface Delayed {
  at: number;
  retry: boolean;
}

interface Waiter {
  resolve(key: string): void;
  reject(reason: Error): void;
}

export class WorkQueue {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;

  readonly #fresh = new Rotation();
  readonly #retries = new Rotation();
  /** The truth about delays; heap entries that differ from it are void. */
  readonly #delayed = new Map<string, Delayed>();
  readonly #heap = new Heap<string>();
  readonly #running = new Set<string>();
  /** Keys added while running -> whether as a retry. */
  readonly #again = new Map<string, boolean>();
  readonly #failures = new Map<string, number>();
  readonly #waiters = new Set<Waiter>();
  #timer: { at: number; cancel: () => void } | undefined;
  #stopped = false;
  readonly #times: QueueTimes;
  #taken = 0;
  #retried = 0;

  constructor(options: WorkQueueOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#times = new QueueTimes(this.#clock);
    this.#random = options.random ?? Math.random;
    this.#baseDelayMs = options.baseDelayMs ?? 500;
    this.#maxDelayMs = options.maxDelayMs ?? 300_000;
  }

  /** Told how long keys wait and are worked on, from now on. */
  observe(observer: QueueObserver): void {
    this.#times.observer = observer;
  }

  get stats(): QueueStats {
    const { longest, all } = this.#times.underWay();
    return {
      depth: this.#fresh.size + this.#retries.size,
      delayed: this.#delayed.size,
      running: this.#running.size,
      taken: this.#taken,
      retries: this.#retried,
      adds: this.#times.adds,
      longestRunningSeconds: longest,
      unfinishedSeconds: all,
    };
  }

  /** Makes a key due now. */
  add(key: string): void {
    if (this.#stopped) return;
    this.#delayed.delete(key);
    this.#makeReady(key, false);
    this.#serve();
  }

  /** Makes a key due in `ms` milliseconds, unless it is due earlier already. */
  addAfter(key: string, ms: number): void {
    if (ms <= 0) return this.add(key);
    this.#delay(key, ms, false);
  }

  /**
   * Makes a key due after its backoff, and counts a failure.
   * @param baseDelayMs the first delay, where it differs from the queue's.
   * @returns the delay in milliseconds.
   */
  addRateLimited(key: string, baseDelayMs = this.#baseDelayMs): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#retried++;
    const ms = backoffDelay({ baseMs: baseDelayMs, capMs: this.#maxDelayMs }, failures, this.#random);
    this.#delay(key, ms, true);
    return ms;
  }

  /** How often in a row the key has failed. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Clears the failures of a key: its next backoff starts from the base again. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /**
   * Waits for a key. Whoever takes it calls `done` in the end.
   * @throws the signal's reason when aborted, QueueStoppedError after `stop`.
   */
  take(signal?: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      if (this.#stopped) return reject(new QueueStoppedError('The queue is stopped'));
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal?.reason as Error);
      };
      const waiter: Waiter = {
        resolve: (key) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(key);
        },
        reject,
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      this.#serve();
    });
  }

  /** Ends the work on a key; if it was added meanwhile, it is due again. */
  done(key: string): void {
    this.#running.delete(key);
    this.#times.done(key);
    const retry = this.#again.get(key);
    if (retry === undefined) return;
    this.#again.delete(key);
    this.#makeReady(key, retry);
    this.#serve();
  }

  /** Ends all waiting, forgets all that waits, and ignores further keys. Work under way is not touched. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#delayed.clear();
    this.#again.clear();
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.reject(new QueueStoppedError('The queue is stopped'));
  }

  #makeReady(key: string, retry: boolean): void {
    this.#times.due(key);
    if (this.#running.has(key)) {
      this.#again.set(key, retry && (this.#again.get(key) ?? true));
      return;
    }
    if (retry) {
      if (!this.#fresh.has(key)) this.#retries.add(key);
      return;
    }
    this.#retries.delete(key);
    this.#fresh.add(key);
  }

  #delay(key: string, ms: number, retry: boolean): void {
    if (this.#stopped || this.#fresh.has(key) || this.#retries.has(key) || this.#again.has(key)) return;
    const at = this.#clock.now() + ms;
    const known = this.#delayed.get(key);
    if (known && known.at <= at) return;
    this.#delayed.set(key, { at, retry });
    this.#heap.push(at, key);
    this.#arm();
  }

  /** Keeps one timer, for the earliest delay. */
  #arm(): void {
    const next = this.#heap.peek();
    if (!next) return;
    if (this.#timer && this.#timer.at <= next.at) return;
    this.#timer?.cancel();
    const cancel = this.#clock.after(next.at - this.#clock.now(), () => this.#onTimer());
    this.#timer = { at: next.at, cancel };
  }

  #onTimer(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (let next = this.#heap.peek(); next && next.at <= now; next = this.#heap.peek()) {
      this.#heap.pop();
      const delayed = this.#delayed.get(next.value);
      if (delayed?.at !== next.at) continue;
      this.#delayed.delete(next.value);
      this.#makeReady(next.value, delayed.retry);
    }
    this.#arm();
    this.#serve();
  }

  #serve(): void {
    for (const waiter of this.#waiters) {
      const key = this.#fresh.shift() ?? this.#retries.shift();
      if (key === undefined) return;
      this.#waiters.delete(waiter);
      this.#running.add(key);
      this.#times.taken(key);
      this.#taken++;
      waiter.resolve(key);
    }
  }
}
