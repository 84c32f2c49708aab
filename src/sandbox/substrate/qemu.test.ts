import { describe, expect, test } from '@jest/globals';
import { kernelCommandLine, physicalFunctionMac, qemuArguments, type Machine } from './qemu.ts';
import type { VmOptions } from './types.ts';

const MAC = '02:00:00:00:10:01';
const machine: Machine = {
  accelerator: 'tcg',
  kernel: '/g/vmlinux',
  initrd: '/g/initrd',
  rootImage: '/d/root.img',
  seed: '/d/pods/1/seed.iso',
  qmp: '/d/pods/1/qmp',
  frames: { kind: 'tap', name: 'tap1' },
  mtu: 1500,
};
const virtio: VmOptions['data'] = { kind: 'Virtio', mac: MAC, multiqueue: true };

/** Values of an option that may come several times. */
function values(args: readonly string[], option: string): string[] {
  return args.flatMap((arg, index) => (arg === option ? [args[index + 1] ?? ''] : []));
}

describe('a virtio guest', () => {
  test('has its data NIC on the TAP, one queue on one core', () => {
    const args = qemuArguments(machine, { cores: 1, memoryMiB: 256, data: virtio, managementMac: '02:00:00:00:20:01' });
    expect(values(args, '-netdev')).toEqual([
      'user,id=mgmt,ipv6=off',
      'tap,id=data,ifname=tap1,script=no,downscript=no,vhost=off',
    ]);
    expect(values(args, '-device')).toContain(`virtio-net-pci,netdev=data,mac=${MAC},host_mtu=1500,romfile=`);
    expect(values(args, '-device')).toContain('virtio-net-pci,netdev=mgmt,romfile=,mac=02:00:00:00:20:01');
    expect(values(args, '-accel')).toEqual(['tcg,thread=multi']);
    expect(values(args, '-m')).toEqual(['256']);
  });

  test('has a queue for each core where it is asked for many', () => {
    const args = qemuArguments(machine, { cores: 4, memoryMiB: 256, data: virtio });
    expect(values(args, '-netdev')[1]).toMatch(/,queues=4$/);
    expect(values(args, '-device').at(-1)).toMatch(/,mq=on,vectors=10$/);
    const single = qemuArguments(machine, { cores: 4, memoryMiB: 256, data: { ...virtio, multiqueue: false } });
    expect(single.join(' ')).not.toMatch(/queues=|mq=on/);
  });

  test('without TAPs sends frames as datagrams, with one queue; commas in paths are kept', () => {
    const frames = { kind: 'datagram', local: '/a,b/guest', remote: '/a,b/wire' } as const;
    const args = qemuArguments({ ...machine, frames }, { cores: 2, memoryMiB: 256, data: virtio });
    expect(values(args, '-netdev')[1]).toBe(
      'dgram,id=data,local.type=unix,local.path=/a,,b/guest,remote.type=unix,remote.path=/a,,b/wire',
    );
    expect(args.join(' ')).not.toContain('mq=on');
  });

  test('has further disks with their serial numbers between root and seed', () => {
    const disks = [{ serial: 'vfbench-runner' }];
    const devices = values(qemuArguments(machine, { cores: 1, memoryMiB: 256, data: virtio, disks }), '-device');
    expect(devices.filter((each) => each.startsWith('virtio-blk-pci'))).toEqual([
      'virtio-blk-pci,drive=root',
      'virtio-blk-pci,drive=disk0,serial=vfbench-runner',
      'virtio-blk-pci,drive=seed',
    ]);
  });

  test('shares its disks: read-only, without locks', () => {
    const drives = values(qemuArguments(machine, { cores: 1, memoryMiB: 256, data: virtio }), '-drive');
    expect(drives).toEqual([
      'id=root,file=/d/root.img,if=none,format=raw,readonly=on,file.locking=off',
      'id=seed,file=/d/pods/1/seed.iso,if=none,format=raw,readonly=on,file.locking=off',
    ]);
  });
});

describe('a VF guest', () => {
  const vm = { cores: 1, memoryMiB: 256, data: { kind: 'Vf', mac: MAC } } as const;

  test('has a physical function behind a root port, with another MAC', () => {
    const devices = values(qemuArguments(machine, vm), '-device');
    expect(devices.slice(-2)).toEqual([
      'pcie-root-port,id=rp1,chassis=1,slot=1',
      'igb,netdev=data,bus=rp1,mac=02:00:00:00:90:01,romfile=',
    ]);
  });

  test('is told the MAC of the VF to make; a virtio guest is not', () => {
    expect(kernelCommandLine(vm)).toMatch(/ vfbench\.vf=02:00:00:00:10:01$/);
    expect(kernelCommandLine({ data: virtio })).not.toContain('vfbench.vf');
  });

  test('any MAC gives another unicast one', () => {
    for (const mac of ['02:00:00:00:00:00', '02:ff:ff:ff:ff:ff', '0a:58:c0:a8:80:01']) {
      expect(physicalFunctionMac(mac)).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
      expect(physicalFunctionMac(mac)).not.toBe(mac);
      expect(physicalFunctionMac(mac).slice(0, 2)).toBe(mac.slice(0, 2));
    }
  });
});
