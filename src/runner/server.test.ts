import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NicCounters, PointResult, TestPoint, TrialPlan } from '../api/protocol.ts';
import { nic, scriptedCounters } from '../../test/support/scripted-counters.ts';
import { snapshot } from './counters.ts';
import type { ReadCounters } from './meter.ts';
import { ServerRole } from './server.ts';

const ADDRESS = '127.9.9.1';

function point(id: number): TestPoint {
  return {
    id,
    test: 'latency',
    type: 'RequestResponse',
    protocol: 'TCP',
    messageBytes: 64,
    streams: 1,
    direction: 'Forward',
    durationSeconds: 1,
    warmupSeconds: 0,
  };
}

const plan: TrialPlan = { points: [point(0), point(1)], pairs: 1 };
let directory: string;
let ended: AbortController;
let role: ServerRole;

/** A stand-in for sockperf, found first on the PATH; called as `sockperf server -i ADDRESS -p PORT --tcp`. */
async function tool(body: string): Promise<void> {
  const file = join(directory, 'sockperf');
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
}

const LISTENING = `exec ${process.execPath} -e 'require("node:net").createServer().listen(+process.argv[1], "${ADDRESS}")' -- "$5"`;

function roleWith(counters?: ReadCounters): ServerRole {
  return new ServerRole({
    endpoint: 'server-0',
    nic: 'lo',
    address: ADDRESS,
    tools: { sockperf: '3.7' },
    signal: ended.signal,
    progress: () => undefined,
    path: [directory, process.env['PATH']].join(delimiter),
    ...(counters === undefined ? {} : { counters }),
  });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vfbench-tool-'));
  ended = new AbortController();
  role = roleWith();
});

afterEach(async () => {
  ended.abort();
  await rm(directory, { recursive: true, force: true });
});

/** Stands in for the packets of orders: these tests give them without a network. */
function countingOrders(): ReadCounters {
  let packets = 0;
  return async () => ({ ...(await snapshot('lo')), nic: nic(0, 0, ++packets) });
}

describe('server role', () => {
  test('starts nothing before it has its plan, nor what is not in it', async () => {
    expect(await role.obey({ do: 'hello' })).toEqual({ endpoint: 'server-0', ready: false, problem: null });
    expect((await role.obey({ do: 'start', point: 0 })).problem?.reason).toBe('UnknownPoint');
    role.begin(plan);
    expect(await role.obey({ do: 'hello' })).toMatchObject({ ready: true });
    expect((await role.obey({ do: 'start', point: 9 })).problem?.reason).toBe('UnknownPoint');
    expect((await role.obey({ do: 'stop', point: 0 })).problem?.reason).toBe('UnknownPoint');
  });

  test('starts, stops and records points, orders given twice too', async () => {
    await tool(LISTENING);
    role = roleWith(countingOrders());
    role.begin(plan);
    const record = role.finished(plan);
    for (const id of [0, 1]) {
      for (const order of ['start', 'start', 'stop', 'stop'] as const) {
        expect((await role.obey({ do: order, point: id })).problem).toBeNull();
      }
    }
    await role.obey({ do: 'bye', problem: null });
    const { points, error } = await record;
    expect(error).toBeNull();
    expect(points.map(({ id, error: problem }) => ({ id, problem }))).toEqual([
      { id: 0, problem: null },
      { id: 1, problem: null },
    ]);
    expect(points[0]?.raw).toMatchObject({ tool: 'sockperf', version: '3.7', exitCode: null });
  });

  test('says when the tool ends at once, and goes on', async () => {
    await tool('echo "no permission" >&2; exit 9');
    role.begin(plan);
    const { problem } = await role.obey({ do: 'start', point: 0 });
    expect(problem).toMatchObject({ reason: 'ToolFailed', message: expect.stringContaining('code 9: no permission') });
    await tool(LISTENING);
    expect((await role.obey({ do: 'start', point: 1 })).problem).toBeNull();
    await role.obey({ do: 'bye', problem: { reason: 'Timeout', message: 'x' } });
    const { points, error } = await role.finished(plan);
    expect(points.map((result) => result.error?.reason)).toEqual(['ToolFailed', undefined]);
    expect(error).toEqual({ reason: 'Timeout', message: 'the client says: x' });
  });

  test('says when the tool died while the client measured', async () => {
    const word = join(directory, 'die');
    const wait = `until [ -e ${word} ]; do sleep 0.05; done`;
    await tool(`${LISTENING.replace('exec ', '')} & ${wait}; kill $!; echo crashed >&2; exit 139`);
    role.begin(plan);
    expect((await role.obey({ do: 'start', point: 0 })).problem).toBeNull();
    await writeFile(word, '');
    await delay(1000);
    expect((await role.obey({ do: 'stop', point: 0 })).problem?.message).toContain('crashed');
  });

  test('gives up on a client that is silent', async () => {
    role.begin(plan);
    const { error } = await role.finished(plan, 100);
    expect(error).toMatchObject({ reason: 'PeerLost', message: 'The client gave no order for 0.1 s' });
  });

  test('ends with its signal', async () => {
    role.begin(plan);
    const record = role.finished(plan);
    ended.abort(new Error('ended'));
    await expect(record).rejects.toThrow('ended');
  });
});

describe('counters that the driver fills late', () => {
  const MOVED = { toServer: 1000, toClient: 400 };

  async function measured(...readings: NicCounters[]): Promise<{ taken: number[]; points: PointResult[] }> {
    const { read, taken } = scriptedCounters(...readings);
    await tool(LISTENING);
    role = roleWith(read);
    role.begin(plan);
    const record = role.finished(plan);
    const counts: number[] = [];
    for (const id of [0, 1]) {
      expect((await role.obey({ do: 'start', point: id })).problem).toBeNull();
      expect((await role.obey({ do: 'stop', point: id, moved: MOVED })).problem).toBeNull();
      counts.push(taken());
    }
    await role.obey({ do: 'bye', problem: null });
    return { taken: counts, points: (await record).points };
  }

  test('count for the point that they are of, to the last byte: received and sent', async () => {
    const [start, half] = [nic(50, 50, 1), nic(600, 450, 2)];
    const [whole, next, done] = [nic(1050, 450, 3), nic(1060, 460, 4), nic(2060, 860, 5)];
    // The first point: before, ended, until enough. The second: until caught up, before, ended.
    const { points, taken } = await measured(start, half, half, half, whole, whole, whole, next, next, done);
    expect(points.map((result) => result.nic)).toEqual([
      { before: start, after: whole },
      { before: next, after: done },
    ]);
    expect(taken).toEqual([5, 10]);
  });

  test('of what was sent are awaited too', async () => {
    const [start, half] = [nic(0, 0, 1), nic(1000, 300, 2)];
    const { points } = await measured(start, half, half, nic(1000, 400, 3), nic(1000, 400, 4));
    expect(points[0]?.nic.after).toEqual(nic(1000, 400, 3));
  });

  test('are not awaited after a point that failed: its client tells no bytes', async () => {
    await tool(LISTENING);
    const { read, taken } = scriptedCounters(nic(0, 0, 1));
    role = roleWith(read);
    role.begin(plan);
    await role.obey({ do: 'start', point: 0 });
    expect((await role.obey({ do: 'stop', point: 0 })).problem).toBeNull();
    expect(taken()).toBe(2);
  });

  test('are awaited for what the server’s own tool counted, and the client is told', async () => {
    const stream: TestPoint = { ...point(0), type: 'Stream', messageBytes: 0 };
    const document = JSON.stringify({ intervals: [{ sum: { bytes: 5000, sender: false, omitted: true } }] });
    const listen = `require("node:net").createServer().listen(+process.argv[1], "${ADDRESS}"); setTimeout(() => { console.log(process.argv[2]); process.exit(0) }, 500)`;
    await writeFile(
      join(directory, 'iperf3'),
      `#!/bin/sh\nexec ${process.execPath} -e '${listen}' -- "$5" '${document}'\n`,
      { mode: 0o755 },
    );
    const { read } = scriptedCounters(nic(0, 0, 1), nic(1000, 0, 2), nic(1000, 0, 2), nic(5000, 0, 3));
    role = roleWith(read);
    role.begin({ points: [stream], pairs: 1 });
    expect((await role.obey({ do: 'start', point: 0 })).problem).toBeNull();
    const reply = await role.obey({ do: 'stop', point: 0, moved: { toServer: 1000, toClient: 0 } });
    expect(reply).toMatchObject({ problem: null, moved: { toServer: 5000, toClient: 0 } });
    await role.obey({ do: 'bye', problem: null });
    const { points } = await role.finished({ points: [stream], pairs: 1 });
    expect(points[0]).toMatchObject({ nic: { after: { rxBytes: 5000 } }, moved: { toServer: 5000, toClient: 0 } });
  });
});
