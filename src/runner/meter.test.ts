/** Who waits for a driver that fills its counters late, for how long, and that nobody else does. */
import { describe, expect, test } from '@jest/globals';
import type { NicCounters } from '../api/protocol.ts';
import { nic, scriptedCounters } from '../../test/support/scripted-counters.ts';
import { LATE_MS } from './deadlines.ts';
import { Meter } from './meter.ts';

const forever = new AbortController().signal;

async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const start = Date.now();
  const value = await work;
  return { value, ms: Date.now() - start };
}

function meterOf(...readings: NicCounters[]): { meter: Meter; taken: () => number } {
  const { read, taken } = scriptedCounters(...readings);
  return { meter: new Meter('data0', forever, read), taken };
}

describe('counters after a measurement', () => {
  const [stale, whole] = [nic(0, 84, 1), nic(0, 100, 2)];
  const isEnough = ({ txBytes }: NicCounters): boolean => txBytes >= 95;

  test('that are right at once are not read again', async () => {
    const { meter, taken } = meterOf(whole);
    const ended = await meter.now();
    expect(await meter.complete(ended, isEnough)).toBe(ended);
    expect(taken()).toBe(1);
  });

  test('that come late are awaited; time and CPU stay those of the end', async () => {
    const { meter, taken } = meterOf(stale, stale, stale, whole);
    const ended = await meter.now();
    const found = await meter.complete(ended, isEnough);
    expect(found).toEqual({ ...ended, nic: whole });
    expect(taken()).toBe(4);
  });

  test('that never come are as they are after the longest that a driver takes', async () => {
    const { meter } = meterOf(stale);
    const { value, ms } = await timed(meter.complete(await meter.now(), isEnough));
    expect(value.nic).toEqual(stale);
    expect(ms).toBeGreaterThanOrEqual(LATE_MS);
    expect(LATE_MS).toBeGreaterThan(2000);
  });

  test('are not awaited by a trial that is over', async () => {
    const over = new AbortController();
    const { read } = scriptedCounters(stale);
    const meter = new Meter('data0', over.signal, read);
    const waiting = meter.complete(await meter.now(), isEnough);
    setTimeout(() => over.abort(new Error('ended')), 20);
    await expect(waiting).rejects.toThrow('ended');
  });
});

describe('before a measurement', () => {
  const mark = nic(10, 10, 5);

  test('packets both ways since the mark show at once where the driver counts as it sends', async () => {
    const { meter, taken } = meterOf(nic(11, 11, 6));
    await meter.caughtUp(mark);
    expect(taken()).toBe(1);
  });

  test('equal readings prove nothing: a driver may fill its counters between two of them only every 2 s', async () => {
    const { meter, taken } = meterOf(mark, mark, mark, mark, nic(900, 900, 99));
    await meter.caughtUp(mark);
    expect(taken()).toBe(5);
  });

  test.each([
    ['received', { ...mark, rxPackets: 6 }],
    ['sent', { ...mark, txPackets: 6 }],
  ])('one way, %s, is not both', async (_, half) => {
    const { meter, taken } = meterOf(half, half, nic(11, 11, 6));
    await meter.caughtUp(mark);
    expect(taken()).toBe(3);
  });

  test('counters that stand still hold nobody up for long', async () => {
    const { meter } = meterOf(mark);
    const { ms } = await timed(meter.caughtUp(mark));
    expect(ms).toBeGreaterThanOrEqual(LATE_MS);
  });
});
