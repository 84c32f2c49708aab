import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { ApiError, TransportError } from './errors.ts';
import { Recovery } from './recovery.ts';

const refused = new TransportError('x', { code: 'ECONNREFUSED', maybeSent: false });
const broken = new TransportError('x', { code: 'ECONNRESET', maybeSent: true });
const forbidden = new ApiError('x', 403, { reason: 'Forbidden' });
const busy = new ApiError('x', 429, { reason: 'TooManyRequests' }, 7000);

/** The waits in an outage in which each try fails with the same error, the longest that chance allows. */
async function waits(error: Error | undefined, times: number): Promise<number[]> {
  const clock = new FakeClock();
  const recovery = new Recovery(clock, () => 1);
  const delays: number[] = [];
  for (let i = 0; i < times; i++) {
    const delay = recovery.nextDelay(error);
    delays.push(delay);
    await clock.advance(delay);
  }
  return delays;
}

describe('waits', () => {
  test.each([
    ['the server ended the watch', undefined, [100, 800, 1600, 2000, 2000]],
    ['the connection breaks', broken, [100, 800, 1600, 2000, 2000]],
    ['the server asks for patience', busy, [7000, 7000, 7000]],
  ])('when %s', async (_, error, expected) => expect(await waits(error, expected.length)).toEqual(expected));

  test('grow to 30 s where the failure lasts longer than a restart', async () => {
    const delays = await waits(forbidden, 40);
    expect(Math.max(...delays.slice(0, 30))).toBe(2000);
    expect(delays.at(-1)).toBe(30_000);
  });

  test('stay at 2 s while connections are refused', async () => {
    expect((await waits(refused, 60)).at(-1)).toBe(2000);
  });

  test('are short for a new list after a long outage, and grow where lists do not help', async () => {
    const recovery = new Recovery(new FakeClock(), () => 1);
    for (let i = 0; i < 20; i++) recovery.nextDelay(broken);
    const expired = new ApiError('x', 410, { reason: 'Expired' });
    expect([1, 2, 3, 4].map(() => recovery.nextDelay(expired))).toEqual([100, 800, 1600, 3200]);
  });

  test('begin anew after success', () => {
    const recovery = new Recovery(new FakeClock(), () => 1);
    for (let i = 0; i < 5; i++) recovery.nextDelay(broken);
    recovery.succeeded();
    expect(recovery.nextDelay(broken)).toBe(100);
  });
});
