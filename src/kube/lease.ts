/**
 * Leader election by a Lease: of all processes that run an elector on it, at most one leads.
 * Safe against clock skew: how long a record has stood still is measured by our own monotonic clock since we first saw
 * it; times written by others are never compared. While it leads, it writes the Lease every `retrySeconds`: the only
 * write of a process at rest.
 */
import type { Logger } from '../log.ts';
import type { KubeClient } from './client.ts';
import { systemClock, sleep, type Clock } from './clock.ts';
import { isAlreadyExists, isConflict, isNotFound } from './errors.ts';
import { microTime } from './microtime.ts';
import type { KubeObject } from './object.ts';
import { LEASES } from './resources.ts';

export interface Lease extends KubeObject {
  spec: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

export interface LeaderElectorOptions {
  client: KubeClient;
  namespace: string;
  name: string;
  /** Unique among live processes; one that starts again under its identity takes its own Lease back at once. */
  identity: string;
  log: Logger;
  /** How long a standby waits for a leader that is silent. */
  leaseSeconds?: number;
  /** After so long without a successful renewal the leader gives up. Less than `leaseSeconds`. */
  renewSeconds?: number;
  /** Between renewals; a standby, and a leader whose renewal failed, tries twice as often. */
  retrySeconds?: number;
  clock?: Clock;
  random?: () => number;
}

const RELEASE_TRIES = 3;

/** The Lease could not be renewed in time: another process may lead now, so this one must end. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #renewMs: number;
  readonly #retryMs: number;
  /** The Lease as last seen, and when (our clock) it was first seen so. */
  #seen: { lease: Lease; at: number } | undefined;
  /** When the last successful renewal was begun; undefined before the first. */
  #renewedAt: number | undefined;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log.child({ Lease: `${options.namespace}/${options.name}`, identity: options.identity });
    this.#leaseMs = (options.leaseSeconds ?? 15) * 1000;
    this.#renewMs = (options.renewSeconds ?? 10) * 1000;
    this.#retryMs = (options.retrySeconds ?? 2) * 1000;
    if (this.#renewMs >= this.#leaseMs || this.#retryMs >= this.#renewMs) {
      throw new Error('A lease needs retrySeconds < renewSeconds < leaseSeconds');
    }
  }

  /**
   * Waits to become leader, then runs `onStartedLeading` until it ends. When `signal` is aborted, its signal is too;
   * the Lease is renewed until it has ended, and released then.
   * @throws LeaseLostError at once where the Lease is lost, or what `onStartedLeading` throws.
   */
  async run(signal: AbortSignal, onStartedLeading: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (!(await this.#acquire(signal))) return;
    const lost = new AbortController();
    const finished = new AbortController();
    const work = onStartedLeading(AbortSignal.any([signal, lost.signal]));
    try {
      await Promise.race([work, this.#keep(finished.signal)]);
    } catch (error) {
      lost.abort(error);
      work.catch(() => {});
      throw error;
    } finally {
      finished.abort();
      if (!lost.signal.aborted || !(lost.signal.reason instanceof LeaseLostError)) await this.#release();
    }
  }

  /**
   * Whether the Lease is surely ours now. For what writes as the leader: a process that was frozen for longer than the
   * Lease lasts wakes up within its work, before any timer tells it that it lost the Lease.
   */
  get isLeading(): boolean {
    return this.#renewedAt !== undefined && this.#holds() && this.#left() > 0;
  }

  /** @returns whether we lead; false where the signal came first. */
  async #acquire(signal: AbortSignal): Promise<boolean> {
    this.#log.info('Waiting for the lease');
    while (!signal.aborted) {
      if (await this.#try(signal)) {
        this.#log.info('Leading');
        return true;
      }
      await this.#pause(this.#retryMs / 2, signal);
    }
    return false;
  }

  /** Renews until `finished`. @throws LeaseLostError where that fails for too long. */
  async #keep(finished: AbortSignal): Promise<void> {
    let wait = this.#retryMs;
    while (!finished.aborted) {
      await this.#pause(Math.min(wait, this.#left()), finished);
      if (finished.aborted) return;
      if (this.#left() <= 0) throw new LeaseLostError('The lease was not renewed in time');
      const renewed = await this.#try(finished);
      wait = renewed ? this.#retryMs : this.#retryMs / 2;
      if (renewed) continue;
      const holder = this.#seen?.lease.spec.holderIdentity;
      if (holder !== this.#options.identity && holder) throw new LeaseLostError(`The lease was taken by ${holder}`);
    }
  }

  /** Milliseconds until we must give up; a Lease that only an earlier process of our identity held sets no limit. */
  #left(): number {
    return this.#renewedAt === undefined ? Infinity : this.#renewedAt + this.#renewMs - this.#clock.now();
  }

  /** One attempt to get or to renew. @returns whether we hold the Lease. */
  async #try(signal: AbortSignal): Promise<boolean> {
    const start = this.#clock.now();
    try {
      const lease = await this.#write(signal);
      if (!lease) return false;
      this.#seen = { lease, at: start };
      this.#renewedAt = start;
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const contended = isConflict(error) || isAlreadyExists(error);
      if (!contended) this.#log.warn({ err: error }, 'Trying for the lease again after a failure');
      if (this.#holds()) await this.#look(signal);
      return false;
    }
  }

  /** After a failed write: learn whose the Lease is now. Our own write may have arrived though its answer was lost. */
  async #look(signal?: AbortSignal): Promise<void> {
    try {
      this.#observe(await this.#read(signal));
    } catch {
      // The failure before this one was logged.
    }
  }

  /** Writes the Lease if it is ours or free. @returns it as written, undefined where another holds it. */
  async #write(signal: AbortSignal): Promise<Lease | undefined> {
    if (!this.#holds()) {
      const found = await this.#read(signal);
      if (!found) return await this.#create(signal);
      this.#observe(found);
    }
    const seen = this.#seen;
    if (!seen || !this.#isFree(seen)) return undefined;
    return await this.#replace(seen.lease, this.#claim(seen.lease), signal);
  }

  #holds(): boolean {
    return this.#seen?.lease.spec.holderIdentity === this.#options.identity;
  }

  #isFree({ lease, at }: { lease: Lease; at: number }): boolean {
    const { holderIdentity, leaseDurationSeconds } = lease.spec;
    if (!holderIdentity || holderIdentity === this.#options.identity) return true;
    const lasts = leaseDurationSeconds === undefined ? this.#leaseMs : leaseDurationSeconds * 1000;
    return this.#clock.now() - at >= lasts;
  }

  #observe(lease: Lease | undefined): void {
    if (!lease) this.#seen = undefined;
    else if (lease.metadata.resourceVersion !== this.#seen?.lease.metadata.resourceVersion || !this.#seen) {
      this.#seen = { lease, at: this.#clock.now() };
    }
  }

  #claim(previous: Lease | undefined): Lease['spec'] {
    const now = microTime(this.#clock.wall());
    const renewal = previous?.spec.holderIdentity === this.#options.identity;
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: this.#leaseMs / 1000,
      acquireTime: (renewal ? previous.spec.acquireTime : undefined) ?? now,
      renewTime: now,
      leaseTransitions: (previous?.spec.leaseTransitions ?? 0) + (previous && !renewal ? 1 : 0),
    };
  }

  async #read(signal?: AbortSignal): Promise<Lease | undefined> {
    const { client, namespace, name } = this.#options;
    try {
      return await client.get<Lease>(LEASES, { namespace, name }, this.#call(signal));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #create(signal: AbortSignal): Promise<Lease> {
    const { client, namespace, name } = this.#options;
    const lease: Lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace, name },
      spec: this.#claim(undefined),
    };
    return client.create(LEASES, lease, this.#call(signal));
  }

  #replace(lease: Lease, spec: Lease['spec'], signal?: AbortSignal): Promise<Lease> {
    return this.#options.client.replace<Lease>(LEASES, { ...lease, spec }, this.#call(signal));
  }

  /** One try, bounded so that a silent connection leaves time for another one before the Lease is lost. */
  #call(signal?: AbortSignal): { signal?: AbortSignal; timeoutMs: number; tries: number } {
    const left = this.#holds() ? Math.max(1, this.#left()) : Infinity;
    const bounds = { timeoutMs: Math.min(this.#renewMs / 2, left), tries: 1 };
    return signal ? { signal, ...bounds } : bounds;
  }

  /** Hands the Lease over: a standby takes it at its next look. */
  async #release(): Promise<void> {
    this.#log.info('Releasing the lease');
    for (let tries = 1; tries <= RELEASE_TRIES; tries++) {
      if (!this.#seen || !this.#holds()) return;
      try {
        await this.#replace(this.#seen.lease, this.#released(this.#seen.lease));
        return;
      } catch (error) {
        if (tries === RELEASE_TRIES) this.#log.warn({ err: error }, 'Left the lease to expire');
        await this.#look();
      }
    }
  }

  #released(lease: Lease): Lease['spec'] {
    const now = microTime(this.#clock.wall());
    return { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now, acquireTime: now };
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const jitter = 0.9 + 0.1 * (this.#options.random ?? Math.random)();
    try {
      await sleep(this.#clock, Math.max(0, ms) * jitter, signal);
    } catch {
      // Aborted: the caller looks at the signal.
    }
  }
}
