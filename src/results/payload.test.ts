/** What a point's own figures say it moved, and what the NIC must show for it. */
import { describe, expect, test } from '@jest/globals';
import type { Measurement, NicCounters, TestPoint } from '../api/protocol.ts';
import { latencyPoint, streamPoint } from '../../test/support/results/samples.ts';
import { countedBytes, mustReceive, payloadMoved, payloadRate, payloadSeconds, shortfall } from './payload.ts';

const of = (metric: string, value: number | null): Measurement => ({
  metric,
  unit: '1',
  value,
  reason: value === null ? 'X: y' : null,
});

describe('payloadRate', () => {
  test.each<[TestPoint, Measurement[], number | null]>([
    [streamPoint(), [of('throughput', 1e9)], 1e9],
    [latencyPoint(), [of('transactionRate', 1000)], 1000 * 64 * 8],
    [latencyPoint({ type: 'LoadedLatency' }), [of('offeredRate', 9), of('transactionRate', 1000)], 1000 * 64 * 8],
    [latencyPoint({ type: 'LatencyUnderBulk' }), [of('transactionRate', 9), of('bulkThroughput', 5e8)], 5e8],
    [latencyPoint({ type: 'RateSearch' }), [of('ndrRate', 100), of('pdrRate', 200)], 200 * 64 * 8],
    [latencyPoint({ type: 'RateSearch' }), [of('ndrRate', 100), of('pdrRate', null)], 100 * 64 * 8],
    [streamPoint({ type: 'Idle' }), [of('throughput', 1)], null],
    [streamPoint(), [of('throughput', null)], null],
  ])('%#', (point, measurements, wanted) => expect(payloadRate(point, measurements)).toBe(wanted));
});

test('only what sends must receive, and a search says itself when it did not', () => {
  expect(mustReceive(streamPoint())).toBe(true);
  expect(mustReceive(streamPoint({ type: 'Idle' }))).toBe(false);
  expect(mustReceive(streamPoint({ type: 'RateSearch' }))).toBe(false);
});

test('a bulk runs for longer than the round trips beside it', () => {
  const point = latencyPoint({ type: 'LatencyUnderBulk' });
  expect(payloadSeconds(point)).toBeGreaterThan(payloadSeconds(latencyPoint()) + 3);
});

describe('what a NIC must show of 100 bytes each way', () => {
  const zero: NicCounters = { rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0 };
  const nic = { before: { ...zero, rxBytes: 7, txBytes: 7 }, after: { ...zero, rxBytes: 17, txBytes: 307 } };

  /** Of a NIC that received 10 and sent 300: the direction it lacks, and what it counted. */
  const lack = (change: Partial<TestPoint>, end: 'client' | 'server', bytes = 100): [string, number] | null => {
    const point = streamPoint({ messageBytes: 1, ...change });
    const rate = bytes / payloadSeconds(point);
    const measurements = [
      of('throughput', rate * 8),
      of('bulkThroughput', rate * 8),
      of('transactionRate', rate),
      of('pdrRate', rate),
    ];
    const found = shortfall(payloadMoved(point, { measurements }), countedBytes(end, nic));
    return found === null ? null : [found.way, found.counted];
  };

  test.each<[Partial<TestPoint>, 'client' | 'server', [string, number] | null]>([
    [{ type: 'RequestResponse' }, 'client', ['toClient', 10]],
    [{ type: 'RequestResponse' }, 'server', ['toServer', 10]],
    [{ type: 'ConnectRequestResponse' }, 'client', ['toClient', 10]],
    [{ type: 'ConnectRequestResponse' }, 'server', ['toServer', 10]],
    [{ type: 'LoadedLatency' }, 'client', ['toClient', 10]],
    [{ type: 'LoadedLatency' }, 'server', ['toServer', 10]],
    [{}, 'client', null],
    [{}, 'server', ['toServer', 10]],
    [{ direction: 'Reverse' }, 'client', ['toClient', 10]],
    [{ direction: 'Reverse' }, 'server', null],
    [{ type: 'LatencyUnderBulk' }, 'client', null],
    [{ type: 'LatencyUnderBulk' }, 'server', ['toServer', 10]],
    [{ type: 'PacketRate', direction: 'Reverse' }, 'server', null],
    [{ type: 'PacketRate', direction: 'Reverse' }, 'client', ['toClient', 10]],
    [{ type: 'RateSearch' }, 'client', null],
    [{ type: 'RateSearch' }, 'server', ['toServer', 10]],
    [{ type: 'Idle' }, 'server', null],
    [{ direction: 'Bidirectional' }, 'client', null],
  ])('%j at the %s: %j', (change, end, expected) => expect(lack(change, end)).toEqual(expected));

  test('of both ways together where the tool tells no more', () => {
    expect(lack({ direction: 'Bidirectional' }, 'client', 326)).toBeNull();
    expect(lack({ direction: 'Bidirectional' }, 'client', 327)).toEqual(['together', 310]);
  });
});

describe('bytes that moved', () => {
  const rate = [of('throughput', 800)];

  test('are those that the tools counted, or of the rate and its time, whichever is more', () => {
    const point = streamPoint({ durationSeconds: 10 });
    expect(payloadMoved(point, { measurements: rate })).toEqual({ toServer: 1000, toClient: 0, together: 0 });
    const less = { toServer: 999, toClient: 5 };
    expect(payloadMoved(point, { measurements: rate, moved: less })).toMatchObject({ toServer: 1000, toClient: 5 });
    const more = { toServer: 2000, toClient: 0 };
    expect(payloadMoved(point, { measurements: rate, moved: less }, { moved: more })).toMatchObject({ toServer: 2000 });
    expect(payloadMoved(point, { measurements: [] }, { moved: more })).toMatchObject({ toServer: 2000 });
  });
});
