/** Points become commands that the tools accept. */
import { describe, expect, test } from '@jest/globals';
import type { TestPoint } from '../api/protocol.ts';
import { latencyPoint, streamPoint } from '../../test/support/results/samples.ts';
import {
  bulkOf,
  bulkSeconds,
  clientCommand,
  expectedSeconds,
  measuredSeconds,
  plannedPointSeconds,
  serverCommands,
  warmupCommand,
} from './commands.ts';

const PATH = { peer: '10.0.0.2', own: '10.0.0.1', port: 7480, dataPort: 9528 };
const client = (point: TestPoint): string => clientCommand(point, PATH).join(' ');
const servers = (point: TestPoint): string[] =>
  serverCommands(point, '10.0.0.2', { tool: 7480, bulk: 8504 }).map(({ command }) => command.join(' '));

describe('sockperf', () => {
  const point = latencyPoint({ protocol: 'TCP', durationSeconds: 10, warmupSeconds: 1 });

  test('asks for full round trips and one second for what it trims', () => {
    expect(client(point)).toBe(
      'sockperf ping-pong -i 10.0.0.2 -p 7480 --client_ip 10.0.0.1 --tcp -m 64 -t 11 --full-rtt',
    );
    expect(servers(point)).toEqual(['sockperf server -i 10.0.0.2 -p 7480 --tcp']);
    expect(measuredSeconds(point)).toBeCloseTo(10.55, 9);
    expect(expectedSeconds(point)).toBeCloseTo(13.2, 9);
    expect(measuredSeconds(latencyPoint())).toBeCloseTo(1.55, 9);
    expect(warmupCommand(point, PATH)).toBeNull();
  });

  test('under load sends by the clock and has every message answered', () => {
    expect(client(latencyPoint({ type: 'LoadedLatency', rate: 10_000 }))).toBe(
      'sockperf under-load -i 10.0.0.2 -p 7480 --client_ip 10.0.0.1 -m 64 -t 2 --mps 10000 --reply-every 1 --full-rtt',
    );
  });

  test('listens on what it measures', () => {
    const listens = (change: Partial<TestPoint>) => serverCommands(latencyPoint(change), 'a', { tool: 1, bulk: 2 });
    expect(listens({ protocol: 'UDP' })).toMatchObject([{ listens: 'udp', once: false }]);
    expect(listens({ protocol: 'TCP' })).toMatchObject([{ listens: 'tcp', once: false }]);
  });
});

describe('iperf3', () => {
  const udp = streamPoint({
    protocol: 'UDP',
    messageBytes: 1472,
    streams: 2,
    direction: 'Bidirectional',
    warmupSeconds: 1,
  });

  test('sends UDP without a limit and leaves the warm-up out', () => {
    expect(client(udp)).toBe(
      'iperf3 -c 10.0.0.2 -B 10.0.0.1 -p 7480 -J -i 1 --connect-timeout 5000 -t 2 -O 1 -u -b 0 --udp-counters-64bit -l 1472 -P 2 --bidir',
    );
    expect(servers(udp)).toEqual(['iperf3 -s -B 10.0.0.2 -p 7480 -1 -J']);
    expect(expectedSeconds(udp)).toBe(3);
    expect(client(streamPoint({ direction: 'Reverse' }))).not.toContain('-O');
    expect(client(streamPoint({ direction: 'Reverse' }))).toContain('-R');
    expect(client(streamPoint())).not.toContain('-b');
  });

  test('divides a rate among the streams', () => {
    expect(client(streamPoint({ type: 'FixedRate', rate: 1e9, streams: 4 }))).toContain('-b 250000000 -P 4');
    expect(client({ ...udp, type: 'FixedRate', rate: 1e6 })).toContain('-u -b 500000 ');
  });

  test('serves a whole search, but one client of any other kind', () => {
    expect(servers(streamPoint({ type: 'RateSearch', protocol: 'UDP' }))).toEqual(['iperf3 -s -B 10.0.0.2 -p 7480']);
  });
});

describe('netperf', () => {
  const point = (change: Partial<TestPoint>): TestPoint => ({ ...streamPoint({ tool: 'netperf' }), ...change });

  test.each<[string, Partial<TestPoint>, string]>([
    [
      'TCP round trips',
      { type: 'RequestResponse', messageBytes: 1 },
      '-t omni -l 2 -j -P 0 -- -d rr -T tcp -D -r 1,1 -P ,9528 -k ',
    ],
    [
      'UDP round trips',
      { type: 'RequestResponse', protocol: 'UDP', messageBytes: 1 },
      '-- -d rr -T udp -r 1,1 -P ,9528 -k ',
    ],
    [
      'connections',
      { type: 'ConnectRequestResponse', messageBytes: 64 },
      '-t TCP_CRR -l 2 -j -P 0 -- -r 64,64 -P ,9528 -k ',
    ],
    ['a stream', { messageBytes: 1024 }, '-t TCP_STREAM -l 2 -j -P 0 -- -m 1024 -P ,9528 -k '],
    [
      'a stream back',
      { direction: 'Reverse', messageBytes: 1024 },
      '-t TCP_MAERTS -l 2 -j -P 0 -- -m ,1024 -P ,9528 -k ',
    ],
    ['a stream of its own size', {}, '-- -P ,9528 -k '],
    ['datagrams', { protocol: 'UDP', messageBytes: 1472 }, '-t UDP_STREAM -l 2 -j -P 0 -- -m 1472 -R 1 -P ,9528 -k '],
  ])('measures %s', (_, change, options) => {
    expect(client(point(change))).toContain('netperf -4 -H 10.0.0.2 -L 10.0.0.1 -p 7480 -t ');
    expect(client(point(change))).toContain(options);
  });

  test('warms up by a run that is thrown away', () => {
    expect(warmupCommand(point({ warmupSeconds: 3 }), PATH)?.join(' ')).toContain(' -l 3 ');
    expect(warmupCommand(point({}), PATH)).toBeNull();
  });

  test('is served by a program of another name, over IPv6 too', () => {
    expect(servers(point({}))).toEqual(['netserver -D -4 -L 10.0.0.2 -p 7480']);
    expect(serverCommands(point({}), 'fd00::2', { tool: 1, bulk: 2 })[0]?.command).toContain('-6');
    expect(clientCommand(point({}), { ...PATH, own: 'fd00::1' })).toContain('-6');
  });
});

test('qperf has exact units and its data connection on a port of its own', () => {
  const point = latencyPoint({ tool: 'qperf', messageBytes: 1, warmupSeconds: 1 });
  expect(client(point)).toBe('qperf 10.0.0.2 -lp 7480 -ip 9528 -t 2 -m 1 -uu -vv udp_lat');
  expect(warmupCommand(point, PATH)?.join(' ')).toContain('-t 1 ');
  expect(servers(point)).toEqual(['qperf -lp 7480']);
});

describe('LatencyUnderBulk', () => {
  const point = latencyPoint({ type: 'LatencyUnderBulk', rate: 1e9, streams: 2, direction: 'Reverse' });

  test('has a probe and a TCP stream beside it, each with its server', () => {
    expect(client(point)).toContain('sockperf ping-pong');
    expect(clientCommand(bulkOf(point), PATH).join(' ')).toContain('-t 9 -b 500000000 -P 2 -R');
    expect(servers(point)).toEqual(['sockperf server -i 10.0.0.2 -p 7480', 'iperf3 -s -B 10.0.0.2 -p 8504 -1 -J']);
  });

  test('runs the stream for longer than the probe takes', () => {
    expect(bulkSeconds(point)).toBeGreaterThan(1 + 2.2 + 2 + 2);
  });
});

test('Idle runs nothing', () => {
  const point = streamPoint({ type: 'Idle' });
  expect(clientCommand(point, PATH)).toEqual([]);
  expect(servers(point)).toEqual([]);
});

test.each(['RequestResponse', 'Stream', 'LatencyUnderBulk', 'RateSearch', 'Idle', 'LoadedLatency'] as const)(
  'the schedule of %s has room for what it takes',
  (type) => {
    for (const warmupSeconds of [0, 1, 10]) {
      for (const durationSeconds of [1, 10, 60]) {
        const point = streamPoint({ type, durationSeconds, warmupSeconds });
        expect(plannedPointSeconds(point)).toBeGreaterThanOrEqual(expectedSeconds(point));
      }
    }
  },
);
