/** The cache on the user's machine: directories by name and version, made once, complete or not there at all. */
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withLock } from './lock.ts';
import { isAlive } from './procfs.ts';
import type { Progress } from './progress.ts';

export interface Cache {
  /** Absolute directory that holds all entries. */
  root: string;
}

export interface BuildOptions {
  progress?: Progress | undefined;
  signal?: AbortSignal | undefined;
}

/** The cache of this user: `VFBENCH_CACHE`, else `XDG_CACHE_HOME/vfbench`, else `~/.cache/vfbench`. */
export function openCache(env: NodeJS.ProcessEnv = process.env): Cache {
  if (env.VFBENCH_CACHE) return { root: env.VFBENCH_CACHE };
  return { root: join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'vfbench') };
}

/**
 * Path of the entry `name`; where it is missing, `make` builds it, once even where several processes ask.
 * `make` gets an empty directory to fill and returns; the entry then appears in one step. When it throws, nothing stays.
 */
export async function cacheEntry(
  cache: Cache,
  name: string,
  options: BuildOptions,
  make: (directory: string) => Promise<void>,
): Promise<string> {
  const target = join(cache.root, name);
  if (await exists(target)) return target;
  await cacheLock(cache, name, options, async () => {
    if (await exists(target)) return;
    const work = await workDirectory(cache, name);
    try {
      await make(work);
      await rename(work, target);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  return target;
}

/** Runs `work` while no other process holds the lock of the entry `name`. */
export async function cacheLock<T>(
  cache: Cache,
  name: string,
  options: BuildOptions,
  work: () => Promise<T>,
): Promise<T> {
  const onWait = (pid: number) =>
    options.progress?.note(`Waiting for process ${pid}, which is preparing ${name} already`);
  return withLock(join(cache.root, '.locks', `${name}.lock`), { signal: options.signal, onWait }, work);
}

/** A new empty directory on the cache's file system, so that a rename puts its content in place. Removes dead ones. */
export async function workDirectory(cache: Cache, name: string): Promise<string> {
  const parent = join(cache.root, '.work');
  await mkdir(parent, { recursive: true });
  await removeDeadWork(parent);
  return mkdtemp(join(parent, `${process.pid}-${name}-`));
}

async function removeDeadWork(parent: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    const pid = Number(entry.split('-')[0]);
    if (!(await isAlive({ pid }))) await rm(join(parent, entry), { recursive: true, force: true });
  }
}

/** Whether something is at `path`. */
export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
