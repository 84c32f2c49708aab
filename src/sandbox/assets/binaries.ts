/** Finds or makes the programs of the control plane: the machine's own, our cache, a release download, a build. */
import { existsSync, realpathSync } from 'node:fs';
import { access, constants, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cacheLock, type Cache } from './cache.ts';
import { obtainBinary } from './obtain.ts';
import { runCommand } from './process.ts';
import type { Progress } from './progress.ts';
import {
  atLeast,
  ETCD_MINIMUM,
  ETCD_VERSION,
  KUBERNETES_MINIMUM,
  KUBERNETES_VERSION,
  parseVersion,
} from './versions.ts';

export const BINARY_NAMES = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const;
export type BinaryName = (typeof BINARY_NAMES)[number];
/** Absolute path of each program. */
export type Binaries = Record<BinaryName, string>;

export interface BinariesOptions {
  cache: Cache;
  progress: Progress;
  signal?: AbortSignal;
  env?: NodeJS.ProcessEnv;
  /** False: throw a {@link MissingBinariesError} instead of downloading or building. */
  obtain?: boolean;
  /** Programs to try as Go. Default: PATH and the usual places. */
  goCandidates?: readonly string[];
}

/** Options for one of several programs. */
export interface ObtainOptions extends BinariesOptions {
  /** This program and those that come after it: for the estimate of what is left. */
  rest?: readonly BinaryName[];
}

/** Programs that are not on this machine yet. */
export class MissingBinariesError extends Error {
  constructor(names: readonly string[]) {
    super(`${names.join(', ')} not prepared yet: run "npm run sandbox" or "npm test" once, or set KUBEBUILDER_ASSETS`);
    this.name = 'MissingBinariesError';
  }
}

/**
 * Paths of all five programs. Per program: `KUBEBUILDER_ASSETS`, then PATH, where new enough (the Kubernetes servers only
 * all three from one place, of one version: they must not be newer than their API server), then the cache, else obtained.
 */
export async function controlPlaneBinaries(options: BinariesOptions): Promise<Binaries> {
  const found = await machineBinaries(options);
  const missing: BinaryName[] = [];
  for (const name of BINARY_NAMES) {
    if (found[name] !== undefined) continue;
    const path = cachedPath(options.cache, name);
    if (await isUsable(path, name)) found[name] = path;
    else missing.push(name);
  }
  if (missing.length > 0 && options.obtain === false) throw new MissingBinariesError(missing);
  for (const [index, name] of missing.entries()) {
    found[name] = await obtainOnce(name, { ...options, rest: missing.slice(index) });
  }
  return found as Binaries;
}

/** Where the cache keeps a program. */
export function cachedPath(cache: Cache, name: BinaryName): string {
  const folder = name === 'etcd' ? `etcd-${ETCD_VERSION}` : `kubernetes-${KUBERNETES_VERSION}`;
  return join(cache.root, folder, name);
}

async function obtainOnce(name: BinaryName, options: ObtainOptions): Promise<string> {
  const path = cachedPath(options.cache, name);
  await cacheLock(options.cache, name, options, async () => {
    if (!(await isUsable(path, name))) await obtainBinary(name, path, options);
  });
  return path;
}

async function machineBinaries({ env = process.env, progress }: BinariesOptions): Promise<Partial<Binaries>> {
  const found: Partial<Binaries> = {};
  const folders = [env.KUBEBUILDER_ASSETS ?? '', ...(env.PATH ?? '').split(delimiter)].filter(existsSync);
  // /bin is often a link to /usr/bin: no program is asked twice.
  const different = new Set(folders.map((folder) => realpathSync(folder)));
  const servers = BINARY_NAMES.filter((name) => name.startsWith('kube-'));
  for (const group of [['etcd'], servers, ['kubectl']] as BinaryName[][]) {
    for (const folder of different) {
      const version = await groupVersion(folder, group);
      if (version === undefined) continue;
      progress.note(`Using ${group.join(', ')} ${version} of ${folder}`);
      group.forEach((name) => (found[name] = join(folder, name)));
      break;
    }
  }
  return found;
}

/** The one version of all programs of a group in a folder; undefined where one lacks, differs or is too old. */
async function groupVersion(folder: string, group: readonly BinaryName[]): Promise<string | undefined> {
  if (!(await isExecutable(join(folder, group[0] ?? '')))) return undefined;
  const versions = await Promise.all(group.map((name) => binaryVersion(join(folder, name), name)));
  const [first] = versions;
  if (first === undefined || versions.some((version) => version !== first)) return undefined;
  return atLeast(first, group[0] === 'etcd' ? ETCD_MINIMUM : KUBERNETES_MINIMUM) ? first : undefined;
}

/** Version that a program says of itself, without `v`; undefined where it does not run. */
export async function binaryVersion(path: string, name: BinaryName): Promise<string | undefined> {
  const args = name === 'kubectl' ? ['version', '--client'] : ['--version'];
  const result = await runCommand([path, ...args], { timeoutMs: 20_000 }).catch(() => undefined);
  return result === undefined ? undefined : parseVersion(result.stdout);
}

/** Whether the cached file runs and is of the pinned version. Remembered, by size and time, beside the file. */
async function isUsable(path: string, name: BinaryName): Promise<boolean> {
  const file = await stat(path).catch(() => undefined);
  if (file === undefined) return false;
  const stamp = `${file.size} ${file.mtimeMs}`;
  const marker = join(path, '..', `.${name}.checked`);
  if ((await readFile(marker, 'utf8').catch(() => '')) === stamp) return true;
  const wanted = parseVersion(name === 'etcd' ? ETCD_VERSION : KUBERNETES_VERSION);
  if ((await binaryVersion(path, name)) !== wanted) return false;
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(marker, stamp);
  return true;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
