/** Small makers of objects and clients for this folder's tests. */
import { KubeConfig } from '@kubernetes/client-node';
import { createLogger, type Logger } from '../log.ts';
import { KubeClient } from './client.ts';
import { KubeConfigConnection } from './connection.ts';
import type { KubeMeta, KubeObject } from './object.ts';

export const silent: Logger = createLogger('test', 'silent');

export interface TestPod extends KubeObject {
  spec?: { nodeName?: string };
}

/** A Pod in namespace `ns` with the UID `uid-<name>`. */
export function pod(name: string, version: number | string, meta: Partial<KubeMeta> = {}): TestPod {
  const metadata = { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion: String(version), ...meta };
  return { apiVersion: 'v1', kind: 'Pod', metadata };
}

interface ClientOptions {
  requestTimeoutMs?: number;
  token?: string;
  mayWrite?: () => boolean;
}

/** A client for a server without TLS. */
export function clientFor(url: string, options: ClientOptions = {}): KubeClient {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'test', server: url, skipTLSVerify: false },
    { name: 'test', token: options.token ?? 'secret' },
  );
  const { token: _, ...rest } = options;
  return new KubeClient(new KubeConfigConnection(config), { log: silent, ...rest });
}

/** What a promise was rejected with; undefined where it was not. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
