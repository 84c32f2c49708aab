/** One Lease object as the API server keeps it: versions, preconditions, and faults to order. */
import type { CallOptions, KubeClient } from '../../src/kube/client.ts';
import type { Clock } from '../../src/kube/clock.ts';
import { ApiError, TransportError } from '../../src/kube/errors.ts';
import type { Lease } from '../../src/kube/lease.ts';

type Fault = 'unavailable' | 'lost-reply' | 'hang';

export class LeaseServer {
  lease: Lease | undefined;
  writes = 0;
  /** How long each call takes. */
  latencyMs = 0;
  /** What happens to calls of the client with this name, until it is cleared. */
  readonly faults = new Map<string, Fault>();
  readonly #clock: Clock;
  #version = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The part of a client that an elector uses. */
  client(name: string): KubeClient {
    const call = <T>(act: () => T, opts?: CallOptions): Promise<T> => this.#call(name, act, opts);
    const client = {
      get: (_type: unknown, _ref: unknown, opts?: CallOptions) => call(() => this.#get(), opts),
      create: (_type: unknown, lease: Lease, opts?: CallOptions) => call(() => this.#create(lease), opts),
      replace: (_type: unknown, lease: Lease, opts?: CallOptions) => call(() => this.#replace(lease), opts),
    };
    return client as unknown as KubeClient;
  }

  #get(): Lease {
    if (!this.lease) throw new ApiError('GET lease', 404, { reason: 'NotFound' });
    return this.lease;
  }

  #create(lease: Lease): Lease {
    if (this.lease) throw new ApiError('POST lease', 409, { reason: 'AlreadyExists' });
    return this.#store(lease);
  }

  #replace(lease: Lease): Lease {
    const current = this.#get();
    const { resourceVersion } = lease.metadata;
    if (resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion) {
      throw new ApiError('PUT lease', 409, { reason: 'Conflict' });
    }
    return this.#store(lease);
  }

  #store(lease: Lease): Lease {
    this.writes++;
    this.lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(++this.#version) } };
    return this.lease;
  }

  #call<T>(name: string, act: () => T, opts: CallOptions = {}): Promise<T> {
    const fault = this.faults.get(name);
    if (fault === 'hang') return this.#hang(opts);
    return this.#travel(opts).then(() => {
      if (fault === 'unavailable') throw new TransportError('x', { code: 'ECONNREFUSED', maybeSent: false });
      const result = act();
      if (fault === 'lost-reply') throw new TransportError('x', { code: 'ECONNRESET', maybeSent: true });
      return result;
    });
  }

  #travel({ timeoutMs = Infinity }: CallOptions): Promise<void> {
    if (this.latencyMs === 0) return Promise.resolve();
    const passed = new TransportError('x', { code: 'DEADLINE', maybeSent: false });
    return new Promise((resolve, reject) => {
      this.#clock.after(Math.min(this.latencyMs, timeoutMs), () =>
        timeoutMs < this.latencyMs ? reject(passed) : resolve(),
      );
    });
  }

  #hang({ signal, timeoutMs = Infinity }: CallOptions): Promise<never> {
    return new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
      const passed = new TransportError('x', { code: 'DEADLINE', maybeSent: true });
      if (timeoutMs !== Infinity) this.#clock.after(timeoutMs, () => reject(passed));
    });
  }
}
