import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isAlive, ownIdentity, startTicks } from '../assets/procfs.ts';
import { claim, recordHolder, release, sweepSubstrate } from './state.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vfbench-state-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** What a process of that identity left. */
async function abandon(owner: object, holder?: object): Promise<void> {
  await mkdir(join(dir, 'pods/3'), { recursive: true });
  await writeFile(join(dir, 'root.img'), '');
  await writeFile(join(dir, 'substrate.json'), JSON.stringify({ owner, holder }));
}

const DEAD = { pid: 2 ** 30, startTicks: 1 };

describe('claim', () => {
  test('takes a free directory and releases nothing but its own', async () => {
    await writeFile(join(dir, 'other'), '');
    await claim(dir);
    expect((await readdir(dir)).toSorted()).toEqual(['other', 'pods', 'portals', 'substrate.json']);
    await release(dir);
    expect(await readdir(dir)).toEqual(['other']);
  });

  test("refuses a live process's directory and takes over a dead one's", async () => {
    await abandon(await ownIdentity());
    await expect(claim(dir)).rejects.toThrow('in use by another sandbox');
    await abandon(DEAD);
    await claim(dir);
    expect(await readdir(join(dir, 'pods'))).toEqual([]);
  });
});

describe('sweepSubstrate', () => {
  test('leaves live owners and foreign directories alone', async () => {
    expect(await sweepSubstrate(dir)).toBe(false);
    await abandon(await ownIdentity());
    expect(await sweepSubstrate(dir)).toBe(false);
    expect(await readdir(dir)).toContain('root.img');
  });

  test('takes a pid used again for a dead owner', async () => {
    await abandon({ pid: process.pid, startTicks: 1 });
    expect(await sweepSubstrate(dir)).toBe(true);
    expect(await readdir(dir)).toEqual([]);
  });

  test('ends a holder that lives on, and only the very one', async () => {
    const holder = spawn('sleep', ['60'], { stdio: 'ignore' });
    await once(holder, 'spawn');
    const exited = once(holder, 'exit');
    const pid = holder.pid ?? 0;
    await abandon(DEAD, { pid, startTicks: 1 });
    await sweepSubstrate(dir);
    expect(await isAlive({ pid, startTicks: await startTicks(pid) })).toBe(true);
    await abandon(DEAD, { pid, startTicks: await startTicks(pid) });
    await sweepSubstrate(dir);
    const [, signal] = (await exited) as [null, string];
    expect(signal).toBe('SIGKILL');
  });

  test('finds what recordHolder wrote', async () => {
    await claim(dir);
    await recordHolder(dir, process.pid);
    const state = JSON.parse(await readFile(join(dir, 'substrate.json'), 'utf8')) as { holder: { pid: number } };
    expect(state.holder.pid).toBe(process.pid);
  });
});
