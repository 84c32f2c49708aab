/** What a cloud image is told: to install nothing, to run the runner, and to end, whatever happens. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CLOUD_SECTIONS, RUNNER_DISK_SERIAL, START_SCRIPT, USER_DATA_FILE } from './cloudGuest.ts';

test('cloud-init installs nothing, and spends no time on what nobody needs', () => {
  expect(CLOUD_SECTIONS).toEqual({
    package_update: false,
    package_upgrade: false,
    growpart: { mode: 'off' },
    resize_rootfs: false,
    runcmd: [['sh', '-c', START_SCRIPT]],
  });
});

describe('the start script', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'vfbench-start-'));
    for (const folder of ['block/vda', 'block/vdb', 'root/run']) mkdirSync(join(dir, folder), { recursive: true });
    writeFileSync(join(dir, 'block/vda/serial'), 'of-the-image');
    writeFileSync(join(dir, 'block/vdb/serial'), RUNNER_DISK_SERIAL);
    writeFileSync(join(dir, 'user-data'), 'seed');
    writeFileSync(join(dir, 'console'), '');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  /** Runs it with commands that only note how they were called; `codes`: what they end with. */
  function run(codes: Record<string, number> = {}): { calls: string[]; console: string } {
    const notes = ['mount', 'chroot', 'poweroff'].map(
      (name) =>
        `${name}() { echo "${name} $*" >>${dir}/calls; [ "$*" = -f ] || return ${codes[name] ?? 0}; return ${codes[`${name} -f`] ?? 0}; }`,
    );
    const script = START_SCRIPT.replaceAll('/sys/block', `${dir}/block`)
      .replaceAll('/dev/console', `${dir}/console`)
      .replaceAll('/run/vfbench/root', `${dir}/root`)
      .replaceAll(USER_DATA_FILE, `${dir}/user-data`);
    spawnSync('sh', ['-c', `${notes.join('\n')}\n${script}`]);
    const calls = readFileSync(join(dir, 'calls'), 'utf8').replaceAll(dir, '').trim().split('\n');
    return { calls, console: readFileSync(join(dir, 'console'), 'utf8') };
  }

  test('mounts the disk of that serial number, runs the runner in it and powers off', () => {
    const { calls, console } = run();
    expect(calls).toEqual([
      'mount -o ro /dev/vdb /root',
      ...['dev', 'proc', 'sys'].map((folder) => `mount -o rbind /${folder} /root/${folder}`),
      ...['run', 'tmp'].map((folder) => `mount -t tmpfs tmpfs /root/${folder}`),
      'chroot /root /usr/bin/node /opt/vfbench/runner.mjs --seed /run/user-data',
      'poweroff -f',
    ]);
    expect(readFileSync(join(dir, 'root/run/user-data'), 'utf8')).toBe('seed');
    expect(console).toMatch(/^vfbench: runner starts [\d.]+ s after power-on\nvfbench: runner ended with code 0\n$/);
  });

  test('no disk: says so, and powers off', () => {
    writeFileSync(join(dir, 'block/vdb/serial'), 'another');
    const { calls, console } = run();
    expect(calls).toEqual(['poweroff -f']);
    expect(console).toContain(`vfbench: no disk with the serial number ${RUNNER_DISK_SERIAL}\n`);
  });

  test('a disk that cannot be mounted: says so, and powers off', () => {
    const { calls, console } = run({ mount: 1 });
    expect(calls).toEqual(['mount -o ro /dev/vdb /root', 'poweroff -f']);
    expect(console).toContain('vfbench: cannot mount the runner disk /dev/vdb\n');
  });

  test('a runner that fails: its code, and powers off', () => {
    const { calls, console } = run({ chroot: 3 });
    expect(calls.at(-1)).toBe('poweroff -f');
    expect(console).toContain('vfbench: runner ended with code 3\n');
  });

  test('powers off in order where it cannot be done at once', () => {
    expect(run({ 'poweroff -f': 1 }).calls.slice(-2)).toEqual(['poweroff -f', 'poweroff']);
  });
});
