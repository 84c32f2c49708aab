/** Waits for a kind to be installed, without asking again and again: by a watch of its definition alone. */
import type { KubeClient } from './client.ts';
import type { ResourceType } from './object.ts';
import { CRDS } from './resources.ts';

const WATCH_SECONDS = 290;
/** A watch that ends sooner without a word is no way to wait. */
const SHORT_MS = 1000;

/** One watch: whether the definition was seen; null where the server ended it before. */
async function watchOnce(client: KubeClient, name: string, signal: AbortSignal): Promise<boolean | null> {
  const options = {
    fieldSelector: `metadata.name=${name}`,
    timeoutSeconds: WATCH_SECONDS,
    idleTimeoutMs: (WATCH_SECONDS + 5) * 1000,
    metadataOnly: true,
  };
  for await (const event of client.watch(CRDS, options, signal)) {
    if (event.type === 'ADDED' || event.type === 'MODIFIED') return true;
    if (event.type === 'ERROR') return false;
  }
  return null;
}

/**
 * Resolves with true as soon as the CustomResourceDefinition of the kind is there; with false where it cannot be watched,
 * or the signal is aborted.
 */
export async function definitionAppears(client: KubeClient, type: ResourceType, signal: AbortSignal): Promise<boolean> {
  const name = `${type.plural}.${type.group}`;
  try {
    while (!signal.aborted) {
      const start = performance.now();
      const seen = await watchOnce(client, name, signal);
      if (seen !== null) return seen;
      if (performance.now() - start < SHORT_MS) return false;
    }
  } catch {
    // Refused or broken: the caller has another way.
  }
  return false;
}
