/** sockperf's open loop and its throughput mode, on output recorded from 3.7. */
import { describe, expect, test } from '@jest/globals';
import { latencyPoint, output, sample, streamPoint, values } from '../../../test/support/results/samples.ts';
import { latencyReadings, lossReading } from './sockperfLatencies.ts';
import { parseSockperfThroughput } from './sockperfThroughput.ts';
import { parseSockperfUnderLoad } from './sockperfUnderLoad.ts';
import { sockperfReport } from './sockperfReport.ts';
import { plain } from './outcome.ts';

const underLoad = (path: string, asked: number | null = null) =>
  parseSockperfUnderLoad(output(sample(`sockperf/${path}`), latencyPoint()), asked);

describe('under load', () => {
  test('gives round trips of an open loop, at the rate that was asked for', () => {
    const outcome = underLoad('ul-rtt.txt', 10_000);
    expect(outcome.ok && values(outcome.measurements)).toEqual({
      rttP50: expect.closeTo(29.989e-6, 12),
      rttP90: expect.closeTo(891.31e-6, 12),
      rttP99: expect.closeTo(3649.346e-6, 12),
      rttP999: expect.closeTo(8808.48e-6, 12),
      rttMean: expect.closeTo(280.496e-6, 12),
      transactionRate: 15477 / 1.548,
      lossRatio: 0,
    });
    const first = outcome.ok ? outcome.measurements[0] : null;
    expect(first).toMatchObject({ loop: 'Open', source: { field: 'percentile 50.000', end: 'Client' } });
  });

  test('half round trips, few replies: doubled, and p99.9 is absent', () => {
    const outcome = underLoad('ul-udp.txt');
    expect(outcome.ok && values(outcome.measurements)).toMatchObject({
      rttP99: expect.closeTo(2 * 1425.514e-6, 9),
      rttP999: 'TooFewSamples',
    });
  });

  test('lost replies void the percentiles; loss is that of the replies awaited, not of all messages sent', () => {
    for (const [path, loss] of [
      ['ul-rtt-lossy.txt', 214 / (14894 + 214)],
      ['ul-max.txt', 797 / (1569 + 797)],
    ] as const) {
      const outcome = underLoad(path);
      const found = outcome.ok ? values(outcome.measurements) : {};
      expect(found).toMatchObject({ rttP50: 'MessagesLost', rttMean: 'MessagesLost', lossRatio: loss });
    }
  });

  test('a client that cannot send at the rate has no latencies for it', () => {
    const outcome = underLoad('ul-rtt-too-fast.txt', 1_000_000);
    expect(outcome.ok && values(outcome.measurements)).toMatchObject({ rttP50: 'OfferedRateMissed' });
    expect(outcome.ok && outcome.measurements[0]?.reason).toContain('115965 messages/s were sent, 1000000 were asked');
  });

  test.each([
    ['ul-no-server.txt', 'PeerUnreachable'],
    ['tp-udp.txt', 'UnreadableOutput'],
    ['ul-full.csv', 'UnreadableOutput'],
  ])('%s: %s', (path, reason) => {
    expect(underLoad(path)).toMatchObject({ ok: false, problem: { reason } });
  });
});

describe('throughput', () => {
  const throughput = (path: string, changes = {}) =>
    parseSockperfThroughput(output(sample(`sockperf/${path}`), streamPoint({ protocol: 'UDP' }), changes));

  test('says nothing of what arrived: all that belongs to the receiver is absent', () => {
    const outcome = throughput('tp-udp.txt');
    expect(outcome.ok && values(outcome.measurements)).toEqual({
      throughput: 'SenderOnly',
      lossRatio: 'SenderOnly',
      packetRate: 'SenderOnly',
    });
    expect(outcome.ok && outcome.facts).toMatchObject({
      messagesSent: 280208,
      durationSeconds: 2,
      bytesReceived: null,
    });
  });

  test('its "Mbps" are 2^20: no value is ever made of them', () => {
    const text = sample('sockperf/tp-udp.txt');
    expect((140069 * 1472 * 8) / 2 ** 20).toBeCloseTo(1573.041, 2);
    expect((140069 * 1472 * 8) / 1e6).toBeCloseTo(1649.45, 2);
    expect(text).toContain('(1573.041 Mbps)');
    expect(JSON.stringify(throughput('tp-udp.txt'))).not.toMatch(/1573|1649/);
  });

  test.each([
    ['tp-tcp.txt', { exitCode: 1 }, 'ToolFailed'],
    ['err-udp-noserver.txt', {}, 'PeerUnreachable'],
    ['pp-udp.txt', {}, 'UnreadableOutput'],
    ['sigint.txt', {}, 'Interrupted'],
  ])('%s: %s', (path, changes, reason) => {
    expect(throughput(path, changes)).toMatchObject({ ok: false, problem: { reason } });
  });

  test('a rate that its messages and seconds do not give', () => {
    const text = sample('sockperf/tp-udp.txt').replace('Rate is 140069', 'Rate is 240069');
    expect(parseSockperfThroughput(output(text, streamPoint()))).toMatchObject({
      problem: { reason: 'InconsistentOutput' },
    });
  });
});

test('the mean is printed twice: where the two differ the report is none', () => {
  const text = plain(sample('sockperf/ul-rtt.txt'));
  const report = sockperfReport(text);
  expect(report && latencyReadings(report)['rttMean']).toMatchObject({ field: 'avg-rtt' });
  expect(report && lossReading(report)).toMatchObject({ value: 0 });
  expect(sockperfReport(text.replace('avg-rtt=280.496', 'avg-rtt=180.496'))).toBeNull();
  expect(sockperfReport(text.replace('avg-rtt=', 'avg-latency='))).toBeNull();
});
