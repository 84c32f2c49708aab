/** A NIC whose driver fills its counters when the test says, for tests of who waits for them. */
import type { NicCounters } from '../../src/api/protocol.ts';
import type { ReadCounters } from '../../src/runner/meter.ts';

const CPU = { user: 1, system: 1, softirq: 0, steal: 0, idle: 1 };

export const nic = (rxBytes: number, txBytes: number, packets: number): NicCounters => ({
  rxBytes,
  txBytes,
  rxPackets: packets,
  txPackets: packets,
});

/** Gives one reading after the other, the last one again and again; `taken` counts them. */
export function scriptedCounters(...readings: NicCounters[]): { read: ReadCounters; taken: () => number } {
  let taken = 0;
  return {
    taken: () => taken,
    read: async () => {
      const counters = readings[Math.min(taken++, readings.length - 1)];
      if (counters === undefined) throw new Error('no readings');
      return { at: Date.now(), nic: counters, cpu: CPU };
    },
  };
}
