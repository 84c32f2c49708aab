import { describe, expect, test } from '@jest/globals';
import { Slots } from './slots.ts';

const forever = new AbortController().signal;

describe('slots', () => {
  test('let as many in as there are, the others in order', async () => {
    const slots = new Slots(1);
    const release = await slots.acquire(forever);
    const order: number[] = [];
    const waiting = [1, 2].map(async (n) => {
      const done = await slots.acquire(forever);
      order.push(n);
      done();
    });
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    release();
    release();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2]);
  });

  test('are not lost to those who leave the queue', async () => {
    const slots = new Slots(1);
    const release = await slots.acquire(forever);
    const gone = new AbortController();
    const left = slots.acquire(gone.signal);
    gone.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    release();
    (await slots.acquire(forever))();
    await expect(slots.acquire(gone.signal)).rejects.toThrow('gone');
  });
});
