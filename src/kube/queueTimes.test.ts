import { expect, test } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { WorkQueue } from './queue.ts';

test('a queue tells how long keys wait and are worked on, and counts a key that is due already once', async () => {
  const clock = new FakeClock();
  const queue = new WorkQueue({ clock });
  const told: [string, number][] = [];
  queue.observe({
    queued: (seconds) => told.push(['queued', seconds]),
    worked: (seconds) => told.push(['worked', seconds]),
  });
  queue.add('a');
  queue.add('a');
  expect(queue.stats).toMatchObject({ adds: 1, depth: 1, longestRunningSeconds: 0 });
  await clock.advance(2000);
  expect(await queue.take()).toBe('a');
  await clock.advance(3000);
  queue.add('a');
  queue.add('a');
  queue.add('b');
  await queue.take();
  await clock.advance(1000);
  expect(queue.stats).toMatchObject({ adds: 3, running: 2, longestRunningSeconds: 4, unfinishedSeconds: 5 });
  queue.done('a');
  expect(await queue.take()).toBe('a');
  expect(told).toEqual([
    ['queued', 2],
    ['queued', 0],
    ['worked', 4],
    ['queued', 1],
  ]);
});

test('a key that waits for its delay or backoff is due, and added, when that has passed', async () => {
  const clock = new FakeClock();
  const queue = new WorkQueue({ clock });
  const waited: number[] = [];
  queue.observe({ queued: (seconds) => waited.push(seconds), worked: () => {} });
  queue.addAfter('a', 5000);
  expect(queue.stats.adds).toBe(0);
  await clock.advance(5000);
  await queue.take();
  expect([queue.stats.adds, waited]).toEqual([1, [0]]);
});
