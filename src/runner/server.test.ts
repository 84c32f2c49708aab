import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { TestPoint, TrialPlan } from '../api/protocol.ts';
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

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vfbench-tool-'));
  ended = new AbortController();
  role = new ServerRole({
    endpoint: 'server-0',
    nic: 'lo',
    address: ADDRESS,
    tools: { sockperf: '3.7' },
    signal: ended.signal,
    progress: () => undefined,
    path: [directory, process.env['PATH']].join(delimiter),
  });
});

afterEach(async () => {
  ended.abort();
  await rm(directory, { recursive: true, force: true });
});

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
    await tool(`${LISTENING.replace('exec ', '')} & sleep 0.7; kill $!; echo crashed >&2; exit 139`);
    role.begin(plan);
    expect((await role.obey({ do: 'start', point: 0 })).problem).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 1000));
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
