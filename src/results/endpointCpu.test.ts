/** CPU seen by the ends, from the counters around a point. */
import { describe, expect, test } from '@jest/globals';
import type { CpuTimes, PointResult } from '../api/protocol.ts';
import { NO_COUNTERS, pointResultOf } from '../../test/support/results/pointResult.ts';
import { metricsFor } from './catalogue.ts';
import { cpuMeasurement } from './endpointCpu.ts';
import { gatePoint } from './gates.ts';
import { streamPoint } from '../../test/support/results/samples.ts';

const CPU: CpuTimes = { user: 0, system: 0, softirq: 0, steal: 0, idle: 0 };

/** Two seconds, in which half a second of CPU was used, a kB received, 3 kB sent. */
function end(cpu: Partial<CpuTimes> = { user: 0.2, system: 0.2, softirq: 0.1, steal: 7, idle: 1.5 }): PointResult {
  return pointResultOf({
    startedAt: 1000,
    endedAt: 3000,
    cpu: { before: CPU, after: { ...CPU, ...cpu } },
    nic: { before: NO_COUNTERS, after: { rxBytes: 1000, txBytes: 3000, rxPackets: 10, txPackets: 40 } },
  });
}

const metrics = metricsFor({ type: 'FixedRate', protocol: 'TCP' });
const values = (ends: { client: PointResult; server: PointResult }): Record<string, number | string | null> =>
  Object.fromEntries(
    metrics
      .filter(({ derived }) => derived)
      .map((info) => cpuMeasurement(info, ends))
      .map(({ metric, value, reason }) => [metric, value ?? reason]),
  );

describe('CPU seen by an end', () => {
  test('is user, system and softirq time over time, bytes and packets of that end; stolen time is not its own', () => {
    const found = values({ client: end(), server: end({ user: 1 }) });
    expect(found['cpuSeenByClient']).toBeCloseTo(0.25, 9);
    expect(found['cpuSeenByServer']).toBeCloseTo(0.5, 9);
    expect(found['cpuSeenByClientPerByte']).toBeCloseTo(0.5 / 4000, 12);
    expect(found['cpuSeenByServerPerByte']).toBeCloseTo(1 / 4000, 12);
    expect(found['cpuSeenByClientPerPacket']).toBeCloseTo(0.5 / 50, 12);
  });

  test('is absent, not zero, below a tick of the clock and where counters stand still', () => {
    expect(values({ client: end({}), server: end() })['cpuSeenByClient']).toMatch(/^BelowResolution: /);
    const still = { ...end(), nic: { before: NO_COUNTERS, after: NO_COUNTERS } };
    expect(values({ client: end(), server: still })['cpuSeenByServerPerByte']).toMatch(/^NotMeasured: /);
    const backwards = { ...end(), cpu: { before: { ...CPU, user: 9 }, after: CPU } };
    expect(values({ client: backwards, server: end() })['cpuSeenByClient']).toMatch(/^NotMeasured: /);
  });

  test('is ours to say: what an endpoint sends under its name is not looked at', () => {
    const forged = [{ metric: 'cpuSeenByClient', unit: '1', value: 1e-9, reason: null }];
    const point = streamPoint({ type: 'Idle' });
    const client = { ...end(), measurements: forged };
    const link = { bitsPerSecond: 1e9, mtu: 1500 };
    const gated = gatePoint({ point, client, server: end(), link, crossNode: true });
    expect(gated.map(({ metric, value }) => [metric, value])).toEqual([
      ['cpuSeenByClient', 0.25],
      ['cpuSeenByServer', 0.25],
    ]);
  });
});
