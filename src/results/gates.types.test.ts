/** Every gate on every type of test: each closes on its own fault, and a good point passes all. */
import { describe, expect, test } from '@jest/globals';
import type { PointResult, TestPoint } from '../api/protocol.ts';
import { streamPoint, values } from '../../test/support/results/samples.ts';
import { CATALOGUE, metricsFor, toolOf } from './catalogue.ts';
import { expectedSeconds, measuredSeconds } from './commands.ts';
import { pointBound } from './ethernet.ts';
import { gatePoint } from './gates.ts';
import type { GateInput } from './gates.ts';
import { mustReceive } from './payload.ts';

const LINK = { bitsPerSecond: 10e9, mtu: 1500 };
const TYPES = Object.keys(CATALOGUE) as TestPoint['type'][];
/** What each type's payload is counted by. */
const RATES = ['throughput', 'bulkThroughput', 'transactionRate', 'pdrRate', 'ndrRate', 'packetRate', 'offeredRate'];

function pointOf(type: TestPoint['type']): TestPoint {
  const protocol = CATALOGUE[type].protocols[0] ?? 'TCP';
  return streamPoint({ type, test: 'any', protocol, messageBytes: 1000, durationSeconds: 10 });
}

/** A point that carries half of what the link can, both ends having counted 3 % more. */
function good(type: TestPoint['type'], share = 0.5): GateInput {
  const point = pointOf(type);
  const bits = share * pointBound(LINK, point);
  const valueOf = (metric: string, unit: string): number => {
    if (metric === 'lossRatio') return 0;
    if (!RATES.includes(metric)) return 1e-4;
    return unit === 'bit/s' ? bits : bits / 8 / point.messageBytes;
  };
  const measurements = metricsFor(point)
    .filter(({ derived }) => derived !== true)
    .map(({ metric, unit }) => ({ metric, unit, value: valueOf(metric, unit), reason: null }));
  const moved = Math.ceil((1.03 * bits * (expectedSeconds(point) + 2)) / 8);
  const tool = toolOf(point) ?? '';
  return {
    point,
    client: { ...result(point, moved, tool), measurements },
    server: result(point, moved, tool === 'netperf' ? 'netserver' : tool),
    link: LINK,
    crossNode: true,
  };
}

function result(point: TestPoint, moved: number, tool: string): PointResult {
  const seconds = expectedSeconds(point) + 1;
  const counters = (bytes: number) => ({ rxBytes: bytes, txBytes: bytes, rxPackets: bytes, txPackets: bytes });
  const cpu = (used: number) => ({ user: used, system: used, softirq: 0, steal: 0, idle: 9 * used });
  return {
    id: point.id,
    startedAt: 1_000_000,
    endedAt: 1_000_000 + seconds * 1000,
    measurements: [],
    error: null,
    raw: { tool, version: '1', command: [], exitCode: 0, stdout: '', stderr: '', truncated: false },
    nic: { before: counters(7), after: counters(7 + moved) },
    cpu: { before: cpu(1), after: cpu(2) },
  };
}

const reasons = (input: GateInput): unknown[] => [...new Set(Object.values(values(gatePoint(input))))];
const lasting = (end: PointResult, seconds: number): PointResult => ({
  ...end,
  endedAt: end.startedAt + seconds * 1000,
});
const still = (end: PointResult): PointResult => ({ ...end, nic: { before: end.nic.before, after: end.nic.before } });

describe.each(TYPES)('%s', (type) => {
  const input = good(type);
  const { client, server, point } = input;
  const received = mustReceive(point);

  test('passes where nothing speaks against it', () => {
    expect(gatePoint(input).map(({ reason }) => reason)).toEqual(metricsFor(point).map(() => null));
  });

  test.each<[string, string, Partial<GateInput>]>([
    ['the client gave up', 'Timeout', { client: { ...client, error: { reason: 'Timeout', message: 'm' } } }],
    ['the server gave up', 'ToolMissing', { server: { ...server, error: { reason: 'ToolMissing', message: 'm' } } }],
    ['ends speak of different points', 'EndsDisagree', { server: { ...server, id: 9 } }],
    ['ends ran different tools', 'EndsDisagree', { server: { ...server, raw: { ...server.raw, tool: 'other' } } }],
    ['the tool exited with 1', 'ToolFailed', { client: { ...client, raw: { ...client.raw, exitCode: 1 } } }],
    ['6 % too short', 'DurationMismatch', { client: lasting(client, 0.94 * measuredSeconds(point)) }],
    ['a clock that ran backwards', 'DurationMismatch', { client: lasting(client, -10) }],
    ['far too long', 'DurationMismatch', { client: lasting(client, 1.06 * expectedSeconds(point) + 15) }],
    ['the server stood half the time', 'EndsDisagree', { server: lasting(server, 0.5 * measuredSeconds(point)) }],
  ])('%s: %s', (_, reason, fault) => {
    const changed = { ...input, ...fault };
    expect(reasons(changed)[0]).toBe(reason);
    expect(gatePoint(changed).every(({ value }) => value === null)).toBe(true);
  });

  test('5 % of the time are allowed', () => {
    const short = { ...input, client: lasting(client, 0.96 * measuredSeconds(point)) };
    expect(reasons(short)).not.toContain('DurationMismatch');
  });

  test('payload: received, possible on the link, counted by both NICs', () => {
    const expected = (reason: string): unknown => (type === 'Idle' ? expect.anything() : reason);
    const none = client.measurements.map((one) => ({ ...one, value: 0 }));
    const first = (changed: GateInput): unknown => gatePoint(changed)[0]?.reason?.split(':')[0] ?? 'none';
    if (received) expect(first({ ...input, client: { ...client, measurements: none } })).toBe('NothingReceived');
    expect(first(good(type, 1.0005))).toBe('none');
    expect(first(good(type, 1.002))).toEqual(expected('ExceedsLinkRate'));
    expect(first({ ...good(type, 1.002), crossNode: false })).toBe('none');
    expect(first({ ...input, client: still(client) })).toEqual(expected('BytesUnaccounted'));
    expect(first({ ...input, server: still(server) })).toEqual(expected('BytesUnaccounted'));
  });
});

describe('percentiles', () => {
  const withRate = (type: TestPoint['type'], rate: number, loss: number) => {
    const input = good(type, 0.01);
    const of = (metric: string, value: number) => (one: (typeof input.client.measurements)[number]) =>
      one.metric === metric ? { ...one, value } : one;
    const measurements = input.client.measurements.map(of('transactionRate', rate)).map(of('lossRatio', loss));
    return values(gatePoint({ ...input, client: { ...input.client, measurements } }));
  };

  test.each(['RequestResponse', 'LoadedLatency', 'LatencyUnderBulk'] as const)(
    '%s: need 1,000 for p99 and 10,000 for p99.9',
    (type) => {
      const seconds = measuredSeconds(pointOf(type));
      expect(withRate(type, 940 / seconds, 0)).toMatchObject({ rttP90: 1e-4, rttP99: 'TooFewSamples' });
      expect(withRate(type, 1000 / seconds, 0)).toMatchObject({ rttP99: 1e-4, rttP999: 'TooFewSamples' });
      expect(withRate(type, 10_000 / seconds, 0)).toMatchObject({ rttP99: 1e-4, rttP999: 1e-4 });
    },
  );

  test('a lossy run has none, but keeps its rate and its loss', () => {
    const point = pointOf('LoadedLatency');
    expect(point.protocol).toBe('UDP');
    expect(withRate('LoadedLatency', 5000, 1e-4)).toMatchObject({
      rttP50: 'MessagesLost',
      rttP999: 'MessagesLost',
      lossRatio: 1e-4,
      transactionRate: 5000,
    });
  });
});

test('IPv6 leaves less room, jumbo frames more, datagrams in fragments less than whole ones', () => {
  const measured = (link: GateInput['link'], bits: number, change: Partial<TestPoint> = {}): unknown => {
    const input = good('Stream', 1);
    const measurements = input.client.measurements.map((one) =>
      one.metric === 'throughput' ? { ...one, value: bits } : one,
    );
    const point = { ...input.point, ...change };
    return values(gatePoint({ ...input, point, link, client: { ...input.client, measurements } }))['throughput'];
  };
  expect(measured(LINK, 9.4e9)).toBe(9.4e9);
  expect(measured({ ...LINK, ipv6: true }, 9.4e9)).toBe('ExceedsLinkRate');
  expect(measured({ ...LINK, ipv6: true }, 9.28e9)).toBe(9.28e9);
  expect(measured(LINK, 9.6e9)).toBe('ExceedsLinkRate');
  expect(measured({ ...LINK, mtu: 9000 }, 9.6e9)).toBe(9.6e9);
  expect(measured(LINK, 9.5e9, { protocol: 'UDP', messageBytes: 1472 })).toBe(9.5e9);
  expect(measured(LINK, 9.5e9, { protocol: 'UDP', messageBytes: 1473 })).toBe('ExceedsLinkRate');
});
