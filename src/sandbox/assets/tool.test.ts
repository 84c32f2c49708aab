import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { treeName } from './debian.ts';
import { toolCommand } from './tool.ts';

const ELF = '\x7fELF...';
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vfbench-tree-'));
});
afterEach(() => rm(root, { recursive: true }));

const put = async (path: string, content = ELF) => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
};
const loader = 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2';

describe('command of a tool in an unpacked tree', () => {
  test("uses the tree's loader and libraries and nothing of the environment", async () => {
    await put(loader);
    await put('usr/lib/x86_64-linux-gnu/libc.so.6');
    await put('usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-257.so');
    await put('usr/lib/x86_64-linux-gnu/pulseaudio/README');
    await put('usr/bin/qemu-system-x86_64');
    const lib = join(root, 'usr/lib/x86_64-linux-gnu');
    expect(toolCommand(root, 'qemu-system-x86_64')).toEqual([
      join(root, loader),
      '--inhibit-cache',
      '--library-path',
      `${lib}:${lib}/systemd`,
      '--argv0',
      'qemu-system-x86_64',
      join(root, 'usr/bin/qemu-system-x86_64'),
    ]);
  });

  test('follows links that are absolute inside the tree and keeps the name the program was called by', async () => {
    await put(loader);
    await put('usr/bin/kmod');
    await mkdir(join(root, 'usr/sbin'));
    await symlink('/usr/bin/kmod', join(root, 'usr/sbin/depmod'));
    expect(toolCommand(root, 'depmod').slice(-3)).toEqual(['--argv0', 'depmod', join(root, 'usr/bin/kmod')]);
  });

  test.each([
    ['missing', 'qemu-img', 'No program qemu-img'],
    ['a script', 'mmdebstrap', 'is a script'],
    ['dangling', 'gone', 'No program gone'],
  ])('refuses what is %s', async (_what, program, message) => {
    await put(loader);
    await put('usr/bin/mmdebstrap', '#!/usr/bin/perl');
    await symlink('/usr/bin/nothing', join(root, 'usr/bin/gone'));
    expect(() => toolCommand(root, program)).toThrow(message);
  });

  test('says that a tree without libc cannot run anything', async () => {
    await put('usr/bin/ip');
    expect(() => toolCommand(root, 'ip')).toThrow('the tree lacks libc6');
  });
});

test('a tree has another name for other packages, whatever their order', () => {
  const name = treeName('tools', ['iproute2', 'kmod'], 'amd64');
  expect(name).toMatch(/^debian-trixie-amd64-tools-[0-9a-f]{8}$/);
  expect(treeName('tools', ['kmod', 'iproute2'], 'amd64')).toBe(name);
  expect(treeName('tools', ['kmod'], 'amd64')).not.toBe(name);
});
