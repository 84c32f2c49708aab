/** Counters read before and after a measurement, from procfs: that is always the runner's own network namespace. */
import { readFile } from 'node:fs/promises';
import type { CpuTimes, NicCounters } from '../api/protocol.ts';

export interface Snapshot {
  /** Milliseconds since the epoch. */
  at: number;
  nic: NicCounters;
  cpu: CpuTimes;
}

/** USER_HZ: the unit of /proc/stat on every Linux architecture that vfbench runs on (proc(5)). */
const TICKS_PER_SECOND = 100;

/** All counters now. */
export async function snapshot(nic: string): Promise<Snapshot> {
  const [devices, stat] = await Promise.all([readFile('/proc/net/dev', 'utf8'), readFile('/proc/stat', 'utf8')]);
  return { at: Date.now(), nic: parseDevices(devices, nic), cpu: parseStat(stat) };
}

/** One NIC's line of /proc/net/dev. Zeros where the NIC has gone. */
export function parseDevices(text: string, nic: string): NicCounters {
  const line = text.split('\n').find((candidate) => candidate.trimStart().startsWith(`${nic}:`)) ?? '';
  const fields = line
    .slice(line.indexOf(':') + 1)
    .trim()
    .split(/\s+/)
    .map(Number);
  return { rxBytes: fields[0] ?? 0, rxPackets: fields[1] ?? 0, txBytes: fields[8] ?? 0, txPackets: fields[9] ?? 0 };
}

/** First line of /proc/stat, in seconds. Nice counts as user, interrupts as system, iowait as idle. */
export function parseStat(text: string): CpuTimes {
  const fields = text.slice(0, text.indexOf('\n')).split(/\s+/).slice(1);
  const seconds = (index: number): number => Number(fields[index] ?? 0) / TICKS_PER_SECOND;
  return {
    user: seconds(0) + seconds(1),
    system: seconds(2) + seconds(5),
    softirq: seconds(6),
    steal: seconds(7),
    idle: seconds(3) + seconds(4),
  };
}
