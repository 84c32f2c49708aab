import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cacheEntry, openCache, workDirectory, type Cache } from './cache.ts';
import { withLock } from './lock.ts';
import { parseStartTicks } from './procfs.ts';

let cache: Cache;
beforeEach(async () => {
  cache = { root: await mkdtemp(join(tmpdir(), 'vfbench-cache-')) };
});
afterEach(() => rm(cache.root, { recursive: true }));

describe('cache', () => {
  test.each([
    [{ VFBENCH_CACHE: '/own', XDG_CACHE_HOME: '/xdg', HOME: '/home/u' }, '/own'],
    [{ XDG_CACHE_HOME: '/xdg', HOME: '/home/u' }, '/xdg/vfbench'],
    [{ HOME: '/home/u' }, '/home/u/.cache/vfbench'],
  ])('with %j is %s', (env, want) => {
    expect(openCache(env).root).toBe(want);
  });

  test('makes an entry once, however many ask at the same time', async () => {
    let made = 0;
    const make = async (directory: string) => {
      made++;
      await writeFile(join(directory, 'file'), 'text');
    };
    const paths = await Promise.all([1, 2, 3].map(() => cacheEntry(cache, 'thing', {}, make)));
    expect(made).toBe(1);
    expect(new Set(paths)).toEqual(new Set([join(cache.root, 'thing')]));
    expect(await readFile(join(cache.root, 'thing/file'), 'utf8')).toBe('text');
  });

  test('keeps nothing of an entry that failed, and tries again', async () => {
    const fails = cacheEntry(cache, 'thing', {}, async (directory) => {
      await writeFile(join(directory, 'half'), '');
      throw new Error('no network');
    });
    await expect(fails).rejects.toThrow('no network');
    expect((await readdir(cache.root)).filter((name) => !name.startsWith('.'))).toEqual([]);
    expect(await readdir(join(cache.root, '.work'))).toEqual([]);
    await expect(cacheEntry(cache, 'thing', {}, async () => {})).resolves.toBe(join(cache.root, 'thing'));
  });

  test('removes work of dead processes, not of live ones', async () => {
    const dead = await deadPid();
    await mkdir(join(cache.root, '.work', `${dead}-old-x`), { recursive: true });
    const first = await workDirectory(cache, 'mine');
    const second = await workDirectory(cache, 'mine');
    const left = (await readdir(join(cache.root, '.work'))).map((name) => join(cache.root, '.work', name));
    expect(new Set(left)).toEqual(new Set([first, second]));
  });
});

describe('lock', () => {
  test('is taken over from a dead holder, and from a pid that means another process now', async () => {
    const path = join(cache.root, 'a.lock');
    for (const holder of [
      { pid: await deadPid(), startTicks: 5 },
      { pid: process.pid, startTicks: 5 },
    ]) {
      await writeFile(path, JSON.stringify(holder));
      await expect(withLock(path, {}, async () => 'held')).resolves.toBe('held');
    }
    expect(await readdir(cache.root)).toEqual([]);
  });

  test('is waited for while its holder lives, who is named once; waiting can be cancelled', async () => {
    const path = join(cache.root, 'a.lock');
    const waits: number[] = [];
    const stop = new AbortController();
    await withLock(path, {}, async () => {
      const second = withLock(path, { signal: stop.signal, onWait: (pid) => waits.push(pid) }, async () => 'never');
      setTimeout(() => stop.abort(new Error('enough')), 600);
      await expect(second).rejects.toThrow();
    });
    expect(waits).toEqual([process.pid]);
  });

  test('is given back when the work fails', async () => {
    const path = join(cache.root, 'a.lock');
    const fails = withLock(path, {}, () => Promise.reject(new Error('broken')));
    await expect(fails).rejects.toThrow('broken');
    await expect(withLock(path, {}, async () => 'held')).resolves.toBe('held');
  });
});

test('start time is found behind a command name with spaces and brackets', () => {
  const fields = Array.from({ length: 30 }, (_, index) => index + 3);
  expect(parseStartTicks(`12 (a) b (c)) ${fields.join(' ')}`)).toBe(22);
  expect(parseStartTicks('')).toBeUndefined();
});

async function deadPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}
