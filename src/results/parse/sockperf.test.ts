/** Every way in which sockperf misleads, on output recorded from 3.7. */
import { describe, expect, test } from '@jest/globals';
import type { TestPoint } from '../../api/protocol.ts';
import { latencyPoint, output, sample, values } from '../../../test/support/results/samples.ts';
import { parseSockperf } from './sockperf.ts';

function parse(path: string, point: Partial<TestPoint> = {}, exitCode: number | null = 0) {
  return parseSockperf(output(sample(`sockperf/${path}`), latencyPoint(point), { exitCode }));
}

function valuesOf(text: string, point: Partial<TestPoint> = {}) {
  const outcome = parseSockperf(output(text, latencyPoint(point)));
  if (!outcome.ok) throw new Error(`${outcome.problem.reason}: ${outcome.problem.message}`);
  return values(outcome.measurements);
}

describe('a ping-pong run', () => {
  test('with --full-rtt gives round trips in seconds, colour codes or not', () => {
    const text = sample('sockperf/pp-tcp-fullrtt.txt');
    expect(text).toContain('\u001b[2;35m====> avg-rtt=17.310');
    const expected = {
      rttP50: 16.824e-6,
      rttP90: 18.447e-6,
      rttP99: 56.373e-6,
      rttP999: 132.877e-6,
      rttMean: 17.31e-6,
      transactionRate: 89367 / 1.55,
    };
    expect(valuesOf(text, { protocol: 'TCP' })).toEqual(close(expected));
    const plainText = text.replaceAll('\u001b[2;35m', '').replaceAll('\u001b[0m', '');
    expect(valuesOf(plainText, { protocol: 'TCP' })).toEqual(close(expected));
  });

  test('without --full-rtt prints half round trips, which are doubled', () => {
    expect(valuesOf(sample('sockperf/pp-udp.txt'))).toEqual(
      close({
        rttP50: 2 * 5.788e-6,
        rttP90: 2 * 7.38e-6,
        rttP99: 2 * 15.868e-6,
        rttP999: 2 * 66.803e-6,
        rttMean: 2 * 6.591e-6,
        transactionRate: 117327 / 1.55,
        lossRatio: 0,
      }),
    );
  });

  test('says what it rests on', () => {
    expect(parse('pp-udp.txt')).toMatchObject({
      ok: true,
      facts: {
        version: '3.7-no.git',
        durationSeconds: 1.55,
        samples: 117327,
        bytesReceived: 117327 * 64,
        messagesSent: 117327,
        messagesReceived: 117327,
      },
    });
  });

  test('the longer average line of 3.8 and later is read, its own interval ignored', () => {
    const text = sample('sockperf/pp-udp.txt').replace(
      '(std-dev=11.875)',
      '(std-dev=11.875, mean-ad=1.2, median-ad=0.4, siqr=0.6, cv=1.8, std-error=0.03, 99.0% ci=[6.501, 6.681])',
    );
    expect(valuesOf(text)['rttMean']).toBeCloseTo(2 * 6.591e-6, 12);
  });
});

describe('percentiles are absent, with the reason, where they would mislead', () => {
  test('lost messages void the latencies, since the slow ones are those lost; rate and loss stand', () => {
    const outcome = parse('ul-max.txt');
    expect(outcome.ok && values(outcome.measurements)).toEqual({
      rttP50: 'MessagesLost',
      rttP90: 'MessagesLost',
      rttP99: 'MessagesLost',
      rttP999: 'MessagesLost',
      rttMean: 'MessagesLost',
      transactionRate: 1569 / 1.55,
      lossRatio: 797 / (1569 + 797),
    });
    expect(outcome.ok && outcome.measurements[0]?.reason).toContain('797 lost, 0 duplicated, 0 out of order of 236401');
  });

  test('p99.9 of 1,548 observations is the maximum by another name', () => {
    const found = valuesOf(sample('sockperf/ul-udp.txt'));
    expect(found['rttP999']).toBe('TooFewSamples');
    expect(found['rttP99']).toBeCloseTo(2 * 1425.514e-6, 9);
  });

  test.each([
    [999, 'TooFewSamples'],
    [1000, 2 * 15.868e-6],
  ])('p99 of %i observations: %s', (count, expected) => {
    const text = sample('sockperf/pp-udp.txt').replaceAll('117327', `${count}`);
    const value = valuesOf(text)['rttP99'];
    if (typeof expected === 'string') expect(value).toBe(expected);
    else expect(value).toBeCloseTo(expected, 12);
  });
});

describe('what is no result', () => {
  test.each([
    ['err-tcp-noserver.txt', 0, 'PeerUnreachable', 'Connection refused'],
    ['err-udp-noserver.txt', 0, 'PeerUnreachable', 'no messages were received'],
    ['err-udp-server-killed.txt', 0, 'PeerUnreachable', 'no messages were received'],
    ['err-tcp-server-killed.txt', 7, 'ToolFailed', 'forcibly closed by a peer'],
    ['err-message-size.txt', 0, 'ToolFailed', 'Invalid message size: 13 (min: 14)'],
    ['sigterm.txt', 143, 'ToolFailed', 'exited with code 143'],
    ['sigterm.txt', 0, 'UnreadableOutput', 'no complete report'],
    ['sigint.txt', 0, 'Interrupted', 'interrupted'],
    ['sigint-warmup.txt', 0, 'Interrupted', 'interrupted'],
    ['tp-udp.txt', 0, 'UnreadableOutput', 'no complete report'],
    ['tp-tcp.txt', 0, 'UnreadableOutput', 'no complete report'],
    ['tp-udp-mps.txt', 0, 'UnreadableOutput', 'no complete report'],
  ])('%s with exit code %i: %s', (path, exitCode, reason, words) => {
    const outcome = parse(path, {}, exitCode);
    expect(outcome).toMatchObject({ ok: false, problem: { reason } });
    expect(!outcome.ok && outcome.problem.message).toContain(words);
  });

  test('a report over another time than asked', () => {
    expect(parse('pp-udp.txt', { durationSeconds: 10 })).toMatchObject({ problem: { reason: 'DurationMismatch' } });
    expect(parse('pp-udp.txt', { durationSeconds: 1, warmupSeconds: 1 })).toMatchObject({ ok: true });
  });

  test('percentiles out of order or not finite', () => {
    for (const wrong of ['   99.788', '    0.000', '1.2.3.4']) {
      const text = sample('sockperf/pp-udp.txt').replace(
        'percentile 50.000 =    5.788',
        `percentile 50.000 = ${wrong}`,
      );
      expect(parseSockperf(output(text, latencyPoint()))).toMatchObject({ problem: { reason: 'UnreadableOutput' } });
    }
  });
});

function close(expected: Record<string, number>) {
  return Object.fromEntries(Object.entries(expected).map(([metric, value]) => [metric, expect.closeTo(value, 10)]));
}
