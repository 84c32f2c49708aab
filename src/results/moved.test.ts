/** How many bytes each tool says went which way, what its own figures leave out included: on recorded output. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MovedBytes, TestPoint } from '../api/protocol.ts';
import { latencyPoint, output, sample, streamPoint } from '../../test/support/results/samples.ts';
import { mostMoved, movedToIperf3Server, sumMoved } from './moved.ts';
import { parserOf } from './parse/parserOf.ts';

const UDP = { protocol: 'UDP', messageBytes: 1400, warmupSeconds: 1 } as const;
const both = (bytes: number): MovedBytes => ({ toServer: bytes, toClient: bytes });

describe('by the client', () => {
  test.each<[string, string, TestPoint, MovedBytes]>([
    ['iperf3', 'tcp', streamPoint(), { toServer: 3395813376, toClient: 0 }],
    // Of its warm-up the sender knows what it sent, which need not have arrived.
    ['iperf3', 'v3.18/tcp-omit-2', streamPoint({ warmupSeconds: 1 }), { toServer: 4530372608, toClient: 0 }],
    [
      'iperf3',
      'tcp-reverse',
      streamPoint({ direction: 'Reverse' }),
      { toServer: 0, toClient: 1978925056 + 1870397440 },
    ],
    [
      'iperf3',
      'udp-bidir-omit',
      streamPoint({ ...UDP, direction: 'Bidirectional' }),
      { toServer: 90105400, toClient: 36631000 + 38922800 + 45078600 },
    ],
    ['netperf', 'own-stream-tcp', streamPoint({ messageBytes: 16384 }), { toServer: 2907701248, toClient: 0 }],
    [
      'netperf',
      'own-stream-tcp-reverse',
      streamPoint({ direction: 'Reverse', messageBytes: 16384 }),
      { toServer: 0, toClient: 2946119297 },
    ],
    ['netperf', 'own-rr-udp', latencyPoint(), both(6022336)],
    ['sockperf', 'pp-udp', latencyPoint({ messageBytes: 14 }), both(146494 * 14)],
    ['sockperf', 'ul-udp', latencyPoint({ type: 'LoadedLatency', rate: 10_000 }), both(2000 * 64)],
    ['qperf', 'own-tcp_bw', streamPoint({ messageBytes: 16384 }), { toServer: 71575 * 16384, toClient: 0 }],
    ['qperf', 'own-udp_lat', latencyPoint(), { toServer: 84291 * 64, toClient: 84290 * 64 }],
  ])('%s %s', (tool, file, point, expected) => {
    const path = `${tool}/${file}.${tool === 'iperf3' ? 'json' : 'txt'}`;
    const outcome = parserOf(tool, point.type)?.(output(sample(path), point));
    if (outcome?.ok !== true) throw new Error(JSON.stringify(outcome));
    expect(outcome.facts.moved).toEqual(expected);
  });
});

describe('by an iperf3 server', () => {
  test.each([
    ['a warm-up and the stream after it', 'server-omit', 2087452672 + 2374631424 + 2558132224 + 5767168],
    ['what came, not what it sent', 'server-bidir-omit', 1225129984 + 1316487168 + 2200305664 + 1310720],
  ])('%s', (_, file, toServer) => {
    expect(movedToIperf3Server(sample(`iperf3/v3.18/${file}.json`))).toEqual({ toServer, toClient: 0 });
  });

  test('no document, no word', () => {
    expect(movedToIperf3Server('Server listening on 5201\n')).toBeUndefined();
    expect(movedToIperf3Server('')).toBeUndefined();
  });

  test('any document is a count', () => {
    const sum = fc.record({ sender: fc.anything(), bytes: fc.anything() });
    const interval = fc.oneof(fc.record({ sum, sum_bidir_reverse: sum }), fc.anything());
    fc.assert(
      fc.property(fc.array(interval), (intervals) => {
        const { toServer = NaN } = movedToIperf3Server(JSON.stringify({ intervals })) ?? {};
        expect(Number.isFinite(toServer) && toServer >= 0).toBe(true);
      }),
    );
  });
});

test('runs one after the other add up, ends that speak of the same bytes do not', () => {
  const [one, two] = [
    { toServer: 10, toClient: 1 },
    { toServer: 5, toClient: 2 },
  ];
  expect(sumMoved(one, undefined, two)).toEqual({ toServer: 15, toClient: 3 });
  expect(mostMoved(one, undefined, two)).toEqual({ toServer: 10, toClient: 2 });
  expect(sumMoved()).toEqual({ toServer: 0, toClient: 0 });
});
