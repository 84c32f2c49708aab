import { describe, expect, test } from '@jest/globals';
import { findCondition } from '../api/conditions.ts';
import type { Condition, Experiment, Trial } from '../api/v1alpha1.ts';
import { attachments, condition, experiment, nodes, NOW, testbed, trial } from '../../test/support/builders.ts';
import { TrialWorld } from '../../test/support/trial-world.ts';
import { cells } from './expand.ts';
import { planExperiment } from './experiment.ts';
import { isEmpty } from './types.ts';

const LIMIT_MS = 60_000;
const LATER = NOW + LIMIT_MS;

const limited = (spec: Partial<Experiment['spec']> = {}): Experiment =>
  experiment({ deadlineSeconds: 60, blocks: { min: 1, max: 5, precisionPercent: 3, retries: 1 }, ...spec });

const at = (ms: number): string => new Date(ms).toISOString();
const granted: Condition = { ...condition('Granted', 'True'), lastTransitionTime: at(NOW) };

/** Trials of a block: `count` of its cells with results, then one as it stands. */
function trialsOf(block: number, count: number, last: Condition[] | null = null): Trial[] {
  return cells(limited().spec)
    .slice(0, count + (last === null ? 0 : 1))
    .map((cell, i) => {
      const base = trial({ ...cell, block });
      const conditions = i < count ? [granted, condition('Finished', 'True'), condition('Succeeded', 'True')] : last;
      const measurements = [
        { test: 'bandwidth', point: { streams: 1 }, pair: 0, metric: 'throughput', unit: 'bit/s', value: 1e9 },
      ];
      const metadata = { ...base.metadata, name: `t-${block}-${i}`, uid: `u-${block}-${i}` };
      return { ...base, metadata, status: { conditions: conditions ?? [], measurements } } as Trial;
    });
}

function plan(given: Experiment, trials: Trial[], now: number): ReturnType<typeof planExperiment> {
  const world = { testbed: testbed(), nodes: nodes('node-a', 'node-b'), attachments: attachments() };
  return planExperiment({ experiment: given, trials, ...world }, now);
}

const after = (given: Experiment, trials: Trial[], now: number): Experiment => ({
  ...given,
  status: plan(given, trials, now).status ?? given.status ?? {},
});

const stateOf = ({ status }: Experiment, type: string): string => {
  const found = findCondition(status?.conditions, type);
  return `${found?.status} ${found?.reason}`;
};

describe('an Experiment that runs out of its time', () => {
  const running = [...trialsOf(0, 3), ...trialsOf(1, 1, [granted])];

  test('is looked at again when it does, and not touched before', () => {
    expect(plan(limited(), running, NOW + 1000).requeueAfterMs).toBe(LIMIT_MS - 1000);
    expect(stateOf(after(limited(), running, LATER - 1), 'Finished')).toBe('False Running');
    expect(plan(experiment(), running, LATER).requeueAfterMs).toBeUndefined();
  });

  test('says so first, and starts no further Trial', () => {
    const idle = [...trialsOf(0, 3), ...trialsOf(1, 1, [granted])];
    const next = plan(limited(), idle, LATER);
    expect(next.create).toEqual([]);
    const told = after(limited(), idle, LATER);
    expect([stateOf(told, 'Finished'), stateOf(told, 'Succeeded')]).toEqual([
      'False DeadlineExceeded',
      'Unknown Running',
    ]);
    expect(isEmpty(plan(told, idle, LATER + 1000))).toBe(true);
  });

  test('ends when the cancelled Trial is cleaned up, with the results so far', () => {
    const told = after(limited(), running, LATER);
    const cancelled = [
      ...trialsOf(0, 3),
      ...trialsOf(1, 1, [granted, condition('Finished', 'True'), condition('Succeeded', 'False')]),
    ];
    const done = after(told, cancelled, LATER + 5000);
    expect([stateOf(done, 'Finished'), stateOf(done, 'Succeeded')]).toEqual([
      'True DeadlineExceeded',
      'False DeadlineExceeded',
    ]);
    expect(findCondition(done.status?.conditions, 'Finished')?.message).toMatch(
      /^60 s \(spec\.deadlineSeconds\) have passed since the first Trial was granted; 1 blocks are complete, their results/,
    );
    expect(findCondition(done.status?.conditions, 'Converged')?.message).toMatch(
      /; spec\.deadlineSeconds is 60: raise it/,
    );
    expect(findCondition(done.status?.conditions, 'Reconciling')).toBeUndefined();
    expect(done.status?.results?.map(({ ratio }) => ratio?.n)).toEqual([undefined, 1, 1]);
    expect(done.status?.completionTime).toBeDefined();
    expect(isEmpty(plan(done, cancelled, LATER + 6000))).toBe(true);
  });

  test('between two Trials it ends at once', () => {
    expect(stateOf(after(limited(), trialsOf(0, 3), LATER), 'Finished')).toBe('True DeadlineExceeded');
  });

  test('also while it is suspended, or no longer admitted', () => {
    expect(stateOf(after(limited({ suspend: true }), trialsOf(0, 3), LATER), 'Finished')).toBe('True DeadlineExceeded');
    const unfit = limited({ modes: [{ name: 'native', type: 'Native', network: 'gone' }] });
    expect(stateOf(after(unfit, trialsOf(0, 1), LATER), 'Finished')).toBe('True DeadlineExceeded');
  });

  test('one that has all it wants just then is complete', () => {
    const all = limited({ blocks: { min: 1, max: 1, precisionPercent: 3, retries: 0 } });
    expect(stateOf(after(all, trialsOf(0, 3), LATER), 'Finished')).toBe('True Completed');
  });

  test('time that it waits for its first grant is not counted', () => {
    const waiting = trialsOf(0, 0, [condition('Granted', 'False', { reason: 'InsufficientVFs' })]);
    const told = after(limited(), waiting, NOW + 100 * LIMIT_MS);
    expect(stateOf(told, 'Finished')).toBe('False Running');
    expect(told.status?.startTime).toBe(at(NOW + 100 * LIMIT_MS).replace('.000Z', 'Z'));
  });
});

describe('its Trials', () => {
  const cut = after(limited(), trialsOf(0, 0, [granted]), LATER);

  test('one without a grant ends without having had one', () => {
    const world = new TrialWorld();
    const { grant: _, ...status } = world.trial.status ?? {};
    world.trial = { ...world.trial, status: { ...status, conditions: [] } };
    world.experiment = cut;
    world.settle();
    expect(findCondition(world.trial.status?.conditions, 'Finished')).toMatchObject({
      status: 'True',
      reason: 'DeadlineExceeded',
    });
    expect(world.pods).toEqual([]);
  });

  test('one that runs is cancelled, cleaned up, and seen to be', () => {
    const world = new TrialWorld();
    world.settle();
    expect(world.pods.length).toBeGreaterThan(0);
    world.experiment = cut;
    world.settle();
    expect(findCondition(world.trial.status?.conditions, 'Measured')).toMatchObject({
      status: 'False',
      reason: 'DeadlineExceeded',
    });
    expect(world.pods.every(({ metadata }) => metadata.deletionTimestamp !== undefined)).toBe(true);
    world.pods = [];
    world.settle();
    expect(findCondition(world.trial.status?.conditions, 'CleanedUp')?.status).toBe('True');
  });
});
