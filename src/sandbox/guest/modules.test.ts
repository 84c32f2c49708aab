import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { moduleDependencies, moduleName, ModuleTree } from './modules.ts';

/** Enough of a module for its dependencies: the strings of .modinfo. */
const elf = (depends: string): Buffer => Buffer.from(`\x7fELF...license=GPL\0depends=${depends}\0name=x\0`, 'latin1');

describe('moduleDependencies', () => {
  test('are read from .modinfo, with names as the kernel spells them', () => {
    expect(moduleDependencies(elf('libcrc32c,net-failover'))).toEqual(['libcrc32c', 'net_failover']);
    expect(moduleDependencies(elf(''))).toEqual([]);
    expect(moduleDependencies(Buffer.from('no modinfo'))).toEqual([]);
  });

  test('names come from files', () => {
    expect(moduleName('kernel/drivers/net/net-failover.ko.xz')).toBe('net_failover');
  });
});

describe('ModuleTree', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'vfbench-modules-'));
    await mkdir(join(root, 'kernel'));
    await writeFile(join(root, 'kernel/a.ko'), elf('b,c'));
    await writeFile(join(root, 'kernel/b.ko'), elf('c'));
    await writeFile(join(root, 'kernel/c.ko'), elf(''));
  });
  afterAll(() => rm(root, { recursive: true }));

  /** `env` runs the applet's namesake among the host's programs, as busybox would. */
  const open = (): Promise<ModuleTree> => ModuleTree.open(root, '/usr/bin/env');

  test('gives dependencies first and each module once', async () => {
    const modules = await (await open()).closure(['a', 'c']);
    expect(modules.map(({ name }) => name)).toEqual(['c', 'b', 'a']);
    expect(modules.map(({ path }) => path)).toEqual(['kernel/c.ko', 'kernel/b.ko', 'kernel/a.ko']);
  });

  test('names a module that is not there', async () => {
    await expect((await open()).closure(['igb'])).rejects.toThrow('the kernel package has no module igb');
  });
});
