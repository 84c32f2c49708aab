/** What an open page is told, when, and how much it may cost. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.ts';
import {
  anotherExperiment,
  anotherTestbed,
  ended,
  type HeldPage,
  running,
  startHeldPage,
  trialOf,
} from '../../../test/support/page.ts';
import { readPage, type Reader } from '../../../test/support/reader.ts';

const one = anotherExperiment('bench', 'one', running());
let now: number;
let page: HeldPage;
const open: Reader[] = [];
const start = async (options: Parameters<typeof startHeldPage>[0] = {}): Promise<void> => {
  page = await startHeldPage({ now: () => now, ...options });
  page.users.add('all', 'admin', '*');
  page.users.add('bench', 'ann', 'bench');
  page.objects.put(one);
};
const read = async (token = 'all'): Promise<Reader> => {
  const reader = await readPage(`${page.url}/api/v1/stream`, token);
  open.push(reader);
  return reader;
};

beforeEach(async () => {
  now = 1_000_000;
  await start();
});
afterEach(async () => {
  for (const reader of open.splice(0)) reader.close();
  await page.server.close();
});

describe('what is told', () => {
  test('everything once, then what changed, of all kinds', async () => {
    const reader = await read();
    expect(await reader.message(0)).toMatchObject({
      name: 'snapshot',
      data: { user: 'admin', experiments: [{ key: 'bench/one', state: 'Running', blocks: 3 }] },
    });
    page.objects.put(anotherTestbed('bench', 'lab', false));
    expect(await reader.message(1)).toMatchObject({
      name: 'change',
      data: { experiments: [], testbeds: [{ key: 'bench/lab', ready: 'False' }] },
    });
    page.objects.put({ ...one, status: ended('Passed') });
    expect((await reader.message(2)).data.experiments).toMatchObject([{ key: 'bench/one', state: 'Passed' }]);
    page.objects.remove('Experiment', 'bench/one');
    expect((await reader.message(3)).data).toMatchObject({ experiments: [], gone: { experiments: ['bench/one'] } });
  });

  test('a Trial that goes on changes its Experiment', async () => {
    const reader = await read();
    await reader.message(0);
    page.objects.put(trialOf(one, { mode: 'virtio', block: 3 }, {}));
    expect((await reader.message(1)).data.experiments[0]?.running).toMatchObject([
      { mode: 'virtio', stage: 'waiting' },
    ]);
  });

  test('many changes at once are one message, with what is newest', async () => {
    const reader = await read();
    await reader.message(0);
    for (let blocks = 0; blocks < 6; blocks++) page.objects.put({ ...one, status: running(blocks) });
    expect((await reader.message(1)).data.experiments).toMatchObject([{ blocks: 5 }]);
    expect(reader.messages).toHaveLength(2);
  });

  test('what may not be seen any more goes, and what never was seen is not named', async () => {
    const reader = await read('bench');
    await reader.message(0);
    now += 10_000;
    page.objects.put(anotherExperiment('team', 'hidden', running()));
    page.objects.remove('Experiment', 'team/hidden');
    page.users.revoke('ann');
    page.objects.put(one);
    const { data } = await reader.message(1);
    expect(data).toMatchObject({ experiments: [], gone: { experiments: ['bench/one'] } });
    expect(JSON.stringify(reader.messages)).not.toContain('hidden');
  });

  test('a token that ended ends the stream with the reason', async () => {
    const reader = await read();
    await reader.message(0);
    page.users.users.delete('all');
    now += 10_000;
    page.objects.put(one);
    expect(await reader.message(1)).toMatchObject({ name: 'end', data: { reason: 'Unauthorized' } });
    await eventually(2, () => Promise.resolve(reader.isEnded() || null));
  });
});

describe('what it costs', () => {
  test('at rest nothing is asked of the API server', async () => {
    const reader = await read();
    await reader.message(0);
    const { length } = page.users.asked;
    now += 60_000;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(page.users.asked).toHaveLength(length);
  });

  test('stores are listened to only while somebody reads', async () => {
    const readers = [await read(), await read()];
    expect([page.objects.listeners, page.server.streams()]).toEqual([1, 2]);
    for (const reader of readers) reader.close();
    await eventually(2, () =>
      Promise.resolve(page.objects.listeners === 0 && page.server.streams() === 0 ? true : null),
    );
  });

  test('so many pages and no more', async () => {
    await page.server.close();
    await start({ mostStreams: 2 });
    const readers = [await read(), await read()];
    expect((await read()).status).toBe(503);
    readers[0]?.close();
    await eventually(2, async () => ((await read()).status === 200 ? true : null));
  });

  test('signs of life between changes', async () => {
    await page.server.close();
    await start({ heartbeatMs: 20 });
    const reader = await read();
    await eventually(2, () => Promise.resolve(reader.beats() > 2 || null));
  });

  test('a reader that does not read gets the newest state later, not all that was between', async () => {
    const reader = await read();
    await reader.message(0);
    reader.pause();
    const filler = 'x'.repeat(200);
    for (let i = 0; i < 2000; i++)
      page.objects.put({
        ...anotherExperiment('bench', `filler-${i}`, running(i % 6)),
        spec: { ...one.spec, testbed: filler },
      });
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < 2000; i++)
        page.objects.put({
          ...anotherExperiment('bench', `filler-${i}`, running((i + round) % 6)),
          spec: { ...one.spec, testbed: filler },
        });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    page.objects.put({ ...one, status: ended('Passed') });
    await new Promise((resolve) => setTimeout(resolve, 100));
    reader.resume();
    const newest = () =>
      reader.messages.flatMap(({ data }) => data.experiments).findLast(({ key }) => key === 'bench/one');
    await eventually(5, () => Promise.resolve(newest()?.state === 'Passed' || null));
    expect(reader.messages.length).toBeLessThan(16);
  });

  test('one that takes nothing for long is let go', async () => {
    await page.server.close();
    await start({ heartbeatMs: 50 });
    for (let i = 0; i < 20_000; i++) page.objects.put(anotherExperiment('bench', `filler-${i}`, running()));
    const reader = await read();
    reader.pause();
    await eventually(5, () => Promise.resolve(page.server.streams() === 0 || null));
  });
});

test('a server that stops says so and is gone at once', async () => {
  const reader = await read();
  await reader.message(0);
  const before = performance.now();
  await page.server.close();
  expect(performance.now() - before).toBeLessThan(2000);
  expect(await reader.message(1)).toMatchObject({ name: 'end', data: { reason: 'Stopping' } });
  expect(page.objects.listeners).toBe(0);
  await start();
});
