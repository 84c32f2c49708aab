/** One Lease object as the API server keeps it: versions, preconditions, and faults to order. */
import type { KubeClient } from '../../src/kube/client.ts';
import { ApiError, TransportError } from '../../src/kube/errors.ts';
import type { Lease } from '../../src/kube/lease.ts';

type Fault = 'unavailable' | 'lost-reply' | 'hang';

export class LeaseServer {
  lease: Lease | undefined;
  writes = 0;
  /** What happens to calls of the client with this name, until it is cleared. */
  readonly faults = new Map<string, Fault>();
  #version = 0;

  /** The part of a client that an elector uses. */
  client(name: string): KubeClient {
    const call = <T>(act: () => T, signal?: AbortSignal): Promise<T> => this.#call(name, act, signal);
    const client = {
      get: (_type: unknown, _ref: unknown, opts?: { signal?: AbortSignal }) => call(() => this.#get(), opts?.signal),
      create: (_type: unknown, lease: Lease) => call(() => this.#create(lease)),
      replace: (_type: unknown, lease: Lease) => call(() => this.#replace(lease)),
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

  #call<T>(name: string, act: () => T, signal?: AbortSignal): Promise<T> {
    const fault = this.faults.get(name);
    if (fault === 'hang') {
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
    }
    return Promise.resolve().then(() => {
      if (fault === 'unavailable') throw new TransportError('x', { code: 'ECONNREFUSED', maybeSent: false });
      const result = act();
      if (fault === 'lost-reply') throw new TransportError('x', { code: 'ECONNRESET', maybeSent: true });
      return result;
    });
  }
}
