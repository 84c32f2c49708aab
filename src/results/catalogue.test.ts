/** Sweeps become points, points become commands that the tools accept. */
import { describe, expect, test } from '@jest/globals';
import { CATALOGUE, expandTests, metricsFor, pointKey, pointOf } from './catalogue.ts';
import { clientCommand, expectedSeconds, measuredSeconds, serverCommand } from './commands.ts';
import { latencyPoint, streamPoint } from '../../test/support/results/samples.ts';

describe('expandTests', () => {
  const times = { durationSeconds: 10, warmupSeconds: 1 };
  const direction = 'Forward' as const;

  test('numbers the points of all sweeps in spec order', () => {
    const points = expandTests({
      ...times,
      tests: [
        { name: 'latency', type: 'RequestResponse', protocol: 'UDP', messageBytes: [14, 1024], direction },
        { name: 'bandwidth', type: 'Stream', protocol: 'TCP', streams: [1, 4], direction: 'Reverse' },
        { name: 'packets', type: 'Stream', protocol: 'UDP', messageBytes: [64, 1472], streams: [1, 2], direction },
      ],
    });
    expect(points.map(({ id, test: name, messageBytes, streams }) => [id, name, messageBytes, streams])).toEqual([
      [0, 'latency', 14, 1],
      [1, 'latency', 1024, 1],
      [2, 'bandwidth', 0, 1],
      [3, 'bandwidth', 0, 4],
      [4, 'packets', 64, 1],
      [5, 'packets', 64, 2],
      [6, 'packets', 1472, 1],
      [7, 'packets', 1472, 2],
    ]);
    expect(points[3]).toEqual({
      id: 3,
      test: 'bandwidth',
      type: 'Stream',
      protocol: 'TCP',
      messageBytes: 0,
      streams: 4,
      direction: 'Reverse',
      ...times,
    });
  });

  test('has defaults: 64 B, one stream', () => {
    const points = expandTests({
      ...times,
      tests: [
        { name: 'a', type: 'RequestResponse', protocol: 'TCP', direction },
        { name: 'b', type: 'Stream', protocol: 'UDP', messageBytes: [], direction },
      ],
    });
    expect(points.map(pointOf)).toEqual([{ messageBytes: 64 }, { streams: 1 }]);
  });

  test('keys tell points apart, whatever the order of fields', () => {
    expect(pointKey('a', { streams: 1, messageBytes: 2 })).toBe(pointKey('a', { messageBytes: 2, streams: 1 }));
    const keys = [
      pointKey('a', { streams: 1 }),
      pointKey('a', { messageBytes: 1 }),
      pointKey('b', { streams: 1 }),
      pointKey('a', {}),
    ];
    expect(new Set(keys).size).toBe(4);
  });
});

describe('the catalogue', () => {
  test('has at least one primary metric per kind of test and no metric twice', () => {
    for (const { metrics } of Object.values(CATALOGUE)) {
      expect(metrics.some(({ primary }) => primary)).toBe(true);
      expect(new Set(metrics.map(({ metric }) => metric)).size).toBe(metrics.length);
    }
  });

  test('gives TCP no datagram metrics and UDP no retransmits', () => {
    expect(metricsFor({ type: 'Stream', protocol: 'TCP' }).map(({ metric }) => metric)).toEqual([
      'throughput',
      'retransmits',
    ]);
    expect(metricsFor({ type: 'Stream', protocol: 'UDP' }).map(({ metric }) => metric)).toEqual([
      'throughput',
      'lossRatio',
      'packetRate',
    ]);
  });
});

describe('commands', () => {
  test('sockperf asks for full round trips and one second for what it trims', () => {
    const point = latencyPoint({ protocol: 'TCP', durationSeconds: 10, warmupSeconds: 1 });
    expect(clientCommand(point, '10.0.0.2', '10.0.0.1', 7480).join(' ')).toBe(
      'sockperf ping-pong -i 10.0.0.2 -p 7480 --client_ip 10.0.0.1 --tcp -m 64 -t 11 --full-rtt',
    );
    expect(serverCommand(point, '10.0.0.2', 7480).join(' ')).toBe('sockperf server -i 10.0.0.2 -p 7480 --tcp');
    expect(measuredSeconds(point)).toBeCloseTo(10.55, 9);
    expect(expectedSeconds(point)).toBeCloseTo(13.2, 9);
    expect(measuredSeconds(latencyPoint())).toBeCloseTo(1.55, 9);
  });

  test('iperf3 sends UDP without a limit and leaves the warm-up out', () => {
    const point = streamPoint({
      protocol: 'UDP',
      messageBytes: 1472,
      streams: 2,
      direction: 'Bidirectional',
      warmupSeconds: 1,
    });
    expect(clientCommand(point, '10.0.0.2', '10.0.0.1', 7480).join(' ')).toBe(
      'iperf3 -c 10.0.0.2 -B 10.0.0.1 -p 7480 -J -i 1 --connect-timeout 5000 -t 2 -O 1 -u -b 0 --udp-counters-64bit -l 1472 -P 2 --bidir',
    );
    expect(serverCommand(point, '10.0.0.2', 7480).join(' ')).toBe('iperf3 -s -B 10.0.0.2 -p 7480 -1 -J');
    expect(clientCommand(streamPoint({ direction: 'Reverse' }), 'b', 'a', 1)).not.toContain('-O');
    expect(clientCommand(streamPoint({ direction: 'Reverse' }), 'b', 'a', 1)).toContain('-R');
    expect(expectedSeconds(point)).toBe(3);
  });
});
