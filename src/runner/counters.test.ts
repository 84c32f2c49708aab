import { describe, expect, test } from '@jest/globals';
import { parseDevices, parseStat, snapshot } from './counters.ts';

const DEVICES = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1130416    7304    0    0    0     0          0         0  1130417    7305    0    0    0     0       0          0
  eth0:9007199254    100    0    0    0     0          0         0     5000      50    0    0    0     0       0          0
`;

describe('counters', () => {
  test('of a NIC are read from /proc/net/dev, joined columns too', () => {
    expect(parseDevices(DEVICES, 'lo')).toEqual({
      rxBytes: 1130416,
      rxPackets: 7304,
      txBytes: 1130417,
      txPackets: 7305,
    });
    expect(parseDevices(DEVICES, 'eth0')).toEqual({
      rxBytes: 9007199254,
      rxPackets: 100,
      txBytes: 5000,
      txPackets: 50,
    });
    expect(parseDevices(DEVICES, 'eth')).toEqual({ rxBytes: 0, rxPackets: 0, txBytes: 0, txPackets: 0 });
  });

  test('of the CPU are seconds', () => {
    const text = 'cpu  100 200 300 400 500 600 700 800 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n';
    expect(parseStat(text)).toEqual({ user: 3, system: 9, softirq: 7, steal: 8, idle: 9 });
  });

  test('of this machine are there', async () => {
    const { at, nic, cpu } = await snapshot('lo');
    expect(Math.abs(Date.now() - at)).toBeLessThan(5000);
    expect(Number.isSafeInteger(nic.rxBytes)).toBe(true);
    expect(cpu.user + cpu.system + cpu.idle).toBeGreaterThan(0);
  });
});
