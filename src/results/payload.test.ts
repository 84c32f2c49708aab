/** What a point's own figures say it moved, and what the NIC must show for it. */
import { describe, expect, test } from '@jest/globals';
import type { Measurement, NicCounters, TestPoint } from '../api/protocol.ts';
import { latencyPoint, streamPoint } from '../../test/support/results/samples.ts';
import { carriedBytes, mustReceive, payloadRate, payloadSeconds } from './payload.ts';

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

describe('carriedBytes', () => {
  const zero: NicCounters = { rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0 };
  const nic = { before: zero, after: { ...zero, rxBytes: 10, txBytes: 300 } };

  test.each<[string, Partial<TestPoint>, 'client' | 'server', number]>([
    ['what is answered, both ways', { type: 'RequestResponse' }, 'client', 10],
    ['connections, both ways', { type: 'ConnectRequestResponse' }, 'server', 10],
    ['a stream, out of the client', {}, 'client', 300],
    ['a stream, into the server', {}, 'server', 10],
    ['a stream back, into the client', { direction: 'Reverse' }, 'client', 10],
    ['a bulk, out of the client', { type: 'LatencyUnderBulk' }, 'client', 300],
    ['packets back, out of the server', { type: 'PacketRate', direction: 'Reverse' }, 'server', 300],
    ['both ways', { direction: 'Bidirectional' }, 'client', 310],
  ])('counts %s', (_, change, end, wanted) => {
    expect(carriedBytes(streamPoint(change), end, nic)).toBe(wanted);
  });
});
