/** Every way in which qperf misleads, on output recorded from 0.4.11. */
import { describe, expect, test } from '@jest/globals';
import type { TestPoint } from '../../api/protocol.ts';
import {
  latencyPoint as anyLatencyPoint,
  output,
  sample,
  streamPoint as anyStreamPoint,
  values,
} from '../../../test/support/results/samples.ts';
import { parseQperf } from './qperf.ts';

const latencyPoint = (changes: Partial<TestPoint> = {}) => anyLatencyPoint({ tool: 'qperf', ...changes });
const streamPoint = (changes: Partial<TestPoint> = {}) => anyStreamPoint({ tool: 'qperf', ...changes });
const tcp = { protocol: 'TCP' } as const;

const parse = (path: string, point: TestPoint, changes = {}) =>
  parseQperf(output(sample(`qperf/${path}`), point, changes));

function good(path: string, point: TestPoint) {
  const outcome = parse(path, point);
  if (!outcome.ok) throw new Error(`${path}: ${outcome.problem.reason}: ${outcome.problem.message}`);
  return { ...outcome, values: values(outcome.measurements) };
}

describe('latency', () => {
  test('is half a round trip, its message rate counts both directions: both are made whole', () => {
    const { values: found, measurements, facts } = good('own-tcp_lat.txt', latencyPoint(tcp));
    expect(found).toEqual({ rttMean: expect.closeTo(2 * 12345e-9, 15), transactionRate: 81008 / 2 });
    expect(1 / Number(found['rttMean'])).toBeCloseTo(Number(found['transactionRate']), -2);
    const mean = measurements.find(({ metric }) => metric === 'rttMean');
    expect(mean).toMatchObject({ source: { tool: 'qperf', field: '2 * latency', end: 'Client' }, loop: 'Closed' });
    expect(facts).toMatchObject({ durationSeconds: 2, messagesSent: 81007, messagesReceived: 81007 });
    expect(good('own-udp_lat.txt', latencyPoint()).values).toMatchObject({ transactionRate: 84290 / 2 });
  });

  test('in units for people, with grouped thousands, one test among several', () => {
    const found = good('vv.txt', latencyPoint({ ...tcp, durationSeconds: 1 })).values;
    expect(found).toMatchObject({ rttMean: expect.closeTo(22e-6, 12), transactionRate: 90_800 / 2 });
  });

  test('of 0 ns with exit code 0, every send having failed, is none', () => {
    expect(sample('qperf/own-too-long.txt')).toMatch(/latency +=  +0 ns/);
    expect(parse('own-too-long.txt', latencyPoint({ messageBytes: 999999 }))).toMatchObject({ ok: false });
  });
});

describe('bandwidth', () => {
  test('in bytes becomes bits, decimal', () => {
    const { values: found } = good('own-tcp_bw.txt', streamPoint({ messageBytes: 16384 }));
    expect(found).toEqual({ throughput: 586342400 * 8, retransmits: 'NotReported' });
    expect(good('vv.txt', streamPoint({ durationSeconds: 1, messageBytes: 64 })).values['throughput']).toBe(150.4e6);
  });

  test('of UDP is the receiver’s', () => {
    const { values: found, measurements } = good(
      'own-udp_bw.txt',
      streamPoint({ protocol: 'UDP', messageBytes: 1472 }),
    );
    expect(found).toEqual({
      throughput: 53445376 * 8,
      lossRatio: 1 - 72616 / 108188,
      packetRate: 53445376 / 1472,
    });
    expect(measurements[0]).toMatchObject({ source: { field: 'recv_bw', end: 'Receiver' }, loop: 'Open' });
  });
});

describe('what is no result', () => {
  test.each([
    ['own-no-server.txt', 1, 'PeerUnreachable', 'failed to connect'],
    ['err.txt', 1, 'PeerUnreachable', 'failed to connect'],
    ['err.txt', 0, 'PeerUnreachable', 'failed to connect'],
    ['uu-vvC.txt', 1, 'ToolFailed', 'bad option'],
    ['uu-vvC.txt', 0, 'ToolFailed', 'bad option'],
    ['own-tcp_lat.txt', 124, 'ToolFailed', 'exited with code 124'],
    ['own-udp_bw.txt', 0, 'UnreadableOutput', 'no complete report of tcp_lat'],
    ['sweep.txt', 0, 'UnreadableOutput', 'no complete report of tcp_lat'],
    ['plain.txt', 0, 'UnreadableOutput', 'no complete report of tcp_lat'],
    ['u-vvs.txt', 0, 'UnreadableOutput', 'no size and time'],
    ['own-two-tests.txt', 0, 'UnreadableOutput', 'no size and time'],
  ])('%s with exit code %i: %s', (path, exitCode, reason, words) => {
    const outcome = parse(path, latencyPoint(tcp), { exitCode });
    expect(outcome).toMatchObject({ ok: false, problem: { reason } });
    expect(!outcome.ok && outcome.problem.message).toContain(words);
  });

  test('another test than the one asked for', () => {
    const wrong = [
      parse('own-tcp_lat.txt', latencyPoint({ ...tcp, messageBytes: 65 })),
      parse('own-tcp_bw.txt', streamPoint({ streams: 2 })),
      parse('own-tcp_bw.txt', streamPoint({ direction: 'Reverse' })),
    ];
    for (const outcome of wrong) expect(outcome).toMatchObject({ problem: { reason: 'WrongTest' } });
    const long = parse('own-tcp_lat.txt', latencyPoint({ ...tcp, durationSeconds: 10 }));
    expect(long).toMatchObject({ problem: { reason: 'DurationMismatch' } });
  });

  test.each([
    ['12345 ns', '12345 us'],
    ['81008 /sec', '81008 K/sec'],
    ['=       12345 ns', '=        2345 ns'],
    ['loc_recv_msgs    =       81007', 'loc_recv_msgs    =        8100'],
  ])('figures that contradict each other: %s as %s', (from, to) => {
    const text = sample('qperf/own-tcp_lat.txt');
    expect(text).toContain(from);
    const outcome = parseQperf(output(text.replace(from, to), latencyPoint(tcp)));
    expect(outcome).toMatchObject({ problem: { reason: 'InconsistentOutput' } });
  });
});
