import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTicks } from '../assets/procfs.ts';
import { createStateDirectory, isSameProcess, parseRecords, recordProcess, removeStale } from './stale.ts';

const record = { role: 'child', pid: 7, startTicks: 100, argv: ['/bin/etcd', '--x'] } as const;

describe('a recorded process', () => {
  test.each([
    ['the same', { startTicks: 100, argv: ['/bin/etcd', '--x'] }, true],
    ['a later one with this pid', { startTicks: 101, argv: ['/bin/etcd', '--x'] }, false],
    ['another command', { startTicks: 100, argv: ['/bin/etcd', '--y'] }, false],
    ['with further arguments', { startTicks: 100, argv: ['/bin/etcd', '--x', '--y'] }, false],
    ['gone', { startTicks: undefined, argv: [] }, false],
  ])('%s', (_name, live, want) => {
    expect(isSameProcess(record, live)).toBe(want);
  });

  test('is never matched without a start time', () => {
    expect(isSameProcess({ ...record, startTicks: undefined }, { startTicks: undefined, argv: record.argv })).toBe(
      false,
    );
  });

  test('is read although the last line was cut short', () => {
    expect(parseRecords(`${JSON.stringify(record)}\n{"role":"chi`)).toEqual([record]);
  });
});

describe('removal of what a killed run left', () => {
  let root: string;
  let child: ChildProcess;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'vfbench-state-'));
    child = spawn('sleep', ['60']);
    await once(child, 'spawn');
  });
  afterEach(async () => {
    child.kill('SIGKILL');
    await rm(root, { recursive: true });
  });

  const leftover = async (owner: { pid: number; startTicks: number }, argv: string[]) => {
    const directory = join(root, 'left');
    await mkdir(directory);
    await writeFile(join(directory, 'processes.jsonl'), `${JSON.stringify({ role: 'owner', argv: [], ...owner })}\n`);
    await recordProcess(directory, child.pid ?? 0, argv);
    return directory;
  };
  const deadOwner = { pid: process.pid, startTicks: 1 };

  test('ends its processes and deletes its directory', async () => {
    const directory = await leftover(deadOwner, ['sleep', '60']);
    expect(await removeStale(root)).toEqual({ directories: [directory], processes: [child.pid] });
    expect(await startTicks(child.pid ?? 0)).toBeUndefined();
    expect(await readdir(root)).toEqual([]);
  });

  test('leaves a process alone whose command line is another one', async () => {
    await leftover(deadOwner, ['sleep', '61']);
    expect((await removeStale(root)).processes).toEqual([]);
    expect(await startTicks(child.pid ?? 0)).toBeDefined();
  });

  test('leaves everything alone whose owner lives, and directories that are not ours', async () => {
    const mine = await createStateDirectory(root, 'mine');
    await recordProcess(mine, child.pid ?? 0, ['sleep', '60']);
    await mkdir(join(root, 'foreign'));
    expect(await removeStale(root)).toEqual({ directories: [], processes: [] });
    expect(await startTicks(child.pid ?? 0)).toBeDefined();
    expect(await readdir(root)).toHaveLength(2);
  });

  test('a folder that others may write is refused', async () => {
    await chmod(root, 0o777);
    await expect(createStateDirectory(root, 'mine')).rejects.toThrow('set VFBENCH_STATE to another folder');
  });

  test('finds nothing where nothing ever ran', async () => {
    expect(await removeStale(join(root, 'none'))).toEqual({ directories: [], processes: [] });
  });
});
