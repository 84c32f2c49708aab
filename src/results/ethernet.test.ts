/** The bounds against the published frame arithmetic of Ethernet. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { datagramWireBytes, payloadBound, pointBound } from './ethernet.ts';
import type { Carried } from './ethernet.ts';
import { latencyPoint, streamPoint } from '../../test/support/results/samples.ts';

const tenGigabit = (mtu: number) => ({ bitsPerSecond: 10e9, mtu });

describe('10 GbE', () => {
  test.each<[string, number, Carried, number]>([
    ['TCP, MTU 1500, timestamps', 1500, { protocol: 'TCP' }, 9.415e9],
    ['TCP, MTU 1500, no timestamps', 1500, { protocol: 'TCP', timestamps: false }, 9.493e9],
    ['UDP, MTU 1500', 1500, { protocol: 'UDP' }, 9.571e9],
    ['UDP, payload 1472', 1500, { protocol: 'UDP', messageBytes: 1472 }, 9.571e9],
    ['TCP, MTU 9000, timestamps', 9000, { protocol: 'TCP' }, 9.9e9],
    ['UDP, payload 18: 14.881 million frames of 64 B', 1500, { protocol: 'UDP', messageBytes: 18 }, 2.143e9],
  ])('%s', (_, mtu, carried, bound) => {
    expect(payloadBound(tenGigabit(mtu), carried) / bound).toBeCloseTo(1, 3);
  });

  test('64 B frames: 14.881 million a second, and shorter datagrams no more', () => {
    expect(10e9 / 8 / datagramWireBytes(18, 1500)).toBeCloseTo(14_880_952, 0);
    expect(datagramWireBytes(1, 1500)).toBe(84);
  });
});

test('a datagram above the MTU pays for each of its fragments', () => {
  expect(datagramWireBytes(1472, 1500)).toBe(1538);
  expect(datagramWireBytes(1473, 1500)).toBe(1538 + 84);
  expect(datagramWireBytes(65507, 1500)).toBe(44 * 1538 + (65515 - 44 * 1480 + 20 + 38));
});

test('both directions have twice the room, request and response do not', () => {
  const one = pointBound(tenGigabit(1500), streamPoint());
  expect(pointBound(tenGigabit(1500), streamPoint({ direction: 'Bidirectional' }))).toBe(2 * one);
  const point = latencyPoint({ messageBytes: 1472, direction: 'Bidirectional' });
  expect(pointBound(tenGigabit(1500), point)).toBe(payloadBound(tenGigabit(1500), { protocol: 'UDP' }));
});

test('no payload ever exceeds the link', () => {
  const mtu = fc.integer({ min: 68, max: 65_535 });
  const size = fc.integer({ min: 0, max: 65_507 });
  fc.assert(
    fc.property(mtu, size, fc.constantFrom('TCP' as const, 'UDP' as const), (bytes, messageBytes, protocol) => {
      const bound = payloadBound({ bitsPerSecond: 1e9, mtu: bytes }, { protocol, messageBytes });
      expect(bound).toBeGreaterThan(0);
      expect(bound).toBeLessThan(1e9);
    }),
  );
});
