/**
 * CPU that each end saw in use around a point: from its own /proc/stat, between the two readings of its counters. A guest
 * sees its virtual CPUs, a pod its whole node; neither sees the hypervisor's share.
 */
import type { CpuTimes, Measurement, PointResult } from '../api/protocol.ts';
import type { MetricInfo } from './catalogue.ts';
import type { Role } from './endpointKind.ts';
import { absent } from './parse/outcome.ts';

/** What the kernel counts CPU in, seconds. */
const TICK_SECONDS = 0.01;

/** The end whose CPU a metric tells; null of any other metric. */
export function cpuRole(metric: string): Role | null {
  if (metric.startsWith('cpuSeenByServer')) return 'server';
  return metric.startsWith('cpuSeenByClient') ? 'client' : null;
}

/** A metric named cpuSeenBy{Client,Server}[Per{Byte,Packet}] of the catalogue. */
export function cpuMeasurement(info: MetricInfo, ends: { client: PointResult; server: PointResult }): Measurement {
  const { cpu, nic, startedAt, endedAt } = ends[cpuRole(info.metric) ?? 'client'];
  const used = busy(cpu.after) - busy(cpu.before);
  const by = info.metric.endsWith('PerByte')
    ? counted(nic, 'rxBytes') + counted(nic, 'txBytes')
    : info.metric.endsWith('PerPacket')
      ? counted(nic, 'rxPackets') + counted(nic, 'txPackets')
      : (endedAt - startedAt) / 1000;
  if (!(used >= 0) || !(by > 0)) return absent(info, 'NotMeasured', 'the counters of the endpoint did not advance');
  if (used < TICK_SECONDS / 2) return absent(info, 'BelowResolution', 'less than a tick of CPU (10 ms) was used');
  return { metric: info.metric, unit: info.unit, value: used / by, reason: null };
}

/** Time stolen by the host is not time in use here. */
const busy = ({ user, system, softirq }: CpuTimes): number => user + system + softirq;

const counted = ({ before, after }: PointResult['nic'], counter: keyof PointResult['nic']['before']): number =>
  after[counter] - before[counter];
