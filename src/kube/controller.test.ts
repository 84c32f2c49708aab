import { describe, expect, test } from '@jest/globals';
import { settle } from '../../test/support/fake-clock.ts';
import { pause } from '../../test/support/scripted-server.ts';
import { runController, type Outcome, type ReconcileResult } from './controller.ts';
import { ApiError, TerminalError } from './errors.ts';
import { WorkQueue } from './queue.ts';
import { silent } from './kube.testing.ts';

interface Run {
  queue: WorkQueue;
  seen: string[];
  outcomes: Outcome[];
  stop: () => Promise<void>;
}

/** Runs a controller whose reconcile plays these acts in turn; later calls succeed. */
function start(acts: (() => ReconcileResult | Promise<ReconcileResult>)[], workers = 1): Run {
  const queue = new WorkQueue({ random: () => 1, baseDelayMs: 200 });
  const seen: string[] = [];
  const outcomes: Outcome[] = [];
  const abort = new AbortController();
  const running = runController({
    name: 'Pod',
    queue,
    workers,
    log: silent,
    signal: abort.signal,
    onOutcome: (outcome) => outcomes.push(outcome),
    reconcile: async (key) => {
      seen.push(key);
      return await acts.shift()?.();
    },
  });
  const stop = async (): Promise<void> => {
    abort.abort();
    await running;
  };
  return { queue, seen, outcomes, stop };
}

const fail = (error: Error) => (): never => {
  throw error;
};
const conflict = new ApiError('PUT /x', 409, { reason: 'Conflict' });

describe('the retry policy', () => {
  test.each<[string, (() => ReconcileResult)[], Outcome[], { fromMs: number; toMs: number }]>([
    ['done is done', [() => undefined], ['done'], { fromMs: 0, toMs: 400 }],
    ['requeue after', [() => ({ requeueAfterMs: 100 })], ['requeued', 'done'], { fromMs: 100, toMs: 300 }],
    ['a failure backs off', [fail(new Error('no'))], ['failed', 'done'], { fromMs: 200, toMs: 500 }],
    ['a conflict is tried again soon', [fail(conflict)], ['conflict', 'done'], { fromMs: 50, toMs: 150 }],
    ['a terminal error is not tried again', [fail(new TerminalError('never'))], ['terminal'], { fromMs: 0, toMs: 400 }],
  ])('%s', async (_, acts, outcomes, { fromMs, toMs }) => {
    const run = start(acts);
    run.queue.add('a/1');
    await pause(fromMs * 0.8);
    expect(run.outcomes.length).toBe(fromMs > 0 ? 1 : outcomes.length);
    await pause(toMs - fromMs * 0.8);
    await run.stop();
    expect(run.outcomes).toEqual(outcomes);
  });

  test('success forgets earlier failures', async () => {
    const run = start([fail(new Error('no'))]);
    run.queue.add('a/1');
    await settle();
    expect(run.queue.failures('a/1')).toBe(1);
    await pause(300);
    expect(run.queue.failures('a/1')).toBe(0);
    await run.stop();
  });
});

test('workers run side by side, and stopping waits for what is under way but begins nothing', async () => {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const run = start([() => gate, () => gate], 2);
  for (const key of ['a/1', 'a/2', 'a/3']) run.queue.add(key);
  await settle();
  expect(run.seen).toEqual(['a/1', 'a/2']);
  let stopped = false;
  const stopping = run.stop().then(() => (stopped = true));
  await settle();
  expect(stopped).toBe(false);
  release();
  await stopping;
  expect(run.seen).toEqual(['a/1', 'a/2']);
  expect(run.outcomes).toEqual(['done', 'done']);
});
