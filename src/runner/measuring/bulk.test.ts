/** LatencyUnderBulk with scripts in place of its tools: what becomes of a stream, or a probe, that goes wrong. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestPoint } from '../../api/protocol.ts';
import { bulkOf } from '../../results/commands.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { latencyPoint, sample, values } from '../../../test/support/results/samples.ts';
import { ScriptedTools } from '../../../test/support/scripted-tools.ts';
import type { measureUnderBulk } from './bulk.ts';

type Measured = Awaited<ReturnType<typeof measureUnderBulk>>;

const POINT: TestPoint = latencyPoint({ type: 'LatencyUnderBulk' });
const path = { own: '127.0.0.1', peer: '127.0.0.1', port: 5201, dataPort: 5203 };
/** Printed by each script as it ends, and awaited by the other: who ends first does not hang on the machine's speed. */
const AWAIT = (file: string): string =>
  `i=0; while [ ! -e ${file} ] && [ $i -lt 300 ]; do sleep 0.05; i=$((i+1)); done`;
const PROBE = 'cat rtt.txt; touch probe.done';
const STREAM = `${AWAIT('probe.done')}; sleep 1; cat stream.json`;

jest.setTimeout(60_000);

let tools: ScriptedTools;
let measure: typeof measureUnderBulk;

beforeAll(async () => {
  tools = await ScriptedTools.create({ alone: false });
  await tools.write('rtt.txt', sample('sockperf/pp-udp.txt'));
  await tools.write('refused.json', sample('iperf3/err-refused.json'));
  await tools.write('stream.json', streamOf(bulkOf(POINT).durationSeconds));
  ({ measureUnderBulk: measure } = await import('./bulk.ts'));
});
afterAll(() => tools.remove());

/** A recorded stream of 2 s as one of so many. */
function streamOf(seconds: number): string {
  return sample('iperf3/tcp.json')
    .replace(/("duration":\s*)2/, `$1${seconds}`)
    .replaceAll(/("seconds":\s*)2\.000\d+/g, `$1${seconds}.000714`);
}

async function run(scripts: { probe?: string; stream?: string }, signal?: AbortSignal): Promise<Measured> {
  await tools.shell('sockperf', scripts.probe ?? PROBE);
  await tools.shell('iperf3', `rm -f probe.done; ${scripts.stream ?? STREAM}`);
  const context = { path, bulkPath: { ...path, port: 5202 }, tools: { iperf3: '3.18', sockperf: '3.7' } };
  return measure(POINT, { ...context, signal: signal ?? new AbortController().signal });
}

test('a stream that outlives the probe: round trips and its throughput, each with what was run', async () => {
  const found = await run({});
  expect(found.error).toBeNull();
  const seconds = bulkOf(POINT).durationSeconds;
  expect(values(found.measurements)).toMatchObject({
    rttP50: expect.any(Number),
    bulkThroughput: (3395813376 * 8) / (seconds + 0.000714),
  });
  // 146494 round trips of 64 bytes, and the stream.
  expect(found.moved).toEqual({ toServer: 146_494 * 64 + 3_395_813_376, toClient: 146_494 * 64 });
  expect(found.measurements.filter(({ metric }) => metric === 'bulkThroughput')).toHaveLength(1);
  expect(found.raw).toMatchObject({ tool: 'sockperf', version: '3.7', stdout: sample('sockperf/pp-udp.txt') });
  expect(found.bulk).toMatchObject({ tool: 'iperf3', version: '3.18', exitCode: 0 });
  expect(found.bulk?.command).toEqual(expect.arrayContaining(['-p', '5202', '-t', `${seconds}`]));
});

test('a stream that is over before the probe: BulkEnded, though both printed whole reports', async () => {
  const found = await run({ stream: 'cat stream.json' });
  expect(found.error).toEqual({ reason: 'BulkEnded', message: expect.stringContaining('before the round trips') });
  expect(found.raw.stdout).toBe(sample('sockperf/pp-udp.txt'));
  expect(found.bulk?.stdout).not.toBe('');
});

test.each([
  ['reaches nobody', 'cat refused.json', 'PeerUnreachable'],
  ['crashes', `${AWAIT('probe.done')}; echo boom >&2; exit 3`, 'ToolFailed'],
  ['says nothing', `${AWAIT('probe.done')}`, 'UnreadableOutput'],
  ['is that of another test', `${AWAIT('probe.done')}; sed s/TCP/UDP/ stream.json`, 'WrongTest'],
  ['is cut in its document', `${AWAIT('probe.done')}; head -c 2000 stream.json`, 'UnreadableOutput'],
])('a stream that %s: the point fails by its reason, its throughput is absent', async (_, stream, reason) => {
  const found = await run({ stream });
  expect(found.error).toMatchObject({ reason, message: expect.stringMatching(/^the stream beside it: ./) });
  expect(found.measurements.find(({ metric }) => metric === 'bulkThroughput')).toMatchObject({
    value: null,
    reason: expect.stringContaining(': '),
  });
});

test('the problem of the probe is the one that is told where both have one', async () => {
  const found = await run({
    probe: 'echo "sockperf: ERROR: no route" >&2; touch probe.done; exit 1',
    stream: 'exit 1',
  });
  expect(found.error).toMatchObject({ reason: 'ToolFailed', message: expect.stringMatching(/^sockperf: no route/) });
});

test.each([
  ['before the probe', ['stream.pid']],
  ['while both run', ['stream.pid', 'probe.pid']],
])('an abort %s ends what runs, and is thrown', async (_, files) => {
  const abort = new AbortController();
  const sleeping = (file: string): string => `echo $$ > ${file}; exec sleep 60`;
  await Promise.all(files.map((file) => tools.write(file, '')));
  const running = run({ probe: sleeping('probe.pid'), stream: sleeping('stream.pid') }, abort.signal);
  const pids = await eventually(20, async () => {
    const texts = await Promise.all(files.map((file) => readFile(join(tools.folder, file), 'utf8')));
    return texts.every((text) => text.endsWith('\n')) ? texts.map(Number) : null;
  });
  abort.abort(new Error('the trial is over'));
  await expect(running).rejects.toThrow('the trial is over');
  for (const pid of pids) await eventually(20, async () => (isAlive(pid) ? null : true));
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
