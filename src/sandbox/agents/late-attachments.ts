/** Attachments that the watch has not told of yet: Multus asks the API server for each, so none is missed for being new. */
import { isNotFound } from '../../kube/errors.ts';
import type { NetworkAttachment, Pod } from './objects.ts';
import { ATTACHMENTS } from '../../api/kinds.ts';
import { type AgentContext, persist } from './context.ts';
import { selections } from './multus.ts';

const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/**
 * Reads the attachments that a pod asks for and the store lacks into the store.
 * @throws CniError where what it asks for cannot be read.
 */
export async function readAttachments(
  { attachments, client, signal }: Pick<AgentContext, 'attachments' | 'client' | 'signal'>,
  pod: Pod,
): Promise<void> {
  for (const { namespace, name } of selections(pod)) {
    const isKnown = attachments.get(`${namespace}/${name}`) !== undefined;
    if (isKnown || !NAME.test(namespace) || !NAME.test(name)) continue;
    const read = (): Promise<NetworkAttachment | null> =>
      client.get<NetworkAttachment>(ATTACHMENTS, { namespace, name }).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
        return null;
      });
    const found = await persist(signal, read);
    if (found !== null) attachments.upsert(found);
  }
}
