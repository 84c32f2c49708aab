/** Every way in which iperf3 misleads, on output recorded from 3.12 and 3.18. */
import { describe, expect, test } from '@jest/globals';
import type { TestPoint } from '../../api/protocol.ts';
import { output, sample, streamPoint, values } from '../../../test/support/results/samples.ts';
import { parseIperf3 } from './iperf3.ts';

function parse(path: string, point: Partial<TestPoint> = {}, exitCode: number | null = 0) {
  return parseIperf3(output(sample(`iperf3/${path}`), streamPoint(point), { exitCode }));
}

function good(path: string, point: Partial<TestPoint> = {}) {
  const outcome = parse(path, point);
  if (!outcome.ok) throw new Error(`${path}: ${outcome.problem.reason}: ${outcome.problem.message}`);
  return { ...outcome, values: values(outcome.measurements) };
}

describe('a TCP stream', () => {
  test('gives receiver goodput in bit/s, retransmits of the sender, and its facts', () => {
    const { measurements, facts } = good('tcp.json');
    expect(measurements).toEqual([
      {
        metric: 'throughput',
        unit: 'bit/s',
        value: (3395813376 * 8) / 2.000714,
        reason: null,
        source: { tool: 'iperf3', field: 'end.sum_received.bytes', end: 'Receiver' },
        loop: 'Closed',
      },
      {
        metric: 'retransmits',
        unit: '1',
        value: 8,
        reason: null,
        source: { tool: 'iperf3', field: 'end.sum_sent.retransmits', end: 'Sender' },
        loop: 'Closed',
      },
    ]);
    expect(facts).toEqual({
      version: 'iperf 3.12',
      durationSeconds: 2.000714,
      samples: null,
      bytesReceived: 3395813376,
      messagesSent: null,
      messagesReceived: null,
      moved: { toServer: 3395813376, toClient: 0 },
    });
  });

  test.each([
    ['tcp-l64.json', { messageBytes: 64 }, 0],
    ['tcp-reverse.json', { direction: 'Reverse' }, 26],
    ['v3.18/tcp-p2.json', { streams: 2 }, null],
    ['v3.18/mixed-3.12c-3.18s.json', { durationSeconds: 1 }, 4],
  ] as const)('%s is read', (path, point, retransmits) => {
    const { values: found, facts } = good(path, point);
    expect(found['throughput']).toBeGreaterThan(1e8);
    if (retransmits !== null) expect(found['retransmits']).toBe(retransmits);
    expect(facts.bytesReceived).toBeGreaterThan(0);
  });

  test('duplicate keys of 3.12 with -P do no harm', () => {
    const text = sample('iperf3/tcp-p4.json');
    expect(text.match(/"sock_bufsize"/g)?.length).toBeGreaterThan(1);
    const outcome = parseIperf3(output(text, streamPoint({ streams: 4 })));
    const sum = (JSON.parse(text) as { end: { sum_received: { bytes: number; seconds: number } } }).end.sum_received;
    expect(outcome.ok && outcome.measurements[0]?.value).toBe((sum.bytes * 8) / sum.seconds);
  });

  test.each([
    ['end.sum_received.bytes', /("sum_received":[^}]*?"bytes":\s*)(\d+)/],
    ['end.sum_received.seconds', /("sum_received":[^}]*?"seconds":\s*)([\d.]+)/],
    ['end.sum_sent.retransmits', /("sum_sent":[^}]*?"retransmits":\s*)(\d+)/],
    ['end.sum_sent.bytes', /("sum_sent":[^}]*?"bytes":\s*)(\d+)/],
    ['start.test_start.blksize', /("test_start":[^}]*?"blksize":\s*)(\d+)/],
    ['intervals.0.sum.bytes', /("sum":[^}]*?"bytes":\s*)(\d+)/],
  ])('%s given twice is no figure, first or last, alike or not', (path, place) => {
    const text = sample('iperf3/tcp-p4.json');
    const name = path.split('.').at(-1);
    for (const other of ['$2', '1', '"x"']) {
      for (const twice of [`$1$2, "${name}": ${other}`, `$1${other}, "${name}": $2`]) {
        const outcome = parseIperf3(output(text.replace(place, twice), streamPoint({ streams: 4 })));
        expect(outcome).toMatchObject({ ok: false, problem: { reason: 'DuplicateKey' } });
        expect(!outcome.ok && outcome.problem.message).toBe(`iperf3 gives ${path} twice`);
      }
    }
  });

  test('both directions at once: the sum of what the two receivers got', () => {
    const { values: found } = good('tcp-bidir.json', { direction: 'Bidirectional' });
    expect(found).toEqual({ throughput: ((1934491648 + 1692925952) * 8) / 2.006055, retransmits: 37 });
    expect(
      good('v3.18/tcp-bidir-p2.json', { direction: 'Bidirectional', streams: 2, warmupSeconds: 1 }).values,
    ).toEqual({
      throughput: ((5630066688 + 4971429888) * 8) / 1.998442,
      retransmits: 49,
    });
  });

  test('a one-way document is no answer to a test of both directions', () => {
    expect(parse('tcp.json', { direction: 'Bidirectional' })).toMatchObject({
      ok: false,
      problem: { reason: 'NoReceiverReport' },
    });
  });
});

describe('warm-up (-O)', () => {
  test('is left out: only bytes after it count, a little more received than sent is in order', () => {
    const { values: found, facts } = good('v3.18/tcp-omit.json', { durationSeconds: 3, warmupSeconds: 1 });
    expect(facts.bytesReceived).toBe(5779095552);
    expect(found).toEqual({ throughput: (5779095552 * 8) / 3.002326, retransmits: 14 });
    expect(good('v3.18/tcp-omit-2.json', { warmupSeconds: 1 }).facts.durationSeconds).toBe(2.000498);
  });

  test('counted at the receiver after all makes the document inconsistent', () => {
    const text = sample('iperf3/v3.18/tcp-omit.json').replaceAll('5779095552', `${5773721600 + 1943797760}`);
    expect(parseIperf3(output(text, streamPoint({ durationSeconds: 3, warmupSeconds: 1 })))).toMatchObject({
      ok: false,
      problem: { reason: 'InconsistentOutput', message: expect.stringContaining('warm-up') },
    });
  });

  test.each([
    [1_500_000, true],
    [3_000_000, false],
  ])('%i bytes sent after the last interval: in order %s', (tail, ok) => {
    const text = sample('iperf3/tcp-l64.json').replaceAll('40347520', `${40_347_520 + tail}`);
    expect(parseIperf3(output(text, streamPoint({ messageBytes: 64 }))).ok).toBe(ok);
  });

  test('an end sum that its own intervals do not bear is refused', () => {
    const text = sample('iperf3/tcp-reverse.json').replaceAll('3849322496', '4949322496');
    expect(parseIperf3(output(text, streamPoint({ direction: 'Reverse' })))).toMatchObject({
      ok: false,
      problem: { reason: 'InconsistentOutput' },
    });
  });

  test('3.12 counts the losses of the warm-up; received against sent bytes tell the true loss', () => {
    const text = sample('iperf3/udp-omit.json');
    expect(text).toContain('"lost_percent":\t5.0392444758641943');
    const { values: found } = good('udp-omit.json', { protocol: 'UDP', messageBytes: 1400, warmupSeconds: 1 });
    expect(found['lossRatio']).toBeCloseTo(1 - 753330200 / 772338000, 12);
    expect(found['lossRatio']).toBeCloseTo(0.0246, 4);
  });

  test('3.18 agrees with itself there, within what is under way', () => {
    const { values: found } = good('v3.18/udp-omit.json', { protocol: 'UDP', messageBytes: 1400, warmupSeconds: 1 });
    expect(found['lossRatio']).toBeCloseTo(0.0308, 3);
  });
});

describe('a UDP stream', () => {
  test('the rate is the receiver’s, never the sender’s', () => {
    const { values: found, facts } = good('v3.18/udp-1g.json', { protocol: 'UDP' });
    expect(found['throughput']).toBeCloseTo((223539400 * 8) / 2.001938, 3);
    expect(found['throughput']).toBeLessThan(0.9 * 999551795);
    expect(found['lossRatio']).toBe(18978 / 178649);
    expect(found['packetRate']).toBeCloseTo((178649 - 18978) / 2.001938, 6);
    expect(facts).toMatchObject({ messagesSent: 178649, messagesReceived: 178649 - 18978 });
  });

  test('packets of the receiver include the lost ones: what arrived is counted without them', () => {
    const { values: found } = good('udp-unlim-64.json', { protocol: 'UDP', messageBytes: 64 });
    expect(found['packetRate']).toBeCloseTo((361111 - 132889) / 2.000453, 6);
    expect(found['lossRatio']).toBe(132889 / 361111);
  });

  test('no loss is zero, not absent; TCP’s retransmits are not a UDP metric', () => {
    expect(good('udp-p2.json', { protocol: 'UDP', streams: 2 }).values).toEqual({
      throughput: (50003968 * 8) / 2.000404,
      lossRatio: 0,
      packetRate: expect.closeTo(1526 / 2.000404, 6),
    });
  });

  test('both directions and reverse, with warm-up, in 3.12 and 3.18', () => {
    const both = { protocol: 'UDP', direction: 'Bidirectional', warmupSeconds: 1 } as const;
    for (const found of [
      good('udp-bidir-omit.json', { ...both, messageBytes: 1400 }),
      good('v3.18/udp-bidir-omit.json', both),
      good('v3.18/udp-reverse-p2.json', { ...both, direction: 'Reverse', messageBytes: 1400, streams: 2 }),
    ]) {
      expect(found.values['lossRatio']).toBeGreaterThan(0);
      expect(found.values['lossRatio']).toBeLessThan(1);
    }
  });
});

describe('what is no result', () => {
  test.each([
    ['err-refused.json', 0, 'PeerUnreachable', 'Connection refused'],
    ['v3.18/err-refused.json', 1, 'PeerUnreachable', 'Connection refused'],
    ['err-busy.json', 0, 'ToolFailed', 'the server is busy'],
    ['err-server-killed.json', 0, 'ToolFailed', 'Connection reset by peer'],
    ['sigterm-3.12.json', 1, 'ToolFailed', 'the client has terminated'],
    ['v3.18/sigterm.json', 1, 'ToolFailed', 'the client has terminated'],
    ['err-badlen.json', 1, 'ToolFailed', 'exited with code 1'],
    ['tcp-text.txt', 0, 'UnreadableOutput', 'Connecting to host'],
    ['v3.18/err-refused.ndjson', 1, 'ToolFailed', 'Connection refused'],
    ['v3.18/tcp-jsonstream.ndjson', 0, 'UnreadableOutput', 'no JSON document'],
  ])('%s with exit code %i: %s', (path, exitCode, reason, words) => {
    const outcome = parse(path, { durationSeconds: 20 }, exitCode);
    expect(outcome).toMatchObject({ ok: false, problem: { reason } });
    expect(!outcome.ok && outcome.problem.message).toContain(words);
  });

  test('a run ended by SIGTERM has a filled end and, since 3.19, exit code 0: its error still condemns it', () => {
    expect(parse('v3.18/sigterm.json', { durationSeconds: 20 }, 0)).toMatchObject({
      ok: false,
      problem: { reason: 'ToolFailed' },
    });
  });

  test('even without its error such a run is refused, by its zero bytes and by its duration', () => {
    const document = JSON.parse(sample('iperf3/v3.18/sigterm.json')) as {
      error?: string;
      end: { sum_received: { bytes: number } };
    };
    delete document.error;
    const point = streamPoint({ durationSeconds: 20 });
    expect(parseIperf3(output(JSON.stringify(document), point))).toMatchObject({
      problem: { reason: 'NothingReceived' },
    });
    document.end.sum_received.bytes = 2117992448;
    expect(parseIperf3(output(JSON.stringify(document), point))).toMatchObject({
      problem: { reason: 'DurationMismatch' },
    });
  });

  test('exit code and signal count even where the document looks whole', () => {
    expect(parse('tcp.json', {}, 1)).toMatchObject({ problem: { reason: 'ToolFailed' } });
    expect(parse('tcp.json', {}, null)).toMatchObject({ problem: { message: 'iperf3 was ended by a signal' } });
  });

  test('the message names what iperf3 said on standard error', () => {
    const stderr = sample('iperf3/err-badlen.stderr');
    const outcome = parseIperf3(output(sample('iperf3/err-badlen.json'), streamPoint(), { stderr, exitCode: 1 }));
    expect(!outcome.ok && outcome.problem.message).toContain('block size too large (maximum = 1048576 bytes)');
  });

  test.each([
    ['protocol', { protocol: 'UDP' }],
    ['num_streams', { streams: 2 }],
    ['reverse', { direction: 'Reverse' }],
    ['omit', { warmupSeconds: 1 }],
    ['blksize', { messageBytes: 64 }],
    ['duration', { durationSeconds: 3 }],
  ] as const)('a document of another test is refused: %s', (key, point) => {
    const outcome = parse('tcp.json', point);
    expect(outcome).toMatchObject({ ok: false, problem: { reason: 'WrongTest' } });
    expect(!outcome.ok && outcome.problem.message).toContain(key);
  });
});
