/** What all agents share: the cluster, the machine, the caches, and the switches. */
import type { KubeClient } from '../../kube/client.ts';
import { ApiError, TransportError } from '../../kube/errors.ts';
import type { Store } from '../../kube/store.ts';
import type { Logger } from '../../log.ts';
import type { Substrate } from '../substrate/types.ts';
import type { Faults } from './faults.ts';
import type { ImageRules } from './images.ts';
import type { Launchers } from './launcher-process.ts';
import type { NetworkAttachment, Node, Pod } from './objects.ts';
import type { Vmi } from './vmi.ts';
import type { Output } from './output.ts';

export interface AgentContext {
  client: KubeClient;
  substrate: Substrate;
  log: Logger;
  /** Aborted: everything ends, nothing is written any more. */
  signal: AbortSignal;
  images: ImageRules;
  faults: Faults;
  output: Output;
  /** Bytes; of attachments whose configuration names none. */
  mtu: number;
  /** Indexed by `node` and `vmi` (UID of the VMI that a launcher pod belongs to). */
  pods: Store<Pod>;
  vmis: Store<Vmi>;
  nodes: Store<Node>;
  attachments: Store<NetworkAttachment>;
  launchers: Launchers;
}

/** Resolves after `ms`, or at once when the signal is aborted; never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}

/** A promise that resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

const OUTAGE_RETRY_MS = 250;

/** Calls until the API server answers: it may be down for a while, but what is called is idempotent. */
export async function persist<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      if (!isOutage(error)) throw error;
      await pause(OUTAGE_RETRY_MS, signal);
    }
  }
}

function isOutage(error: unknown): boolean {
  return (
    error instanceof TransportError || (error instanceof ApiError && (error.status >= 500 || error.status === 429))
  );
}
