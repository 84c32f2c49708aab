/** Keeps a family of cache entries small. */
import { readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Marks `current` as used now and removes all but the `count` last used entries of `root` whose names begin with
 * `prefix`. Who still runs on a removed one keeps it by a link of its own.
 */
export async function keepNewest(root: string, prefix: string, current: string, count: number): Promise<void> {
  const now = new Date();
  await utimes(current, now, now);
  const names = (await readdir(root)).filter((name) => name.startsWith(prefix));
  const entries = await Promise.all(names.map(async (name) => ({ name, used: await usedAt(join(root, name)) })));
  const old = entries.toSorted((a, b) => b.used - a.used).slice(count);
  for (const { name } of old) await removeEntry(join(root, name));
}

async function usedAt(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}

/** An entry must never be half there under its own name. */
async function removeEntry(path: string): Promise<void> {
  const doomed = `${path}.removed-${process.pid}`;
  const moved = await rename(path, doomed).then(
    () => true,
    () => false,
  );
  if (moved) await rm(doomed, { recursive: true, force: true });
}
