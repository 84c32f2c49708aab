import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataNic } from '../api/protocol.ts';
import { findNic, interfacesByMac, nicFacts } from './nic.ts';

const forever = new AbortController().signal;
const nic = (change: Partial<DataNic>): DataNic => ({
  mode: 'Native',
  address: '10.0.0.1/24',
  peer: '10.0.0.2',
  mtu: 1500,
  configure: false,
  ...change,
});

/** A sysfs of three NICs as Linux lays it out: a VF, a virtio NIC below its PCI function, a veth. */
let sysfs: string;
const PCI = 'devices/pci0000:00/0000:00:01.0/0000:01:10.4';
const VIRTIO = 'devices/pci0000:00/0000:00:03.0/virtio1';

async function add(name: string, mac: string, device?: { path: string; bus: string; driver: string }): Promise<void> {
  const at = join(sysfs, 'class/net', name);
  await mkdir(at, { recursive: true });
  await Promise.all([
    writeFile(join(at, 'address'), `${mac}\n`),
    writeFile(join(at, 'mtu'), '9000\n'),
    writeFile(join(at, 'type'), '1\n'),
  ]);
  if (device === undefined) return;
  const path = join(sysfs, device.path);
  const subsystem = join(sysfs, 'bus', device.bus);
  const driver = join(subsystem, 'drivers', device.driver);
  await mkdir(path, { recursive: true });
  await mkdir(driver, { recursive: true });
  await symlink(path, join(at, 'device'));
  await symlink(subsystem, join(path, 'subsystem'));
  await symlink(driver, join(path, 'driver'));
}

beforeAll(async () => {
  sysfs = await mkdtemp(join(tmpdir(), 'vfbench-sysfs-'));
  await add('vf0', '02:00:00:00:00:01', { path: PCI, bus: 'pci', driver: 'igbvf' });
  await add('eth0', '02:00:00:00:00:02', { path: VIRTIO, bus: 'virtio', driver: 'virtio_net' });
  await add('br0', '02:00:00:00:00:01');
});

afterAll(() => rm(sysfs, { recursive: true, force: true }));

describe('data NIC', () => {
  test('is found by MAC, the one with a device first, or by name', async () => {
    expect((await interfacesByMac(sysfs)).get('02:00:00:00:00:01')).toBe('vf0');
    expect(await findNic(nic({ mac: '02:00:00:00:00:02' }), 0, forever, sysfs)).toBe('eth0');
    expect(await findNic(nic({ interface: 'br0' }), 0, forever, sysfs)).toBe('br0');
  });

  test('that comes late is waited for', async () => {
    const found = findNic(nic({ mac: '02:00:00:00:00:0A' }), 5000, forever, sysfs);
    await add('late0', '02:00:00:00:00:0a');
    expect(await found).toBe('late0');
  });

  test('that never comes is named, with what is there instead', async () => {
    const lost = findNic(nic({ mac: '02:00:00:00:00:09' }), 0, forever, sysfs);
    await expect(lost).rejects.toThrow(/No NIC with MAC 02:00:00:00:00:09 .* eth0 \(02:00:00:00:00:02\)/);
    await expect(findNic(nic({ interface: '../x' }), 0, forever, sysfs)).rejects.toThrow('No NIC named ../x');
  });

  test('is described by driver, bus and PCI address', async () => {
    expect(await nicFacts('vf0', '', forever, sysfs)).toEqual({
      interface: 'vf0',
      mac: '02:00:00:00:00:01',
      driver: 'igbvf',
      bus: 'pci',
      pciAddress: '0000:01:10.4',
      mtu: 9000,
      address: '0.0.0.0/0',
    });
    expect(await nicFacts('eth0', '', forever, sysfs)).toMatchObject({
      driver: 'virtio_net',
      bus: 'virtio',
      pciAddress: '0000:00:03.0',
    });
    expect(await nicFacts('br0', '', forever, sysfs)).toMatchObject({ bus: 'virtual', pciAddress: null });
  });

  test('of this machine: loopback', async () => {
    const facts = await nicFacts('lo', '127.0.0.1/8', forever);
    expect(facts).toMatchObject({ interface: 'lo', bus: 'virtual', address: '127.0.0.1/8', mtu: 65_536 });
  });
});
