/** The client's role against a real server's runner: what it checks of the wire before any point, and whose bytes it counts. */
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestPoint, TrialPlan } from '../api/protocol.ts';
import { countedBytes, payloadMoved, shortfall } from '../results/payload.ts';
import { sample, streamPoint } from '../../test/support/results/samples.ts';
import { nic, scriptedCounters } from '../../test/support/scripted-counters.ts';
import { ScriptedTools } from '../../test/support/scripted-tools.ts';
import type { WireOptions, WirePeer, wirePeer } from '../../test/support/wire-peer.ts';
import type { ClientOptions, ClientRecord, measureAll } from './client.ts';
import type { ServerRecord } from './server.ts';

const PEER_MAC = '02:00:00:00:00:01';
const IDLE: TestPoint = streamPoint({ type: 'Idle', durationSeconds: 0.05 });

jest.setTimeout(60_000);

let tools: ScriptedTools;
let measure: typeof measureAll;
let peerOf: typeof wirePeer;
let peer: WirePeer | null = null;

beforeAll(async () => {
  tools = await ScriptedTools.create({ alone: true });
  await mkdir(join(tools.folder, 'class/net/lo'), { recursive: true });
  await tools.write('class/net/lo/flags', '0x1003\n');
  ({ measureAll: measure } = await import('./client.ts'));
  ({ wirePeer: peerOf } = await import('../../test/support/wire-peer.ts'));
});
afterEach(() => peer?.close());
afterAll(() => tools.remove());

/** What `ip -j neigh` finds at the peer's address. */
const neighbour = (mac: string): Promise<void> =>
  tools.shell('ip', `echo '[{"dst":"127.0.0.1","lladdr":"${mac}","state":["REACHABLE"]}]'`);

interface Outcome {
  client: ClientRecord;
  server: ServerRecord;
  /** Points that either end began. */
  begun: unknown[];
}

async function run(points: TestPoint[], wire: WireOptions, options: Partial<ClientOptions> = {}): Promise<Outcome> {
  const plan: TrialPlan = { points, pairs: 1 };
  const begun: unknown[] = [];
  const progress = (event: string, details?: object): void => {
    if (['point', 'starting'].includes(event)) begun.push(details);
  };
  peer = await peerOf(plan, { progress, ...wire });
  const client = await measure(plan, {
    peer: peer.peer,
    nic: 'lo',
    mtu: 1500,
    tools: {},
    collector: { barrier: () => Promise.reject(new Error('one pair meets nobody')) },
    signal: new AbortController().signal,
    progress,
    sysfs: tools.folder,
    ...options,
  });
  return { client, server: await peer.record, begun };
}

describe('before the first test', () => {
  test('a wire that takes full packets to the peer itself: both points are measured, nothing is unchecked', async () => {
    await neighbour(PEER_MAC.toUpperCase());
    const { client, server } = await run([IDLE, { ...IDLE, id: 1 }], { widest: 1500 });
    expect(client).toEqual({ points: [expect.anything(), expect.anything()], error: null });
    expect(client.points.map(({ error }) => error)).toEqual([null, null]);
    expect(server).toMatchObject({
      points: [
        { id: 0, error: null },
        { id: 1, error: null },
      ],
      error: null,
    });
  });

  test('full packets that the wire drops: MtuProbeFailed at both ends, no point is begun', async () => {
    await neighbour(PEER_MAC);
    const { client, server, begun } = await run([IDLE], { widest: 1499 });
    expect(client).toMatchObject({
      points: [],
      error: { reason: 'MtuProbeFailed', message: expect.stringContaining('Packets of 1500 bytes (the MTU)') },
    });
    expect(server).toMatchObject({ points: [], error: { reason: 'MtuProbeFailed' } });
    expect(begun).toEqual([]);
  });

  test('a second host with the peer’s address: WrongNeighbour at both ends, no point is begun', async () => {
    await neighbour('02:00:00:00:00:99');
    const { client, server, begun } = await run([IDLE], {});
    expect(client).toMatchObject({
      points: [],
      error: { reason: 'WrongNeighbour', message: expect.stringMatching(/is at 02:00:00:00:00:99 on lo; .*00:01: /) },
    });
    expect(server).toMatchObject({ points: [], error: { reason: 'WrongNeighbour' } });
    expect(begun).toEqual([]);
  });

  test('no neighbour at all, a router answers: NeighbourMissing', async () => {
    await tools.shell('ip', 'echo "[]"');
    const { client, begun } = await run([IDLE], {});
    expect(client).toMatchObject({ points: [], error: { reason: 'NeighbourMissing' } });
    expect(begun).toEqual([]);
  });

  test.each<[string, () => Promise<void>, WireOptions, RegExp]>([
    [
      '`ip` that fails',
      () => tools.shell('ip', 'echo "Cannot open netlink socket" >&2; exit 2'),
      {},
      /Cannot open netl/,
    ],
    ['no `ip`', () => tools.without('ip'), {}, /^neighbour: ip -j neigh show to 127\.0\.0\.1 dev lo: ENOENT$/],
    ['a peer that tells no MAC', () => neighbour(PEER_MAC), { mac: null }, /^neighbour: the peer told no MAC/],
  ])('%s: measured, and said to be unchecked', async (_, prepare, wire, expected) => {
    await prepare();
    const { client } = await run([IDLE], wire);
    expect(client).toMatchObject({ points: [{ error: null }], error: null });
    expect(client.unchecked).toEqual([expect.stringMatching(expected)]);
  });
});

describe('bytes on the counters', () => {
  const STREAM = streamPoint({ durationSeconds: 2, warmupSeconds: 1, streams: 1 });
  /** By the server's own tool, warm-up included, and by the client's without it. */
  const [ALL, MEASURED] = [7_025_983_488, 4_530_372_608];

  beforeAll(async () => {
    await tools.write('server.json', sample('iperf3/v3.18/server-omit.json'));
    await tools.write('client.json', sample('iperf3/v3.18/tcp-omit-2.json'));
    await tools.script(
      'iperf3',
      `const net = require('node:net');
const of = (option) => args[args.indexOf(option) + 1];
const told = (file) => { process.stdout.write(fs.readFileSync(file)); process.exitCode = 0; };
if (args.includes('-s')) {
  const server = net.createServer((socket) => { socket.on('error', () => 0).end(); server.close(() => told('server.json')); });
  server.listen(Number(of('-p')), of('-B'));
} else net.connect(Number(of('-p')), of('-c')).on('close', () => told('client.json')).resume();`,
    );
  });

  async function stream(...readings: ReturnType<typeof nic>[]): Promise<{ taken: number; outcome: Outcome }> {
    await neighbour(PEER_MAC);
    const { read, taken } = scriptedCounters(...readings);
    const server = scriptedCounters(nic(0, 0, 1), nic(ALL, 0, 2));
    const outcome = await run([STREAM], { counters: server.read }, { counters: read });
    expect(outcome.client.points[0]?.error).toBeNull();
    return { taken: taken(), outcome };
  }

  test('that the driver counts at once cost no further reading', async () => {
    const { taken } = await stream(nic(0, 0, 1), nic(0, 10, 2), nic(0, 10, 2), nic(0, ALL + 10, 3));
    expect(taken).toBe(4);
  });

  test('late: those of before do not count, and as many are awaited as the server’s tool had, warm-up included', async () => {
    const [mark, fresh] = [nic(0, 100, 1), nic(0, 5e9, 2)];
    // Enough for what the client's own tool tells, far too few for what moved.
    const stale = nic(0, 5e9 + MEASURED, 3);
    const { outcome } = await stream(mark, mark, mark, fresh, fresh, stale, stale, stale, nic(0, 5e9 + ALL, 4));
    const [client] = outcome.client.points;
    const [server] = outcome.server.points;
    if (client === undefined || server === undefined) throw new Error('not measured');
    expect(client.nic).toEqual({ before: fresh, after: nic(0, 5e9 + ALL, 4) });
    expect(client.moved).toEqual({ toServer: MEASURED, toClient: 0 });
    expect(server.moved).toEqual({ toServer: ALL, toClient: 0 });
    const moved = payloadMoved(STREAM, client, server);
    expect(moved.toServer).toBe(ALL);
    expect(shortfall(moved, countedBytes('client', client.nic))).toBeNull();
    expect(shortfall(moved, countedBytes('server', server.nic))).toBeNull();
  });

  test('that never come are told as they are, 2.5 s later', async () => {
    const start = Date.now();
    const { outcome } = await stream(nic(0, 0, 1), nic(0, 10, 2), nic(0, 10, 2), nic(0, MEASURED, 3));
    expect(Date.now() - start).toBeGreaterThanOrEqual(2500);
    expect(outcome.client.points[0]?.nic.after.txBytes).toBe(MEASURED);
  });
});
