/** The device plugin: who holds which VF. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DevicePool, deviceEnv } from './devices.ts';

const pool = (count: number, driver: 'netdevice' | 'vfio' = 'netdevice'): DevicePool =>
  new DevicePool({ resource: 'openshift.io/vfnet', driver, count, slot: '0000:01:10' });

describe('DevicePool', () => {
  test('names VFs as igb lays them out', () => {
    expect(pool(6).free()).toEqual([
      '0000:01:10.0',
      '0000:01:10.2',
      '0000:01:10.4',
      '0000:01:10.6',
      '0000:01:11.0',
      '0000:01:11.2',
    ]);
  });

  test('gives a pod the same VFs when it asks again, and none where too few are free', () => {
    const vfs = pool(3);
    expect(vfs.take('a', 2)).toEqual(vfs.take('a', 2));
    expect(vfs.take('b', 2)).toBeNull();
    expect(vfs.free()).toHaveLength(1);
    vfs.release('a');
    expect(vfs.take('b', 2)).toHaveLength(2);
  });

  test('keeps a VF locked after a forced deletion, until it is unmade', () => {
    const vfs = pool(1);
    const [address = ''] = vfs.take('a', 1) ?? [];
    expect(vfs.lock(address, 'a')).toBe(true);
    vfs.release('a');
    expect(vfs.take('b', 1)).toEqual([address]);
    expect(vfs.lock(address, 'b')).toBe(false);
    vfs.unlock('a');
    expect(vfs.lock(address, 'b')).toBe(true);
  });

  test('never gives one VF to two, whatever comes and goes', () => {
    const step = fc.record({ pod: fc.constantFrom('a', 'b', 'c', 'd'), take: fc.nat(3), resize: fc.option(fc.nat(6)) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const vfs = pool(4);
        for (const { pod, take, resize } of steps) {
          if (resize !== null) vfs.resize(resize);
          if (take === 0) vfs.release(pod);
          else vfs.take(pod, take);
          const held = ['a', 'b', 'c', 'd'].flatMap((each) => vfs.heldBy(each));
          expect(new Set(held).size).toBe(held.length);
          expect(vfs.free().some((each) => held.includes(each))).toBe(false);
        }
      }),
    );
  });
});

describe('deviceEnv', () => {
  test('is what the plugin gave a container', () => {
    expect(deviceEnv(pool(4), ['0000:01:10.6'])).toEqual({
      PCIDEVICE_OPENSHIFT_IO_VFNET: '0000:01:10.6',
      PCIDEVICE_OPENSHIFT_IO_VFNET_INFO: '{"0000:01:10.6":{"generic":{"deviceID":"0000:01:10.6"}}}',
    });
    expect(deviceEnv(pool(4, 'vfio'), ['0000:01:11.0', '0000:01:11.2'])).toEqual({
      PCIDEVICE_OPENSHIFT_IO_VFNET: '0000:01:11.0,0000:01:11.2',
      PCIDEVICE_OPENSHIFT_IO_VFNET_INFO:
        '{"0000:01:11.0":{"generic":{"deviceID":"0000:01:11.0"},"vfio":{"dev-mount":"/dev/vfio/10","mount":"/dev/vfio/vfio"}},' +
        '"0000:01:11.2":{"generic":{"deviceID":"0000:01:11.2"},"vfio":{"dev-mount":"/dev/vfio/11","mount":"/dev/vfio/vfio"}}}',
    });
  });
});
