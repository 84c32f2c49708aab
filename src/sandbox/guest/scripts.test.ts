/** The guest's shell scripts, as far as a shell of the host can tell. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { initrd } from './image.ts';

const folder = import.meta.dirname;
const sh = (...args: string[]) => spawnSync('sh', args, { encoding: 'utf8' });

test.each(['initrd.sh', 'init.sh', 'udhcpc.sh', '../substrate/pod.sh'])(
  '%s is a shell script without errors',
  (name) => {
    expect(sh('-n', join(folder, name))).toMatchObject({ status: 0, stderr: '' });
  },
);

describe('cloud-init.mjs', () => {
  test('writes files with their modes, keeps the user data, makes a script of runcmd', () => {
    const root = mkdtempSync(join(tmpdir(), 'vfbench-cloud-'));
    try {
      const said = join(root, 'said');
      const userData = `#cloud-config\n${JSON.stringify({
        write_files: [{ path: '/etc/a/b.json', permissions: '0600', content: '{}' }],
        runcmd: [['sh', '-c', `it="it's"; echo "$it" $1 >${said}`, 'sh', 'two words'], `echo plain >>${said}`],
      })}`;
      writeFileSync(join(root, 'user-data'), userData);
      const done = spawnSync(process.execPath, [join(folder, 'cloud-init.mjs'), join(root, 'user-data'), root]);
      expect([done.status, done.stderr.toString()]).toEqual([0, '']);

      const instance = join(root, 'var/lib/cloud/instance');
      expect(readFileSync(join(root, 'etc/a/b.json'), 'utf8')).toBe('{}');
      expect(readFileSync(join(instance, 'user-data.txt'), 'utf8')).toBe(userData);
      expect(statSync(join(root, 'etc/a/b.json')).mode & 0o777).toBe(0o600);
      expect(statSync(join(instance, 'user-data.txt')).mode & 0o777).toBe(0o600);
      expect(sh(join(instance, 'scripts/runcmd'))).toMatchObject({ status: 0, stderr: '' });
      expect(readFileSync(said, 'utf8')).toBe("it's two words\nplain\n");
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

describe('dhcp_macs', () => {
  /** The function alone, with another place of the seed. */
  function macs(networkConfig: string): string[] {
    const dir = mkdtempSync(join(tmpdir(), 'vfbench-init-'));
    try {
      writeFileSync(join(dir, 'network-config'), networkConfig);
      const text = /^dhcp_macs\(\) \{\n[\s\S]*?^\}$/m.exec(readFileSync(join(folder, 'init.sh'), 'utf8'))?.[0] ?? '';
      const script = `${text.replace('/run/cidata', dir)}\ndhcp_macs`;
      return sh('-c', script).stdout.split('\n').filter(Boolean);
    } finally {
      rmSync(dir, { recursive: true });
    }
  }

  const ethernets = {
    'server-0-mgmt': { match: { macaddress: '02:00:00:AA:00:01' }, dhcp4: true },
    'server-0-data': { match: { macaddress: '02:00:00:00:00:01' }, dhcp4: false, addresses: ['fd00::1/64'] },
    'client-0-mgmt': { match: { macaddress: '02:00:00:aa:00:02' }, dhcp4: true },
  };

  test('are those of a seed in JSON', () => {
    expect(macs(JSON.stringify({ version: 2, ethernets }))).toEqual(['02:00:00:aa:00:01', '02:00:00:aa:00:02']);
  });

  test('are those of a seed in YAML', () => {
    const yaml = `version: 2
ethernets:
  data:
    match: {macaddress: "02:00:00:00:00:01"}
    addresses: [192.168.50.1/24]
  mgmt:
    match:
      macaddress: '02:00:00:aa:00:01'
    dhcp4: true
`;
    expect(macs(yaml)).toEqual(['02:00:00:aa:00:01']);
  });
});

test('the initrd loads modules in the order given', () => {
  const module = (name: string) => ({ name, path: `kernel/${name}.ko`, content: Buffer.from(name) });
  const archive = initrd(Buffer.from('busybox'), [module('libcrc32c'), module('erofs')], '#!init');
  expect(archive.includes('libcrc32c.ko\nerofs.ko\n')).toBe(true);
  expect(archive.includes('modules/erofs.ko\0')).toBe(true);
});
