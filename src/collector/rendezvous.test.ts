import { describe, expect, test } from '@jest/globals';
import type { EndpointName, Refusal, TrialPlan } from '../api/protocol.ts';
import { Rendezvous } from './rendezvous.ts';
import type { Received } from './room.ts';
import { documentSample, registrationSample } from './samples.testing.ts';

const UID = 'trial';
const PLAN: TrialPlan = { points: [], pairs: 2 };
const REFUSAL: Refusal = { reason: 'WrongDataPath', message: 'no', final: true };
const forever = new AbortController().signal;
const result = (digest = 'sha256:a'): Received => ({ document: documentSample, digest, gzip: Buffer.from(digest) });

/** What a promise has come to by now, or 'held'. */
async function now<T>(promise: Promise<T>): Promise<T | 'held'> {
  return Promise.race([promise, new Promise<'held'>((resolve) => setImmediate(() => resolve('held')))]);
}

describe('registration', () => {
  test('is shown, held until the release, and answered with the plan', async () => {
    const meeting = new Rendezvous();
    const changes: string[] = [];
    meeting.onChange((uid) => changes.push(uid));
    const held = meeting.register(UID, 'server-0', registrationSample, forever);
    expect(await now(held)).toBe('held');
    expect(meeting.view(UID).get('server-0')?.registration).toEqual(registrationSample);
    expect(changes).toEqual([UID]);
    meeting.release(UID, PLAN);
    expect(await held).toEqual({ plan: PLAN });
    expect(await meeting.register(UID, 'client-0', registrationSample, forever)).toEqual({ plan: PLAN });
  });

  test('is asked to come again when it was held long enough, and nothing is forgotten', async () => {
    const meeting = new Rendezvous();
    const patience = new AbortController();
    const held = meeting.register(UID, 'server-0', registrationSample, patience.signal);
    patience.abort();
    expect(await held).toEqual({ retry: true });
    expect(meeting.view(UID).size).toBe(1);
  });

  test('may change before the release, not after it', async () => {
    const meeting = new Rendezvous();
    const other = { ...registrationSample, kernel: 'other' };
    void meeting.register(UID, 'server-0', registrationSample, forever);
    void meeting.register(UID, 'server-0', other, forever);
    expect(meeting.view(UID).get('server-0')?.registration?.kernel).toBe('other');
    meeting.release(UID, PLAN);
    expect(await meeting.register(UID, 'server-0', other, forever)).toEqual({ plan: PLAN });
    const late = await meeting.register(UID, 'server-0', registrationSample, forever);
    expect(late).toMatchObject({ refusal: { reason: 'AlreadyRegistered', final: true } });
  });

  test('is refused, held or not, once the trial is refused or its results are stored', async () => {
    const meeting = new Rendezvous();
    const held = meeting.register(UID, 'server-0', registrationSample, forever);
    meeting.refuse(UID, REFUSAL);
    expect(await held).toEqual({ refusal: REFUSAL });
    expect(await meeting.register(UID, 'server-0', registrationSample, forever)).toEqual({ refusal: REFUSAL });
    meeting.acknowledge('measured');
    const again = await meeting.register('measured', 'server-0', registrationSample, forever);
    expect(again).toMatchObject({ refusal: { reason: 'AlreadyMeasured' } });
  });
});

describe('result', () => {
  test('is held until acknowledged; the same again is a duplicate, another one a conflict', async () => {
    const meeting = new Rendezvous();
    const held = meeting.result(UID, 'client-0', result(), forever);
    expect(await now(held)).toBe('held');
    expect(meeting.view(UID).get('client-0')).toMatchObject({ resultDigest: 'sha256:a', result: documentSample });
    expect(await meeting.result(UID, 'client-0', result('sha256:b'), forever)).toMatchObject({
      conflict: { reason: 'ResultConflict', final: true },
    });
    expect(meeting.view(UID).get('client-0')?.resultDigest).toBe('sha256:a');
    meeting.acknowledge(UID);
    expect(await held).toEqual({ stored: { duplicate: false } });
    expect(await meeting.result(UID, 'client-0', result(), forever)).toEqual({ stored: { duplicate: true } });
  });

  test('is taken by an operator that never saw the registration: the document carries it', async () => {
    const meeting = new Rendezvous();
    void meeting.result(UID, 'client-0', result(), forever);
    expect(meeting.view(UID).get('client-0')?.registration).toEqual(registrationSample);
  });

  test('of a refused trial is refused and not kept; one that is stored stays stored', async () => {
    const meeting = new Rendezvous();
    meeting.refuse(UID, REFUSAL);
    expect(await meeting.result(UID, 'client-0', result(), forever)).toEqual({ refusal: REFUSAL });
    expect(meeting.view(UID).get('client-0')).toBeUndefined();
    const other = new Rendezvous();
    void other.result(UID, 'client-0', result(), forever);
    other.acknowledge(UID);
    other.refuse(UID, REFUSAL);
    expect(await other.result(UID, 'client-0', result(), forever)).toEqual({ stored: { duplicate: true } });
  });

  test('that was turned down leaves its reason, unless one was taken before', () => {
    const meeting = new Rendezvous();
    const fault = { reason: 'TooLarge', message: 'big' };
    meeting.fault(UID, 'client-0', fault);
    expect(meeting.view(UID).get('client-0')?.fault).toEqual(fault);
    void meeting.result(UID, 'client-0', result(), forever);
    meeting.fault(UID, 'client-0', fault);
    expect(meeting.view(UID).get('client-0')?.fault).toBeNull();
  });
});

describe('barrier', () => {
  const meet = (
    meeting: Rendezvous,
    client: EndpointName,
    step: number,
    pairs = 3,
  ): ReturnType<Rendezvous['barrier']> => meeting.barrier(UID, client, { step, pairs }, forever);

  test('opens for all at once when the last client comes', async () => {
    let clock = 1000;
    const meeting = new Rendezvous(() => clock);
    const held = [meet(meeting, 'client-0', 0), meet(meeting, 'client-1', 0)];
    expect(await Promise.all(held.map(now))).toEqual(['held', 'held']);
    held.push(meet(meeting, 'client-2', 0));
    for (const answer of await Promise.all(held)) expect(answer).toEqual({ start: { startInMs: 100, now: 1000 } });
    clock = 1060;
    expect(await meet(meeting, 'client-1', 0)).toEqual({ start: { startInMs: 40, now: 1060 } });
    clock = 9000;
    expect(await meet(meeting, 'client-1', 0)).toEqual({ start: { startInMs: 0, now: 9000 } });
  });

  test('does not open twice for one client that comes three times', async () => {
    const meeting = new Rendezvous();
    const held = [0, 0, 0].map(() => meet(meeting, 'client-0', 0));
    expect(await Promise.all(held.map(now))).toEqual(['held', 'held', 'held']);
  });

  test('lets a client catch up whose release was lost with the operator', async () => {
    const restarted = new Rendezvous();
    const ahead = [meet(restarted, 'client-0', 5), meet(restarted, 'client-1', 5)];
    const behind = meet(restarted, 'client-2', 4);
    expect(await behind).toHaveProperty('start');
    expect(await Promise.all(ahead.map(now))).toEqual(['held', 'held']);
    expect(await meet(restarted, 'client-2', 5)).toHaveProperty('start');
    for (const client of ahead) expect(await client).toHaveProperty('start');
  });

  test('takes the number of pairs from the plan where there is one', async () => {
    const meeting = new Rendezvous();
    meeting.release(UID, PLAN);
    const alone = meet(meeting, 'client-0', 0, 1);
    expect(await now(alone)).toBe('held');
    expect(await meet(meeting, 'client-1', 0, 1)).toHaveProperty('start');
    expect(await alone).toHaveProperty('start');
  });
});

describe('forgetting', () => {
  test('ends held calls, and what comes later starts anew', async () => {
    const meeting = new Rendezvous();
    const held = meeting.register(UID, 'server-0', registrationSample, forever);
    meeting.forget(UID);
    expect(await held).toMatchObject({ refusal: { reason: 'TrialGone' } });
    expect(meeting.view(UID).size).toBe(0);
    expect(await now(meeting.register(UID, 'server-0', registrationSample, forever))).toBe('held');
  });

  test('trials do not hear of each other', async () => {
    const meeting = new Rendezvous();
    const held = meeting.register(UID, 'server-0', registrationSample, forever);
    meeting.release('other', PLAN);
    meeting.refuse('another', REFUSAL);
    expect(await now(held)).toBe('held');
    expect(meeting.view('other').size).toBe(0);
  });
});
