import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { LeaseServer } from '../../test/support/lease-server.ts';
import { LeaderElector, LeaseLostError } from './lease.ts';
import { silent } from './kube.testing.ts';

interface Candidate {
  leading: () => boolean;
  /** Whether the Lease is surely its own. */
  sure: () => boolean;
  /** Asks it to end, as on SIGTERM; resolves when it has ended. */
  stop: () => Promise<void>;
  error: () => unknown;
  signal: () => AbortSignal | undefined;
}

/** An elector whose work lasts until it is told to end, and `drainMs` more. */
function candidate(server: LeaseServer, clock: FakeClock, name: string, drainMs = 0): Candidate {
  const abort = new AbortController();
  let leading = false;
  let failure: unknown;
  let workSignal: AbortSignal | undefined;
  const elector = new LeaderElector({
    client: server.client(name),
    namespace: 'ns',
    name: 'lock',
    identity: name,
    log: silent,
    clock,
    random: () => 1,
  });
  const work = (signal: AbortSignal): Promise<void> => {
    leading = true;
    workSignal = signal;
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => void clock.after(drainMs, () => ((leading = false), resolve())));
    });
  };
  const running = elector.run(abort.signal, work).catch((error: unknown) => void (failure = error));
  const stop = async (): Promise<void> => {
    abort.abort();
    if (drainMs === 0) await clock.advance(0);
    await running;
  };
  return {
    leading: () => leading,
    sure: () => elector.isLeading,
    stop,
    error: () => failure,
    signal: () => workSignal,
  };
}

async function pair(): Promise<{ server: LeaseServer; clock: FakeClock; a: Candidate; b: Candidate }> {
  const clock = new FakeClock();
  const server = new LeaseServer(clock);
  const a = candidate(server, clock, 'a');
  await clock.advance(100);
  const b = candidate(server, clock, 'b');
  await clock.advance(5000);
  expect([a.leading(), b.leading()]).toEqual([true, false]);
  return { server, clock, a, b };
}

test('the first to come leads, and renews every 2 s', async () => {
  const { server, clock, a, b } = await pair();
  const before = server.writes;
  await clock.advance(60_000);
  expect(server.writes - before).toBe(30);
  expect(server.lease?.spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 });
  expect(server.lease?.spec.renewTime).toMatch(/^2026-01-01T00:0\d:\d\d\.\d{6}Z$/);
  expect([a.leading(), b.leading()]).toEqual([true, false]);
});

test('a leader that wakes up past its deadline is not sure of its Lease, before anything tells it so', async () => {
  const { clock, a, b } = await pair();
  expect([a.sure(), b.sure()]).toEqual([true, false]);
  clock.freeze(10_001);
  expect([a.leading(), a.sure()]).toEqual([true, false]);
});

test('a leader that ends hands over within 2 s', async () => {
  const { server, clock, a, b } = await pair();
  await a.stop();
  expect(a.error()).toBeUndefined();
  expect(server.lease?.spec.holderIdentity).toBe('');
  await clock.advance(2000);
  expect(b.leading()).toBe(true);
  expect(server.lease?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
});

test('one that starts again under its identity leads at once', async () => {
  const { server, clock, a } = await pair();
  server.faults.set('a', 'unavailable');
  await clock.advance(11_000);
  expect(a.error()).toBeInstanceOf(LeaseLostError);
  server.faults.clear();
  server.latencyMs = 50;
  const again = candidate(server, clock, 'a');
  await clock.advance(1000);
  expect(again.leading()).toBe(true);
  await clock.advance(60_000);
  expect(again.error()).toBeUndefined();
});

test('the lease is renewed while the work of an ending leader lasts', async () => {
  const clock = new FakeClock();
  const server = new LeaseServer(clock);
  const a = candidate(server, clock, 'a', 60_000);
  await clock.advance(100);
  const b = candidate(server, clock, 'b');
  const stopping = a.stop();
  await clock.advance(59_000);
  expect([a.leading(), b.leading()]).toEqual([true, false]);
  await clock.advance(3000);
  await stopping;
  expect([a.leading(), b.leading()]).toEqual([false, true]);
});

test.each(['unavailable', 'hang'] as const)(
  'a leader cut off (%s) stops before another begins, within 17 s',
  async (fault) => {
    const { server, clock, a, b } = await pair();
    server.faults.set('a', fault);
    for (let waited = 0; waited < 17_000; waited += 100) {
      await clock.advance(100);
      expect(a.leading() && b.leading()).toBe(false);
      if (waited >= 10_000) expect(a.leading()).toBe(false);
    }
    expect(b.leading()).toBe(true);
    expect(a.error()).toBeInstanceOf(LeaseLostError);
  },
);

test('a leader that loses the lease to someone ends with an error, its work aborted, and does not release it', async () => {
  const { server, clock, a } = await pair();
  const stolen = server.lease;
  if (!stolen) throw new Error('no lease');
  server.lease = {
    ...stolen,
    metadata: { ...stolen.metadata, resourceVersion: '999' },
    spec: { holderIdentity: 'thief', leaseDurationSeconds: 15 },
  };
  await clock.advance(3000);
  expect(a.error()).toBeInstanceOf(LeaseLostError);
  expect(a.signal()?.aborted).toBe(true);
  expect(server.lease?.spec.holderIdentity).toBe('thief');
});

describe('a leader keeps leading', () => {
  test('over an outage shorter than its deadline', async () => {
    const { server, clock, a, b } = await pair();
    server.faults.set('a', 'unavailable');
    await clock.advance(7000);
    server.faults.delete('a');
    await clock.advance(20_000);
    expect([a.leading(), b.leading()]).toEqual([true, false]);
  });

  test('when the answer to a renewal is lost', async () => {
    const { server, clock, a, b } = await pair();
    server.faults.set('a', 'lost-reply');
    await clock.advance(2000);
    server.faults.delete('a');
    await clock.advance(30_000);
    expect([a.leading(), b.leading()]).toEqual([true, false]);
    expect(server.lease?.spec.leaseTransitions).toBe(0);
  });

  test('when the lease is deleted', async () => {
    const { server, clock, a, b } = await pair();
    server.lease = undefined;
    await clock.advance(10_000);
    const holder = (server.lease as { spec?: { holderIdentity?: string } } | undefined)?.spec?.holderIdentity;
    expect([a.leading(), b.leading()]).toEqual(holder === 'a' ? [true, false] : [false, true]);
  });
});

test.each([
  ['in the past', '1999-01-01T00:00:00.000000Z'],
  ['in the future', '2099-01-01T00:00:00.000000Z'],
])("the leader's clock does not matter: renewTime %s", async (_, renewTime) => {
  const clock = new FakeClock();
  const server = new LeaseServer(clock);
  server.lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: 'ns', name: 'lock', resourceVersion: '1' },
    spec: { holderIdentity: 'other', leaseDurationSeconds: 15, renewTime },
  };
  const b = candidate(server, clock, 'b');
  await clock.advance(14_500);
  expect(b.leading()).toBe(false);
  await clock.advance(2500);
  expect(b.leading()).toBe(true);
});

test('an error of the work releases the lease and is thrown', async () => {
  const clock = new FakeClock();
  const server = new LeaseServer(clock);
  const options = { client: server.client('a'), namespace: 'ns', name: 'lock', identity: 'a', log: silent, clock };
  const run = new LeaderElector(options).run(new AbortController().signal, () => Promise.reject(new Error('broken')));
  await expect(run).rejects.toThrow('broken');
  expect(server.lease?.spec.holderIdentity).toBe('');
});

test('periods that could let two lead are refused', () => {
  const options = {
    client: new LeaseServer(new FakeClock()).client('a'),
    namespace: 'ns',
    name: 'lock',
    identity: 'a',
    log: silent,
  };
  expect(() => new LeaderElector({ ...options, leaseSeconds: 10, renewSeconds: 10 })).toThrow('renewSeconds');
});
