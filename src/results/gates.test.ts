/** Each gate closes on the one fault it is for, and stays open otherwise. */
import { describe, expect, test } from '@jest/globals';
import type { Measurement, NicCounters, PointResult, TestPoint } from '../api/protocol.ts';
import { gatePoint } from './gates.ts';
import type { GateInput } from './gates.ts';
import { latencyPoint, sample, streamPoint, values } from '../../test/support/results/samples.ts';

const link = { bitsPerSecond: 10e9, mtu: 1500 };

function measurement(metric: string, unit: string, value: number | null): Measurement {
  return { metric, unit, value, reason: value === null ? 'TooFewSamples: 12 observations' : null };
}

function counters(rxBytes: number, txBytes: number): NicCounters {
  return { rxBytes, txBytes, rxPackets: 10, txPackets: 10 };
}

function result(changes: Partial<PointResult>, rx: number, tx: number): PointResult {
  const cpu = { user: 0, system: 0, softirq: 0, steal: 0, idle: 0 };
  return {
    id: 0,
    startedAt: 1_000_000,
    endedAt: 1_002_100,
    measurements: [],
    error: null,
    raw: { tool: 'iperf3', version: '3.18', command: [], exitCode: 0, stdout: '', stderr: '', truncated: false },
    nic: { before: counters(500, 700), after: counters(500 + rx, 700 + tx) },
    cpu: { before: cpu, after: cpu },
    ...changes,
  };
}

/** A stream of 8 Gb/s over 2 s: 2e9 bytes, 3 % of headers on top. */
function stream(rate = 8e9, point: Partial<TestPoint> = {}, moved = { clientTx: 2.06e9, serverRx: 2.06e9 }): GateInput {
  const measurements = [measurement('throughput', 'bit/s', rate), measurement('retransmits', '1', 3)];
  return {
    point: streamPoint(point),
    client: result({ measurements }, 4e6, moved.clientTx),
    server: result({}, moved.serverRx, 4e6),
    link,
    crossNode: true,
  };
}

function reasons(input: GateInput): (string | number)[] {
  return Object.values(values(gatePoint(input)));
}

test('what nothing speaks against passes as it is', () => {
  const input = stream();
  expect(gatePoint(input)).toEqual(input.client.measurements);
});

test('what is absent already keeps its own reason', () => {
  const input = stream();
  input.client.measurements.push(measurement('other', 's', null));
  input.server.error = { reason: 'ToolFailed', message: 'killed' };
  expect(reasons(input)).toEqual(['ToolFailed', 'ToolFailed', 'TooFewSamples']);
});

describe('both ends', () => {
  test('an error at either end voids the point and names the end', () => {
    const input = stream();
    input.server.error = { reason: 'Timeout', message: 'no exit within 5 s' };
    expect(gatePoint(input)[0]).toEqual({
      metric: 'throughput',
      unit: 'bit/s',
      value: null,
      reason: 'Timeout: server: no exit within 5 s',
    });
    const failed = stream();
    failed.client = { ...failed.client, measurements: [], error: { reason: 'PeerUnreachable', message: 'refused' } };
    expect(values(gatePoint(failed))).toEqual({ throughput: 'PeerUnreachable', retransmits: 'PeerUnreachable' });
  });

  test('must speak of the same point and the same tool', () => {
    expect(reasons({ ...stream(), server: result({ id: 1 }, 2.06e9, 0) })[0]).toBe('EndsDisagree');
    const input = stream();
    input.server.raw.tool = 'sockperf';
    expect(reasons(input)[0]).toBe('EndsDisagree');
  });

  test('an error in the server tool’s own document counts, an end after its work does not', () => {
    const input = stream();
    input.server.raw.stdout = sample('iperf3/err-server-killed.json');
    expect(reasons(input)[0]).toBe('ToolFailed');
    input.server.raw.stdout = '{"error": "interrupt - the server has terminated"}';
    expect(reasons(input)[0]).toBe(8e9);
  });
});

describe('the time', () => {
  test('a client that ran half as long as asked measured something else', () => {
    const input = stream();
    input.client.endedAt = input.client.startedAt + 1000;
    expect(reasons(input)[0]).toBe('DurationMismatch');
  });
});

describe('the wire', () => {
  const above = 9.415e9 * 1.002;
  const moved = { clientTx: 3e9, serverRx: 3e9 };

  test('nothing crosses faster than the link carries', () => {
    expect(reasons(stream(9.415e9, {}, moved))[0]).toBe(9.415e9);
    expect(reasons(stream(above, {}, moved))[0]).toBe('ExceedsLinkRate');
    expect(gatePoint(stream(above, {}, moved))[0]?.reason).toContain(
      '9.415 Gb/s is all the link can carry at MTU 1500',
    );
  });

  test('does not bound what stays on one node', () => {
    expect(reasons({ ...stream(above, {}, moved), crossNode: false })[0]).toBe(above);
  });

  test('bounds small datagrams by their frames: 64 B frames carry 2.14 Gb/s of 18 B payloads', () => {
    const point = { protocol: 'UDP', messageBytes: 18 } as const;
    expect(reasons(stream(2.14e9, point, moved))[0]).toBe(2.14e9);
    expect(reasons(stream(2.2e9, point, moved))[0]).toBe('ExceedsLinkRate');
  });

  test('bounds transactions too: a unit error of a thousand shows', () => {
    const input: GateInput = { ...transactions(2e7), crossNode: true };
    expect(reasons(input)[0]).toBe('ExceedsLinkRate');
  });
});

describe('NIC counters', () => {
  type Moved = [clientRx: number, clientTx: number, serverRx: number, serverTx: number];
  test.each<[string, TestPoint['direction'], Moved, string | number]>([
    ['forward: client sends, server receives', 'Forward', [0, 2e9, 2e9, 0], 8e9],
    ['forward, 94 % at the server', 'Forward', [0, 2e9, 1.88e9, 0], 'BytesUnaccounted'],
    ['forward, nothing at the client', 'Forward', [2e9, 0, 2e9, 0], 'BytesUnaccounted'],
    ['reverse: server sends, client receives', 'Reverse', [2e9, 0, 0, 2e9], 8e9],
    ['reverse, counted as forward', 'Reverse', [0, 2e9, 2e9, 0], 'BytesUnaccounted'],
    ['both directions', 'Bidirectional', [1e9, 1e9, 1e9, 1e9], 8e9],
    ['both directions, one missing', 'Bidirectional', [1e9, 0, 1e9, 1e9], 'BytesUnaccounted'],
    ['counters that ran backwards', 'Forward', [0, 2e9, -500, 0], 'BytesUnaccounted'],
    ['counters that are no numbers', 'Forward', [0, Number.NaN, 2e9, 0], 'BytesUnaccounted'],
  ])('%s', (_, direction, [clientRx, clientTx, serverRx, serverTx], expected) => {
    const input = stream(8e9, { direction });
    input.client.nic = { before: counters(0, 0), after: counters(clientRx, clientTx) };
    input.server.nic = { before: counters(0, 0), after: counters(serverRx, serverTx) };
    expect(reasons(input)[0]).toBe(expected);
  });

  /** A path that carries 8 Gb/s for `seconds`, each NIC's counters having seen a share of what the tools say moved. */
  const partly = (
    point: Partial<TestPoint>,
    moved: { toServer: number; toClient: number },
    share: [number, number],
  ) => {
    const input = stream(8e9, point);
    const [up, down] = [moved.toServer * share[0], moved.toClient * share[1]];
    input.client.nic = { before: counters(0, 0), after: counters(down, up) };
    input.server.nic = { before: counters(0, 0), after: counters(up, down) };
    input.client.moved = { toServer: 0, toClient: moved.toClient };
    input.server.moved = { toServer: moved.toServer, toClient: 0 };
    return reasons(input)[0];
  };

  test.each<[string, Partial<TestPoint>, { toServer: number; toClient: number }]>([
    ['a warm-up as long as the measurement', { warmupSeconds: 2 }, { toServer: 4e9, toClient: 0 }],
    ['a warm-up, back', { warmupSeconds: 2, direction: 'Reverse' }, { toServer: 0, toClient: 4e9 }],
    ['both ways', { direction: 'Bidirectional', warmupSeconds: 2 }, { toServer: 2e9, toClient: 2e9 }],
    ['one way faster than the other', { direction: 'Bidirectional' }, { toServer: 18e8, toClient: 2e8 }],
  ])('must show all that moved: %s', (_, point, moved) => {
    expect(partly(point, moved, [1, 1])).toBe(8e9);
    expect(partly(point, moved, [0.96, 0.96])).toBe(8e9);
    expect(partly(point, moved, [0.94, 0.94])).toBe('BytesUnaccounted');
    expect(partly(point, moved, [0.48, 0.48])).toBe('BytesUnaccounted');
    if (moved.toServer > 0) expect(partly(point, moved, [0.8, 1.3])).toBe('BytesUnaccounted');
    if (moved.toClient > 0) expect(partly(point, moved, [1.3, 0.8])).toBe('BytesUnaccounted');
  });

  test('must show every trial of a search, not one', () => {
    const search = (share: number): GateInput => {
      const input = stream(0, { type: 'RateSearch', protocol: 'UDP', messageBytes: 1000, durationSeconds: 1 });
      input.client.measurements = [measurement('ndrRate', '1/s', 1e6), measurement('pdrRate', '1/s', 1e6)];
      input.client.moved = { toServer: 10e9, toClient: 0 };
      input.client.nic.after.txBytes = 11e9;
      input.server.nic.after.rxBytes = input.server.nic.before.rxBytes + share * 10e9;
      return input;
    };
    expect(reasons(search(0.96))).toEqual([1e6, 1e6]);
    expect(reasons(search(0.1))).toEqual(['BytesUnaccounted', 'BytesUnaccounted']);
    expect(gatePoint(search(0.1))[0]?.reason).toContain(
      'the data NIC of the server counted 1000000000 of 10000000000 bytes to the server: another path was taken',
    );
  });

  test('requests and replies must both show at both ends', () => {
    expect(reasons(transactions(20_000))[0]).toBe(3e-5);
    const input = transactions(20_000);
    input.server.nic.after.txBytes = input.server.nic.before.txBytes;
    expect(reasons(input)[0]).toBe('BytesUnaccounted');
  });
});

test('a value that is negative or no number is no value', () => {
  const input = stream();
  input.client.measurements.push(measurement('x', 's', -1), measurement('y', 's', Number.NaN));
  expect(reasons(input).slice(2)).toEqual(['Implausible', 'Implausible']);
});

test('a client that measured nothing received nothing', () => {
  expect(reasons(stream(0))[0]).toBe('NothingReceived');
});

function transactions(rate: number): GateInput {
  const measurements = [measurement('rttP50', 's', 3e-5), measurement('transactionRate', '1/s', rate)];
  const bytes = rate * 2 * (64 + 42);
  const raw = { tool: 'sockperf', version: '3.7', command: [], exitCode: 0, stdout: '', stderr: '', truncated: false };
  return {
    point: latencyPoint(),
    client: result({ measurements, raw }, bytes, bytes),
    server: result({ raw: { ...raw } }, bytes, bytes),
    link,
    crossNode: false,
  };
}
