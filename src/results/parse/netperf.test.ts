/** Every way in which netperf misleads, on output recorded from 2.7.1. */
import { describe, expect, test } from '@jest/globals';
import type { TestPoint } from '../../api/protocol.ts';
import {
  latencyPoint as anyLatencyPoint,
  output,
  sample,
  streamPoint as anyStreamPoint,
  values,
} from '../../../test/support/results/samples.ts';
import { parseNetperf } from './netperf.ts';

const latencyPoint = (changes: Partial<TestPoint> = {}) => anyLatencyPoint({ tool: 'netperf', ...changes });
const streamPoint = (changes: Partial<TestPoint> = {}) => anyStreamPoint({ tool: 'netperf', ...changes });
const tcp = { protocol: 'TCP' } as const;
const one = { messageBytes: 1 } as const;

function parse(path: string, point: TestPoint, changes: { exitCode?: number | null; stderr?: string } = {}) {
  return parseNetperf(output(sample(`netperf/${path}`), point, changes));
}

function good(path: string, point: TestPoint) {
  const outcome = parse(path, point);
  if (!outcome.ok) throw new Error(`${path}: ${outcome.problem.reason}: ${outcome.problem.message}`);
  return { ...outcome, values: values(outcome.measurements) };
}

function edited(path: string, point: TestPoint, edits: Record<string, string | null>) {
  const lines = sample(`netperf/${path}`).split('\n');
  const text = lines
    .map((line) => {
      const [key = ''] = line.split('=');
      return Object.hasOwn(edits, key) ? edits[key] && `${key}=${edits[key]}` : line;
    })
    .filter((line) => line !== null);
  return parseNetperf(output(text.join('\n'), point));
}

describe('request and response', () => {
  test('gives full round trips in whole microseconds, said in the source; no percentile that netperf lacks', () => {
    const { measurements, facts, values: found } = good('own-rr-udp.txt', latencyPoint());
    expect(found).toEqual({
      rttP50: 14e-6,
      rttP90: 17e-6,
      rttP99: 43e-6,
      rttMean: 21.21 / 1e6,
      transactionRate: 47046.651,
    });
    expect(measurements[0]).toMatchObject({
      source: { tool: 'netperf', field: 'P50_LATENCY (whole microseconds)', end: 'Client' },
      loop: 'Closed',
    });
    expect(facts).toMatchObject({ durationSeconds: 2, samples: 94099, bytesReceived: 94099 * 64 });
  });

  test.each([
    ['own-rr-tcp.txt', latencyPoint(tcp), 17e-6, 41130.921],
    ['own-rr-udp-ipv6.txt', latencyPoint({ durationSeconds: 1 }), 18e-6, 44685.299],
    ['tcp_rr-keyval.txt', latencyPoint({ ...tcp, ...one }), 16e-6, 60662.508],
    ['udp_rr-keyval.txt', latencyPoint(one), 14e-6, 52538.636],
    ['tcp_rr-csv.txt', latencyPoint(tcp), 17e-6, 57056.811],
  ] as const)('%s is read', (path, point, rttP50, transactionRate) => {
    expect(good(path, point).values).toMatchObject({ rttP50, transactionRate });
  });

  test('all omni selectors at once, more of them than any parser asks for', () => {
    expect(good('tcp_rr-all.txt', latencyPoint({ ...tcp, ...one, durationSeconds: 1 })).values).toEqual({
      rttP50: 16e-6,
      rttP90: 17e-6,
      rttP99: 47e-6,
      rttMean: 22.5 / 1e6,
      transactionRate: 44329.554,
    });
  });

  test('-1 and 0 are no values', () => {
    for (const value of ['-1', '-1.00', '0']) {
      const outcome = edited('own-rr-udp.txt', latencyPoint(), { MIN_LATENCY: value, P50_LATENCY: value });
      expect(outcome.ok && values(outcome.measurements)).toMatchObject({ rttP50: 'NotMeasured', rttP90: 17e-6 });
    }
  });

  test('p99 of 999 transactions is absent', () => {
    const outcome = edited('own-rr-udp.txt', latencyPoint(), { LOCAL_RECV_CALLS: '999' });
    expect(outcome.ok && values(outcome.measurements)).toMatchObject({ rttP99: 'TooFewSamples', rttP90: 17e-6 });
  });

  test('a lost datagram stops the run without an error: transactions that do not fill the time give it away', () => {
    const stopped = { THROUGHPUT: '23523.32', TRANSACTION_RATE: '23523.325', RT_LATENCY: '42.511' };
    const outcome = edited('own-rr-udp.txt', latencyPoint(), stopped);
    expect(outcome).toMatchObject({ problem: { reason: 'InconsistentOutput' } });
    expect(!outcome.ok && outcome.problem.message).toContain('do not fill the time');
  });

  test.each([
    ['rate and time per transaction', { RT_LATENCY: '2.125' }],
    ['two rates', { THROUGHPUT: '4704.66' }],
    ['percentiles that fall', { P90_LATENCY: '13' }],
    ['no transactions', { TRANSACTION_RATE: '0.000' }],
    ['a rate that is none', { TRANSACTION_RATE: '47046.651x' }],
  ])('figures that contradict each other are refused: %s', (_, edits) => {
    expect(edited('own-rr-udp.txt', latencyPoint(), edits)).toMatchObject({
      problem: { reason: 'InconsistentOutput' },
    });
  });
});

test('connect, request and response: a rate of whole connections, never taken for a request/response', () => {
  const point = latencyPoint({ ...tcp, type: 'ConnectRequestResponse' });
  expect(good('own-crr-tcp.txt', point).values).toEqual({
    transactionRate: 8918.643,
    rttP50: 78e-6,
    rttP90: 92e-6,
    rttP99: 1500e-6,
    rttMean: 112.04 / 1e6,
  });
  expect(good('tcp_crr-keyval.txt', { ...point, ...one }).values).toMatchObject({ transactionRate: 12938.107 });
  expect(parse('own-crr-tcp.txt', latencyPoint(tcp))).toMatchObject({ problem: { reason: 'WrongTest' } });
  expect(parse('own-rr-tcp.txt', point)).toMatchObject({ problem: { reason: 'WrongTest' } });
});

describe('a stream', () => {
  test('gives what the receiver got, whichever end that is; the sender’s retransmits', () => {
    const forward = good('own-stream-tcp.txt', streamPoint({ messageBytes: 16384 }));
    expect(forward.values).toEqual({ throughput: 11625.64e6, retransmits: 1 });
    expect(forward.measurements[0]?.source).toEqual({
      tool: 'netperf',
      field: 'REMOTE_RECV_THROUGHPUT',
      end: 'Receiver',
    });
    const reverse = good('own-stream-tcp-reverse.txt', streamPoint({ messageBytes: 16384, direction: 'Reverse' }));
    expect(reverse.values).toEqual({ throughput: 11784.1e6, retransmits: 20 });
  });

  test('of UDP: received datagrams, never those sent; -1 retransmits are no metric', () => {
    const {
      values: found,
      measurements,
      facts,
    } = good('own-stream-udp.txt', streamPoint({ protocol: 'UDP', messageBytes: 1472 }));
    expect(found).toEqual({
      throughput: 678.68e6,
      lossRatio: 1 - 115272 / 179540,
      packetRate: 678.68e6 / 8 / 1472,
    });
    expect(measurements[0]?.loop).toBe('Open');
    expect(facts).toMatchObject({ messagesSent: 179540, messagesReceived: 115272, bytesReceived: 169680384 });
    const point = streamPoint({ protocol: 'UDP', messageBytes: 1472, direction: 'Reverse' });
    expect(good('own-stream-udp-reverse.txt', point).values).toMatchObject({
      throughput: 422.9e6,
      lossRatio: 1 - 71828 / 184420,
    });
  });

  test('fills its latencies with the time of a send call and its transaction rate with 1: none of them is read', () => {
    const text = sample('netperf/own-stream-tcp.txt');
    expect(text).toContain('P50_LATENCY=2\n');
    expect(text).toContain('TRANSACTION_RATE=1.000\n');
    expect(parseNetperf(output(text, latencyPoint(tcp)))).toMatchObject({ problem: { reason: 'WrongTest' } });
  });

  test('whose bytes and rate contradict each other, or that received nothing, is refused', () => {
    const point = streamPoint({ messageBytes: 16384 });
    expect(edited('own-stream-tcp.txt', point, { REMOTE_BYTES_RECVD: '290770124' })).toMatchObject({
      problem: { reason: 'InconsistentOutput' },
    });
    expect(edited('own-stream-tcp.txt', point, { REMOTE_RECV_THROUGHPUT: '0.00' })).toMatchObject({
      problem: { reason: 'NothingReceived' },
    });
    expect(edited('own-stream-tcp.txt', point, { REMOTE_RECV_THROUGHPUT: '-1.00' })).toMatchObject({
      problem: { reason: 'NoReceiverReport' },
    });
  });

  test('more datagrams received than sent are no loss of less than nothing', () => {
    const point = streamPoint({ protocol: 'UDP', messageBytes: 1472 });
    const outcome = edited('own-stream-udp.txt', point, { LOCAL_SEND_CALLS: '100000' });
    expect(outcome.ok && values(outcome.measurements)['lossRatio']).toBe('Implausible');
  });
});

describe('what is no result', () => {
  test.each([
    ['err.txt', 255, 'PeerUnreachable', 'establish control: are you sure there is a netserver'],
    ['own-bad-selector.txt', 0, 'UnreadableOutput', 'no complete list'],
    ['tcp_rr-burst.txt', 0, 'WrongTest', 'BURST_SIZE=8'],
    ['tcp_rr-ci.txt', 0, 'WrongTest', 'CONFIDENCE_ITERATION=3'],
    ['ci-fail-P0.txt', 0, 'UnreadableOutput', 'THROUGHPUT=7018.48'],
    ['tcp_rr-demo.txt', 0, 'UnreadableOutput', 'NETPERF_INTERIM_RESULT'],
    ['tcp_rr-legacy.txt', 0, 'UnreadableOutput', 'MIGRATED TCP REQUEST/RESPONSE'],
    ['tcp_stream-legacy.txt', 0, 'UnreadableOutput', 'MIGRATED TCP STREAM'],
    ['udp_stream-legacy.txt', 0, 'UnreadableOutput', 'MIGRATED UDP STREAM'],
    ['tcp_stream-ci-fail.txt', 0, 'ToolFailed', '!!! WARNING'],
    ['tcp_stream-keyval.txt', 0, 'UnreadableOutput', 'no complete list'],
    ['tcp_maerts-keyval.txt', 0, 'UnreadableOutput', 'no complete list'],
    ['udp_stream-keyval.txt', 0, 'UnreadableOutput', 'no complete list'],
    ['own-rr-tcp.txt', 1, 'ToolFailed', 'exited with code 1'],
    ['own-rr-tcp.txt', null, 'ToolFailed', 'ended by a signal'],
  ])('%s with exit code %s: %s', (path, exitCode, reason, words) => {
    for (const point of [latencyPoint({ ...tcp, ...one }), streamPoint()]) {
      const outcome = parse(path, point, { exitCode });
      if (outcome.ok || (outcome.problem.reason === 'WrongTest' && reason !== 'WrongTest')) throw new Error(path);
      if (reason === 'WrongTest' && point.type === 'Stream') continue;
      expect(outcome.problem.reason).toBe(reason);
      expect(outcome.problem.message).toContain(words);
    }
  });

  test('an option that netperf did not understand: it exits 0 and measures its defaults', () => {
    const stderr = sample('netperf/own-bad-option.stderr');
    const point = latencyPoint({ durationSeconds: 1 });
    expect(parse('own-bad-option.txt', point, { stderr })).toMatchObject({
      problem: { reason: 'ToolFailed', message: "netperf: invalid option -- 'Q'" },
    });
    expect(parse('own-bad-option.txt', point)).toMatchObject({
      problem: { reason: 'WrongTest', message: 'netperf reports REQUEST_SIZE=1 where 64 was asked for' },
    });
  });

  test('a server that died is told by the exit code and standard error', () => {
    const outcome = parseNetperf(
      output('', latencyPoint(), { exitCode: 1, stderr: sample('netperf/own-killed.stderr') }),
    );
    expect(outcome).toMatchObject({ problem: { reason: 'ToolFailed' } });
    expect(!outcome.ok && outcome.problem.message).toContain('partial response received');
  });

  test('a selector that is given twice with different values', () => {
    const text = `${sample('netperf/own-rr-udp.txt')}P50_LATENCY=3\n`;
    expect(parseNetperf(output(text, latencyPoint()))).toMatchObject({ problem: { reason: 'UnreadableOutput' } });
  });

  test.each<[string, Partial<TestPoint>]>([
    ['protocol', { protocol: 'TCP' }],
    ['size', { messageBytes: 65 }],
    ['kind', { type: 'Stream' }],
  ])('an output of another test is refused: %s', (_, point) => {
    expect(parse('own-rr-udp.txt', latencyPoint(point))).toMatchObject({ problem: { reason: 'WrongTest' } });
  });

  test('another time than asked, several streams, both directions', () => {
    expect(parse('own-rr-udp.txt', latencyPoint({ durationSeconds: 10 }))).toMatchObject({
      problem: { reason: 'DurationMismatch' },
    });
    for (const point of [streamPoint({ streams: 2 }), streamPoint({ direction: 'Bidirectional' })]) {
      expect(parse('own-stream-tcp.txt', point)).toMatchObject({ problem: { reason: 'WrongTest' } });
    }
  });
});
