import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FakeClock, settle } from '../../test/support/fake-clock.ts';
import { QueueStoppedError, WorkQueue } from './queue.ts';

function setup(): { queue: WorkQueue; clock: FakeClock } {
  const clock = new FakeClock();
  return { clock, queue: new WorkQueue({ clock, random: () => 1, baseDelayMs: 500, maxDelayMs: 4000 }) };
}

/** Takes all that is due now, and ends the work on it at once unless `keep`. */
async function drain(queue: WorkQueue, keep = false): Promise<string[]> {
  const keys: string[] = [];
  while (queue.stats.depth > 0) {
    const key = await queue.take();
    keys.push(key);
    if (!keep) queue.done(key);
  }
  return keys;
}

describe('order', () => {
  test('a key added twice is handed out once', async () => {
    const { queue } = setup();
    queue.add('a/1');
    queue.add('a/1');
    expect(await drain(queue)).toEqual(['a/1']);
  });

  test('namespaces take turns', async () => {
    const { queue } = setup();
    for (const key of ['a/1', 'a/2', 'a/3', 'b/1', 'c/1', 'b/2', 'node']) queue.add(key);
    expect(await drain(queue)).toEqual(['a/1', 'b/1', 'c/1', 'node', 'a/2', 'b/2', 'a/3']);
  });

  test('fresh keys come before retries, and a retry that is added becomes fresh', async () => {
    const { queue, clock } = setup();
    queue.addRateLimited('a/retry');
    queue.addRateLimited('a/again');
    await clock.advance(500);
    queue.add('a/fresh');
    queue.add('a/again');
    expect(await drain(queue)).toEqual(['a/fresh', 'a/again', 'a/retry']);
  });
});

describe('a key being worked on', () => {
  test('is not handed out; added meanwhile it comes once more', async () => {
    const { queue } = setup();
    queue.add('a/1');
    expect(await queue.take()).toBe('a/1');
    queue.add('a/1');
    queue.add('a/1');
    expect(queue.stats.depth).toBe(0);
    queue.done('a/1');
    expect(await drain(queue)).toEqual(['a/1']);
    expect(queue.stats).toMatchObject({ depth: 0, running: 0, delayed: 0, taken: 2 });
  });

  test('waits for its end when its delay runs out before', async () => {
    const { queue, clock } = setup();
    queue.add('a/1');
    await queue.take();
    queue.addAfter('a/1', 10);
    await clock.advance(20);
    expect(queue.stats.depth).toBe(0);
    queue.done('a/1');
    expect(queue.stats.depth).toBe(1);
  });
});

describe('delays', () => {
  test.each([
    ['the earliest counts', [100, 50, 200], 50],
    ['in whatever order', [50, 100], 50],
    ['nothing is now', [100, 0], 0],
  ])('%s', async (_, delays, due) => {
    const { queue, clock } = setup();
    for (const ms of delays) queue.addAfter('a/1', ms);
    if (due > 0) {
      await clock.advance(due - 1);
      expect(queue.stats.depth).toBe(0);
      await clock.advance(1);
    }
    expect(await drain(queue)).toEqual(['a/1']);
    await clock.advance(1000);
    expect(await drain(queue)).toEqual([]);
  });

  test('add ends a delay', async () => {
    const { queue, clock } = setup();
    queue.addAfter('a/1', 100);
    queue.add('a/1');
    expect(await drain(queue)).toEqual(['a/1']);
    await clock.advance(100);
    expect(queue.stats.depth).toBe(0);
  });

  test('backoff doubles up to the cap, and forget starts anew', () => {
    const { queue } = setup();
    const delays = Array.from({ length: 5 }, () => queue.addRateLimited('a/1'));
    expect(delays).toEqual([500, 1000, 2000, 4000, 4000]);
    expect(queue.addRateLimited('a/2')).toBe(500);
    queue.forget('a/1');
    expect(queue.addRateLimited('a/1')).toBe(500);
  });

  test('one timer serves all', async () => {
    const { queue, clock } = setup();
    for (let i = 100; i > 0; i--) queue.addAfter(`a/${i}`, i);
    expect(clock.pending).toBe(1);
    await clock.advance(50);
    expect(queue.stats).toMatchObject({ depth: 50, delayed: 50 });
  });
});

describe('take', () => {
  test('waits, first come first served', async () => {
    const { queue } = setup();
    const got: string[] = [];
    const first = queue.take().then((key) => got.push(`first ${key}`));
    const second = queue.take().then((key) => got.push(`second ${key}`));
    queue.add('a/1');
    queue.add('a/2');
    await Promise.all([first, second]);
    expect(got).toEqual(['first a/1', 'second a/2']);
  });

  test('an aborted take loses no key', async () => {
    const { queue } = setup();
    const abort = new AbortController();
    const taking = queue.take(abort.signal);
    abort.abort(new Error('enough'));
    await expect(taking).rejects.toThrow('enough');
    await expect(queue.take(abort.signal)).rejects.toThrow('enough');
    queue.add('a/1');
    expect(await queue.take()).toBe('a/1');
  });

  test('stop ends waiting and ignores what comes later', async () => {
    const { queue, clock } = setup();
    queue.addAfter('a/1', 10);
    const taking = queue.take();
    queue.stop();
    await expect(taking).rejects.toThrow(QueueStoppedError);
    queue.add('a/2');
    await clock.advance(100);
    expect(queue.stats).toMatchObject({ depth: 0, delayed: 0 });
  });
});

interface Step {
  act: 'add' | 'addRateLimited' | 'addAfter' | 'take' | 'done' | 'advance';
  key: string;
  ms: number;
}

test('whatever happens, no key is worked on twice at once and every key added is worked on afterwards', async () => {
  const act = fc.record({
    act: fc.constantFrom('add', 'addRateLimited', 'addAfter', 'take', 'done', 'advance'),
    key: fc.constantFrom('a/1', 'a/2', 'b/1', 'c'),
    ms: fc.nat(200),
  });
  const property = fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
    const { queue, clock } = setup();
    const running = new Set<string>();
    const owed = new Set<string>();
    const take = async (): Promise<void> => {
      const taken = await queue.take();
      expect(running.has(taken)).toBe(false);
      running.add(taken);
      owed.delete(taken);
    };
    const owe = (name: string): void => void owed.add(name);
    const doing: Record<Step['act'], (step: Step) => void | Promise<void>> = {
      add: (step) => (owe(step.key), queue.add(step.key)),
      addRateLimited: (step) => (owe(step.key), void queue.addRateLimited(step.key)),
      addAfter: (step) => (owe(step.key), queue.addAfter(step.key, step.ms)),
      take: () => (queue.stats.depth > 0 ? take() : undefined),
      done: (step) => (running.delete(step.key) ? queue.done(step.key) : undefined),
      advance: (step) => clock.advance(step.ms),
    };
    for (const step of acts) {
      await doing[step.act](step);
    }
    for (const left of running) queue.done(left);
    running.clear();
    await clock.advance(10_000);
    while (queue.stats.depth > 0) await take();
    expect([...owed]).toEqual([]);
  });
  await fc.assert(property, { numRuns: 100 });
  await settle();
});
