/** A lock between processes: a file that names its holder. A dead holder's lock is taken over. */
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, ownIdentity, type ProcessIdentity } from './procfs.ts';

const POLL_MS = 200;
/** A take-over lasts microseconds; one that is older than this died in the middle. */
const TAKEOVER_STALE_MS = 10_000;

export interface LockOptions {
  signal?: AbortSignal | undefined;
  /** Called once, with the holder's pid, when the lock is held by another process. */
  onWait?: (pid: number) => void;
}

/** Waits for the lock file `path`, holds it while `work` runs, and gives it back however `work` ends. */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  await acquire(path, options);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string, { signal, onWait }: LockOptions): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const own = JSON.stringify(await ownIdentity());
  let told = false;
  while (!(await createExclusive(path, own))) {
    signal?.throwIfAborted();
    const holder = await readHolder(path);
    if (holder === 'gone') continue;
    if (holder !== undefined && (await isAlive(holder))) {
      if (!told) onWait?.(holder.pid);
      told = true;
    } else if (await removeStale(path, holder)) continue;
    await delay(POLL_MS, undefined, signal === undefined ? {} : { signal });
  }
}

async function createExclusive(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(content);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The holder; 'gone' when the file is not there any more; undefined when it names nobody (being written, or cut short). */
async function readHolder(path: string): Promise<ProcessIdentity | 'gone' | undefined> {
  try {
    const holder = JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity;
    return typeof holder.pid === 'number' ? holder : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : undefined;
  }
}

/** Removes a dead holder's lock. Only one process at a time does so, and it looks again first. */
async function removeStale(path: string, seen: ProcessIdentity | undefined): Promise<boolean> {
  if (seen === undefined && (await age(path)) < TAKEOVER_STALE_MS) return false;
  const guard = `${path}.takeover`;
  if (!(await createExclusive(guard, ''))) {
    if ((await age(guard)) > TAKEOVER_STALE_MS) await rm(guard, { force: true });
    return false;
  }
  try {
    const now = await readHolder(path);
    if (JSON.stringify(now) === JSON.stringify(seen)) await rm(path, { force: true });
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

async function age(path: string): Promise<number> {
  const file = await stat(path).catch(() => undefined);
  return file === undefined ? 0 : Date.now() - file.mtimeMs;
}
