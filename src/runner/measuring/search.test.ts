/** RateSearch with a script in place of iperf3: a link that takes so many datagrams a second, and what may go wrong on it. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestPoint } from '../../api/protocol.ts';
import { sample, streamPoint, values } from '../../../test/support/results/samples.ts';
import { ScriptedTools } from '../../../test/support/scripted-tools.ts';
import type { TrialResult } from '../../results/search/types.ts';
import type { measureBySearch } from './search.ts';

type Measured = Awaited<ReturnType<typeof measureBySearch>>;

const POINT: TestPoint = streamPoint({
  type: 'RateSearch',
  protocol: 'UDP',
  messageBytes: 64,
  durationSeconds: 1,
  widthPercent: 5,
});
/** Datagrams a second: what the link takes without loss, and what the sender sends when let loose. */
const [CAPACITY, LOOSE] = [40_000, 100_000];
const path = { own: '127.0.0.1', peer: '127.0.0.1', port: 5201, dataPort: 5203 };

jest.setTimeout(60_000);

let tools: ScriptedTools;
let measure: typeof measureBySearch;

beforeAll(async () => {
  tools = await ScriptedTools.create({ alone: true });
  await tools.write('sample.json', sample('iperf3/udp-unlim-64.json'));
  await tools.write('busy.json', sample('iperf3/err-busy.json'));
  ({ measureBySearch: measure } = await import('./search.ts'));
});
afterAll(() => tools.remove());

/** A recorded document of 3.12 with the counts that a link of such a capacity gives. `refused`: calls that fail instead. */
const link = ({ capacity = CAPACITY, refused = 'false', extra = '' } = {}): string => `
if (${refused}) { process.stdout.write(fs.readFileSync('busy.json')); process.exit(0); }
const document = JSON.parse(fs.readFileSync('sample.json', 'utf8'));
const asked = Number(args[args.indexOf('-b') + 1]) / 8 / 64;
const sent = Math.round(asked === 0 ? ${LOOSE} : Math.min(asked, ${LOOSE}));
const received = Math.min(sent, ${capacity});
const { start, end } = document;
Object.assign(start.test_start, { duration: Number(args[args.indexOf('-t') + 1]) });
Object.assign(end.sum_sent, { seconds: 1, bytes: sent * 64, packets: sent });
Object.assign(end.sum_received, { seconds: 1, bytes: received * 64, packets: sent, lost_packets: sent - received });
document.intervals = [{ streams: [{}], sum: { seconds: 1, bytes: sent * 64, packets: sent, omitted: false } }];
${extra}
process.stdout.write(JSON.stringify(document));
`;

async function search(script: string | null, signal = new AbortController().signal): Promise<Measured> {
  if (script === null) await rm(join(tools.folder, 'iperf3'), { force: true });
  else await tools.script('iperf3', script);
  return measure(POINT, { path, bulkPath: path, tools: { iperf3: '3.12' }, signal });
}

const trialsOf = ({ raw }: Measured): (TrialResult & { sentRate: number; lossOfSent: number })[] =>
  raw.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TrialResult & { sentRate: number; lossOfSent: number });

test('the sender let loose first, then the loads that it asks for, to what the link takes; each trial is on record', async () => {
  const found = await search(link());
  expect(found.error).toBeNull();
  const { ndrRate, pdrRate, maxOfferedRate } = values(found.measurements) as Record<string, number>;
  expect(maxOfferedRate).toBeCloseTo(LOOSE, -1);
  for (const rate of [ndrRate, pdrRate]) {
    expect(rate).toBeLessThanOrEqual(CAPACITY * 1.005);
    expect(rate).toBeGreaterThan(CAPACITY * 0.95);
  }
  const [trials, calls] = [trialsOf(found), await tools.calls('iperf3')];
  const offered = calls.map((args) => Number(args[args.indexOf('-b') + 1]) / 8 / 64);
  expect(offered[0]).toBe(0);
  expect(trials.map(({ load }) => Math.round(load))).toEqual([LOOSE, ...offered.slice(1).map(Math.round)]);
  expect(trials[0]).toMatchObject({ lossOfSent: 1 - CAPACITY / LOOSE });
  const arrived = trials.map(({ sentRate, lossOfSent }) => Math.round(sentRate * (1 - lossOfSent)) * 64);
  expect(found.moved).toEqual({ toServer: arrived.reduce((sum, bytes) => sum + bytes, 0), toClient: 0 });
  expect(found.moved?.toServer).toBeGreaterThan(3 * 64 * CAPACITY);
});

test('a server that is not ready twice does not end the search, whenever it happens', async () => {
  const found = await search(link({ refused: '[1, 2, 5, 6].includes(call)' }));
  expect(found.error).toBeNull();
  expect((await tools.calls('iperf3')).length).toBe(trialsOf(found).length + 4);
  expect(values(found.measurements)['ndrRate']).toBeGreaterThan(CAPACITY * 0.95);
});

test('the third failure of the first trial is told, with what iperf3 printed', async () => {
  const found = await search(link({ refused: 'true' }));
  expect(found.error).toMatchObject({ reason: 'ToolFailed', message: expect.stringContaining('the server is busy') });
  expect(found.measurements).toEqual([]);
  expect(found.raw.stdout).toBe(sample('iperf3/err-busy.json'));
  expect(await tools.calls('iperf3')).toHaveLength(3);
});

test('one in the middle of the search is no result either, and keeps the trials so far before its own output', async () => {
  const found = await search(link({ refused: 'call > 4' }));
  expect(found.error).toMatchObject({ reason: 'ToolFailed' });
  expect(found.measurements).toEqual([]);
  const lines = found.raw.stdout.split('\n').slice(0, 4);
  expect(lines.map((line) => (JSON.parse(line) as TrialResult).load > 0)).toEqual([true, true, true, true]);
  expect(found.raw.stdout).toContain('the server is busy');
});

test('a program that is not there is not tried again', async () => {
  const found = await search(null);
  expect(found.error).toMatchObject({ reason: 'ToolMissing', message: expect.stringContaining('iperf3') });
});

test('nothing arrives of a sender let loose: NothingReceived, not a rate of zero', async () => {
  const found = await search(link({ capacity: 0 }));
  expect(found.error).toMatchObject({ reason: 'NothingReceived' });
  expect(found.measurements).toEqual([]);
});

test('a load of which nothing arrives is one that lost everything: the search goes on below it', async () => {
  const found = await search(link({ extra: 'if (asked > 30000) end.sum_received.bytes = 0;' }));
  expect(found.error).toBeNull();
  const lost = trialsOf(found).filter(({ lossRatio }) => lossRatio === 1);
  expect(lost.length).toBeGreaterThan(0);
  expect(lost.every(({ load }) => load > 30_000)).toBe(true);
  expect(values(found.measurements)['ndrRate']).toBeLessThanOrEqual(30_000);
  expect(values(found.measurements)['ndrRate']).toBeGreaterThan(30_000 * 0.94);
});

test('a document without rate and loss is said to be one', async () => {
  const found = await search(link({ extra: 'delete end.sum_received.lost_packets;' }));
  expect(found.error).toEqual({ reason: 'NotReported', message: expect.stringContaining('no rate and loss') });
  expect(await tools.calls('iperf3')).toHaveLength(3);
});

test('the time is over: the rates are absent and where they lie is said, the largest load is known', async () => {
  const start = Date.now();
  let looks = 0;
  // The search asks for the time before each trial: an hour passes in the fourth.
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => start + (++looks > 4 ? 3_600_000 : 0));
  const found = await search(link()).finally(() => clock.mockRestore());
  expect(found.error).toBeNull();
  expect(trialsOf(found).length).toBeLessThan(8);
  expect(values(found.measurements)).toMatchObject({ ndrRate: 'SearchUnfinished', maxOfferedRate: expect.any(Number) });
  const ndr = found.measurements.find(({ metric }) => metric === 'ndrRate');
  expect(ndr?.reason).toMatch(/lies between (an unknown rate|\d+) and \d+ datagrams\/s/);
});

test('an abort in a trial ends it, and is thrown', async () => {
  const abort = new AbortController();
  const running = search('if (call === 2) setTimeout(() => 0, 60000);\nelse {' + link() + '}', abort.signal);
  const poll = setInterval(() => {
    void tools.calls('iperf3').then(
      (calls) => calls.length === 2 && abort.abort(new Error('the trial is over')),
      () => undefined,
    );
  }, 50);
  await expect(running.finally(() => clearInterval(poll))).rejects.toThrow('the trial is over');
});
