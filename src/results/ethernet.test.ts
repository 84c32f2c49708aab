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
    expect(10e9 / 8 / datagramWireBytes(18, { mtu: 1500 })).toBeCloseTo(14_880_952, 0);
    expect(datagramWireBytes(1, { mtu: 1500 })).toBe(84);
  });
});

describe('IPv6', () => {
  test.each<[string, number, Carried, number]>([
    ['TCP, MTU 1500, timestamps', 1500, { protocol: 'TCP' }, (10e9 * 1428) / 1538],
    ['TCP, MTU 9000, timestamps', 9000, { protocol: 'TCP' }, (10e9 * 8928) / 9038],
    ['UDP, MTU 1500', 1500, { protocol: 'UDP' }, (10e9 * 1452) / 1538],
    ['UDP, payload 18', 1500, { protocol: 'UDP', messageBytes: 18 }, (10e9 * 18) / (18 + 8 + 40 + 38)],
  ])('%s', (_, mtu, carried, bound) => {
    expect(payloadBound({ ...tenGigabit(mtu), ipv6: true }, carried)).toBeCloseTo(bound, 0);
  });

  test('fragments carry a header of their own', () => {
    const link = { mtu: 1500, ipv6: true };
    expect(datagramWireBytes(1452, link)).toBe(1538);
    expect(datagramWireBytes(1453, link)).toBe(40 + 8 + 1448 + 38 + (40 + 8 + 13 + 38));
  });
});

describe('a datagram above the MTU pays for each of its fragments', () => {
  test.each([
    [1500, 1472, 1538],
    [1500, 1473, 1538 + 84],
    [1500, 2952, 2 * 1538],
    [1500, 2953, 2 * 1538 + 84],
    [1500, 65507, 44 * 1538 + (65515 - 44 * 1480 + 20 + 38)],
    [9000, 8972, 9038],
    [9000, 8973, 8996 + 38 + (20 + 5 + 38 + 21)],
    [1499, 1472, 20 + 1472 + 38 + 84],
  ])('MTU %i, payload %i: %i bytes', (mtu, payload, bytes) => {
    expect(datagramWireBytes(payload, { mtu })).toBe(bytes);
  });
});

test('a VLAN tag only lowers what fits: the bound without it holds', () => {
  const untagged = payloadBound(tenGigabit(1500), { protocol: 'TCP' });
  expect((10e9 * 1448) / (1538 + 4)).toBeLessThan(untagged);
  expect(1 - 1538 / 1542).toBeCloseTo(0.0026, 4);
});

test('IPv6 never carries more than IPv4, whole or in fragments', () => {
  const mtu = fc.integer({ min: 1280, max: 65_535 });
  const size = fc.integer({ min: 1, max: 65_487 });
  fc.assert(
    fc.property(mtu, size, (bytes, payload) => {
      const [four, six] = [false, true].map((ipv6) => datagramWireBytes(payload, { mtu: bytes, ipv6 }));
      expect(six).toBeGreaterThanOrEqual(four ?? Infinity);
    }),
  );
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
