/** Test support: an endpoint's record of a point at which nothing happened, for a test to fill in. */
import type { NicCounters, PointResult } from '../../../src/api/protocol.ts';

export const NO_COUNTERS: NicCounters = { rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0 };

export function pointResultOf(changes: Partial<PointResult> = {}): PointResult {
  const cpu = { user: 0, system: 0, softirq: 0, steal: 0, idle: 0 };
  return {
    id: 0,
    startedAt: 0,
    endedAt: 2000,
    measurements: [],
    error: null,
    raw: { tool: '', version: '', command: [], exitCode: null, stdout: '', stderr: '', truncated: false },
    nic: { before: NO_COUNTERS, after: NO_COUNTERS },
    cpu: { before: cpu, after: cpu },
    ...changes,
  };
}
