/** What pods of one substrate share. */
import { join } from 'node:path';
import type { Namespaces } from './namespaces.ts';
import type { SubstrateOptions } from './types.ts';

export interface Context {
  options: SubstrateOptions;
  namespaces: Namespaces;
  accelerator: 'kvm' | 'tcg';
  dataPath: 'tap' | 'packet';
  /** The root image under a name of our own: the cache may drop its. */
  rootImage: string;
}

/** Runs a batch of ip commands in a named network namespace, or in the root one. */
export async function ipBatch(context: Context, namespace: string | null, batch: string): Promise<void> {
  const where = namespace === null ? [] : ['-n', namespace];
  await context.namespaces.check([...context.options.tools.ip, ...where, '-batch', '-'], batch);
}

/** A command line that runs `argv` in a named network namespace. */
export function inNamespace(context: Context, namespace: string, argv: readonly string[]): string[] {
  return [context.options.tools.busybox, 'nsenter', `--net=/run/netns/${namespace}`, ...argv];
}

/** Folder of a pod: short, since unix sockets lie in it. */
export const podFolder = (context: Context, pod: number): string => join(context.options.dir, 'pods', String(pod));
