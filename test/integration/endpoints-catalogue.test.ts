/** Every kind of test, by every tool it has: real runners, real tools, the loopback network, and the gates on what they say. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import type { PointResult, TestPoint } from '../../src/api/protocol.ts';
import { metricsFor } from '../../src/results/catalogue.ts';
import { firstProblem, gatePoint } from '../../src/results/gates.ts';
import { rateSearch } from '../../src/results/search/goals.ts';
import { nextStep } from '../../src/results/search/strategy.ts';
import type { TrialResult } from '../../src/results/search/types.ts';
import { ends, point, RealEndpoints, told, type Run } from '../support/real-endpoints.ts';
import { describeUnless } from '../support/skip.ts';

const TOOLS = ['iperf3', 'sockperf', 'netperf', 'netserver', 'qperf'];
const missing = TOOLS.filter((tool) => spawnSync(tool, ['-V']).error !== undefined);
const reason = missing.length === 0 ? undefined : `${missing.join(' and ')} not installed`;

const UDP = { protocol: 'UDP', messageBytes: 64 } as const;
const TCP = { protocol: 'TCP', messageBytes: 64 } as const;
const RTT = { ...UDP, type: 'RequestResponse' } as const;
// qperf listens on all addresses: it stands last, where no other file's points have its port. And it answers from the
// first address of the machine: over aliases of the loopback its UDP test gets no reply.
const POINTS: Record<string, Partial<TestPoint>> = {
  'netperf TCP round trips of a byte': { ...RTT, ...TCP, tool: 'netperf', messageBytes: 1, warmupSeconds: 1 },
  'netperf TCP round trips of 64 KiB': { ...RTT, ...TCP, tool: 'netperf', messageBytes: 65_536 },
  'netperf UDP round trips': { ...RTT, tool: 'netperf' },
  'sockperf round trips of 64 kB': { ...RTT, ...TCP, messageBytes: 65_507 },
  connections: { ...TCP, type: 'ConnectRequestResponse', messageBytes: 1 },
  'netperf stream': { tool: 'netperf', messageBytes: 16_384 },
  'netperf stream back': { tool: 'netperf', direction: 'Reverse' },
  'netperf datagrams': { tool: 'netperf', protocol: 'UDP', messageBytes: 1472 },
  'small writes': { messageBytes: 128 },
  'both ways': { direction: 'Bidirectional', streams: 2 },
  packets: { type: 'PacketRate', protocol: 'UDP', messageBytes: 18, streams: 4 },
  'packets back': { type: 'PacketRate', protocol: 'UDP', messageBytes: 18, streams: 2, direction: 'Reverse' },
  'latency at 2000/s': { ...UDP, type: 'LoadedLatency', rate: 2000, durationSeconds: 2 },
  'latency at 2000/s over TCP': { ...TCP, type: 'LoadedLatency', rate: 2000, durationSeconds: 2 },
  'latency under bulk': { ...UDP, type: 'LatencyUnderBulk', durationSeconds: 2 },
  'latency under a paced bulk': {
    ...TCP,
    type: 'LatencyUnderBulk',
    rate: 50e6,
    direction: 'Reverse',
    durationSeconds: 2,
  },
  search: { ...UDP, type: 'RateSearch', messageBytes: 1024, widthPercent: 20 },
  'paced TCP': { type: 'FixedRate', rate: 80e6, streams: 2, durationSeconds: 2 },
  'paced UDP': { type: 'FixedRate', protocol: 'UDP', rate: 20e6, messageBytes: 1000, durationSeconds: 2 },
  idle: { type: 'Idle', durationSeconds: 2 },
  'qperf round trips': { ...RTT, ...TCP, tool: 'qperf', messageBytes: 1, warmupSeconds: 1 },
};
const NAMES = Object.keys(POINTS);
const points = NAMES.map((name, id) => point(id, { ...POINTS[name], test: name.replaceAll(' ', '-') }));

describeUnless(reason, 'the catalogue', () => {
  let lab: RealEndpoints;
  let run: Run;

  beforeAll(async () => {
    lab = await RealEndpoints.create();
    run = await lab.trial(points, 1);
  }, 300_000);

  afterAll(() => lab.close());

  const at = (name: string): { point: TestPoint; client: PointResult; server: PointResult } => {
    const of = (end: 'client-0' | 'server-0') => told(run, end).result.points.find(({ id }) => NAMES[id] === name);
    const [client, server] = [of('client-0'), of('server-0')];
    if (client === undefined || server === undefined) throw new Error(`${name} was not measured`);
    return { point: points[client.id] as TestPoint, client, server };
  };

  /** The point's measurements as the operator takes them. */
  const measured = (name: string): Record<string, number | null> => {
    const input = { ...at(name), link: { bitsPerSecond: 100e9, mtu: 65_536 }, crossNode: false };
    return Object.fromEntries(gatePoint(input).map(({ metric, value }) => [metric, value]));
  };

  test('ends with code 0', () => expect(ends(run)).toEqual([0, 0]));

  test.each(NAMES)('%s stands up to the gates at both ends, with every metric of the catalogue', (name) => {
    const ends = at(name);
    expect([ends.client.error, ends.server.error]).toEqual([null, null]);
    expect(firstProblem({ ...ends, link: { bitsPerSecond: 100e9, mtu: 65_536 }, crossNode: false })).toBeNull();
    const wanted = metricsFor(ends.point).map(({ metric }) => metric);
    expect(Object.keys(measured(name)).toSorted()).toEqual(wanted.toSorted());
  });

  test.each(NAMES.filter((name) => !['search', 'idle'].includes(name)))('%s has a primary value', (name) => {
    const primary = metricsFor(at(name).point).filter((info) => info.primary);
    expect(primary.map(({ metric }) => measured(name)[metric]).filter((value) => (value ?? 0) > 0)).not.toEqual([]);
  });

  test('a paced stream keeps its rate, in both protocols', () => {
    expect(measured('paced TCP')['throughput']).toBeGreaterThan(0.9 * 80e6);
    expect(measured('paced TCP')['throughput']).toBeLessThan(1.1 * 80e6);
    expect(measured('paced UDP')['throughput']).toBeGreaterThan(0.9 * 20e6);
    expect(measured('paced UDP')['throughput']).toBeLessThan(1.1 * 20e6);
  });

  test('CPU per byte is that of the counters', () => {
    const { client } = at('paced TCP');
    const used = client.cpu.after.user + client.cpu.after.system + client.cpu.after.softirq;
    const before = client.cpu.before.user + client.cpu.before.system + client.cpu.before.softirq;
    const bytes =
      client.nic.after.rxBytes + client.nic.after.txBytes - client.nic.before.rxBytes - client.nic.before.txBytes;
    expect(measured('paced TCP')['cpuSeenByClientPerByte']).toBeCloseTo((used - before) / bytes, 15);
  });

  test('an open loop offers what it was asked to', () => {
    const { offeredRate, rttP50 } = measured('latency at 2000/s');
    expect(offeredRate).toBeGreaterThan(1900);
    expect(offeredRate).toBeLessThan(2100);
    expect(rttP50).toBeGreaterThan(0);
  });

  test('the stream runs beside the round trips, and its output is kept', () => {
    expect(measured('latency under bulk')['bulkThroughput']).toBeGreaterThan(100e6);
    expect(measured('latency under a paced bulk')['bulkThroughput']).toBeLessThan(60e6);
    const { client, server } = at('latency under bulk');
    expect([client.raw.tool, client.bulk?.tool]).toEqual(['sockperf', 'iperf3']);
    expect([server.raw.tool, server.bulk?.tool]).toEqual(['sockperf', 'iperf3']);
  });

  test('a search can be done again from its raw output', () => {
    const { client, point: searched } = at('search');
    const lines = client.raw.stdout.trim().split('\n');
    const trials = lines.map((line) => JSON.parse(line) as TrialResult);
    const config = rateSearch(searched, trials[0]?.load ?? 0);
    for (const [index, { load }] of trials.entries()) {
      expect(nextStep(config, trials.slice(0, index))).toMatchObject({ do: 'Measure', load });
    }
    expect(measured('search')['maxOfferedRate']).toBeGreaterThan(1000);
    expect(trials.length).toBeGreaterThan(1);
  });

  test('idle runs nothing, and takes its time', () => {
    const { client, server } = at('idle');
    expect([client.raw.command, server.raw.command]).toEqual([[], []]);
    expect(client.endedAt - client.startedAt).toBeGreaterThan(1900);
  });
});
