/** One run of a tool with scripts in its place: what of its warm-up, a run of its own, is kept. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { latencyPoint, sample } from '../../../test/support/results/samples.ts';
import { ScriptedTools } from '../../../test/support/scripted-tools.ts';
import type { measureByTool } from './tool.ts';

const POINT = latencyPoint({ tool: 'netperf', durationSeconds: 2, warmupSeconds: 1 });
const path = { own: '127.0.0.1', peer: '127.0.0.1', port: 5201, dataPort: 5203 };
/** Of the recorded run. */
const BYTES = 6_022_336;

jest.setTimeout(60_000);

let tools: ScriptedTools;
let measure: typeof measureByTool;

beforeAll(async () => {
  tools = await ScriptedTools.create({ alone: true });
  await tools.write('run.txt', sample('netperf/own-rr-udp.txt'));
  ({ measureByTool: measure } = await import('./tool.ts'));
});
afterAll(() => tools.remove());

/** netperf that says it ran as long as it was told; `warmup` is done in its place for the first of the two runs. */
const netperf = (warmup: string): Promise<void> =>
  tools.script(
    'netperf',
    `const seconds = args[args.indexOf('-l') + 1];
const text = fs.readFileSync('run.txt', 'utf8').replace(/ELAPSED_TIME=.*/, 'ELAPSED_TIME=' + seconds + '.00');
if (call === 1) { ${warmup} } else process.stdout.write(text);`,
  );

const run = (point = POINT): ReturnType<typeof measureByTool> =>
  measure(point, { path, bulkPath: path, tools: { netperf: '2.7.0' }, signal: new AbortController().signal });

test('its bytes count as moved, its figures do not', async () => {
  await netperf('process.stdout.write(text.replace("TRANSACTION_RATE=47046.651", "TRANSACTION_RATE=1"));');
  const rate = (await run()).measurements.find(({ metric }) => metric === 'transactionRate');
  expect(rate?.value).toBe(47046.651);
  await netperf('process.stdout.write(text);');
  const { error, moved } = await run();
  expect(error).toBeNull();
  expect(moved).toEqual({ toServer: 2 * BYTES, toClient: 2 * BYTES });
  expect((await tools.calls('netperf')).map((args) => args[args.indexOf('-l') + 1])).toEqual(['1', '2']);
});

test.each([
  ['tells nothing', ''],
  ['fails', 'process.exit(3);'],
])('one that %s adds nothing, and the run after it stands', async (_, warmup) => {
  await netperf(warmup);
  const { error, moved } = await run();
  expect(error).toBeNull();
  expect(moved).toEqual({ toServer: BYTES, toClient: BYTES });
});

test('a run that failed tells no bytes', async () => {
  await netperf('process.exit(3);');
  const { error, moved } = await run({ ...POINT, warmupSeconds: 0 });
  expect(error).toMatchObject({ reason: 'ToolFailed' });
  expect(moved).toBeUndefined();
});
