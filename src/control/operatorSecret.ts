/** The operator's own Secret: its key, and the collector's CA and certificate. Made once, read at each start. */
import { isAlreadyExists, isNotFound, type KubeClient, type KubeObject, SECRETS } from '../kube/index.ts';

export const OPERATOR_SECRET = 'vfbench-operator';

interface Secret extends KubeObject {
  data?: Record<string, string>;
}

const decode = (data: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));

const encode = (data: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));

/**
 * The Secret's entries. `make` gives the first content; `renew` gives entries that are due, or null.
 * Two operators that start at once end with the same content: the loser of the creation reads the winner's.
 */
export async function loadOperatorSecret(
  client: KubeClient,
  namespace: string,
  content: {
    make(): Promise<Record<string, string>>;
    renew(data: Record<string, string>): Promise<Record<string, string> | null>;
  },
): Promise<Record<string, string>> {
  const at = { namespace, name: OPERATOR_SECRET };
  const found = await client.get<Secret>(SECRETS, at).catch((error: unknown) => {
    if (isNotFound(error)) return null;
    throw error;
  });
  if (found === null) {
    const data = await content.make();
    try {
      await client.create<Secret>(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: at, data: encode(data) });
      return data;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      return decode((await client.get<Secret>(SECRETS, at)).data ?? {});
    }
  }
  const data = decode(found.data ?? {});
  const renewed = await content.renew(data);
  if (renewed === null) return data;
  const merged = { ...data, ...renewed };
  await client.replace<Secret>(SECRETS, { ...found, data: encode(merged) });
  return merged;
}
