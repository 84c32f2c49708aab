import { describe, expect, test } from '@jest/globals';
import { findCondition } from '../api/conditions.ts';
import type { Experiment, Trial, TrialMeasurement } from '../api/v1alpha1.ts';
import { attachments, condition, experiment, nodes, NOW, testbed, trial } from '../../test/support/builders.ts';
import { blockOrder, cells } from './expand.ts';
import { planExperiment, seedOf } from './experiment.ts';
import type { ExperimentObserved } from './experimentObserved.ts';
import { isEmpty } from './types.ts';

function observed(fields: Partial<ExperimentObserved> = {}): ExperimentObserved {
  return {
    experiment: experiment(),
    testbed: testbed(),
    nodes: nodes('node-a', 'node-b'),
    attachments: attachments(),
    trials: [],
    ...fields,
  };
}

const measurement = (value: number): TrialMeasurement => ({
  test: 'bandwidth',
  point: { streams: 1 },
  pair: 0,
  metric: 'throughput',
  unit: 'bit/s',
  value,
});

function ended(base: Trial, ok: boolean, value = 1e9): Trial {
  const outcome = condition(
    'Succeeded',
    ok ? 'True' : 'False',
    ok ? {} : { reason: 'BootTimeout', message: 'it never booted' },
  );
  return {
    ...base,
    status: {
      conditions: [condition('Finished', 'True'), outcome],
      ...(ok ? { measurements: [measurement(value)] } : {}),
    },
  };
}

/** Carries plans out on a model of the cluster until nothing is left to do; `result` decides how each trial ends. */
function runToEnd(
  start: Experiment,
  result: (t: Trial, n: number) => boolean,
  { value = () => 1e9, see = () => {} }: { value?: () => number; see?: (now: Experiment) => void } = {},
): { experiment: Experiment; trials: Trial[]; writes: number } {
  let current = start;
  const trials: Trial[] = [];
  let writes = 0;
  for (let step = 0; step < 200; step++) {
    const plan = planExperiment(observed({ experiment: current, trials }), NOW + step * 1000);
    if (plan.status !== undefined) {
      current = { ...current, status: plan.status };
      see(current);
      writes++;
    }
    for (const created of plan.create)
      trials.push({
        ...(created as unknown as Trial),
        metadata: { ...created.metadata, uid: `u-${created.metadata.name}` },
      });
    const again = planExperiment(observed({ experiment: current, trials }), NOW + step * 1000);
    expect(isEmpty(again)).toBe(true);
    const at = trials.findIndex((t) => findCondition(t.status?.conditions, 'Finished') === undefined);
    if (at < 0) break;
    trials[at] = ended(trials[at] as Trial, result(trials[at] as Trial, at), value());
  }
  return { experiment: current, trials, writes };
}

describe('expansion', () => {
  test('every block runs every cell once, in an order that the seed alone decides', () => {
    const spec = experiment({ placements: ['CrossNode', 'SameNode'], pairs: [1, 2] }).spec;
    const orders = Array.from({ length: 20 }, (_, block) => blockOrder(spec, 7, block));
    for (const order of orders) expect(new Set(order.map((c) => JSON.stringify(c))).size).toBe(cells(spec).length);
    expect(orders).toEqual(Array.from({ length: 20 }, (_, block) => blockOrder(spec, 7, block)));
    expect(new Set(orders.map((order) => JSON.stringify(order))).size).toBeGreaterThan(15);
    expect(blockOrder(spec, 8, 0)).not.toEqual(blockOrder(spec, 7, 0));
  });

  test('the seed comes from the spec, else from the UID, and stays', () => {
    expect(seedOf(experiment({ seed: 5 }))).toBe(5);
    const { seed: _, ...spec } = experiment().spec;
    const unseeded = { ...experiment(), spec };
    expect(seedOf(unseeded)).toBe(seedOf(unseeded));
    expect(seedOf({ ...unseeded, status: { seed: 3 } })).toBe(3);
  });
});

describe('a run', () => {
  test('goes through all blocks and succeeds; planning again changes nothing', () => {
    const { experiment: done, trials, writes } = runToEnd(experiment(), () => true);
    expect(trials).toHaveLength(6);
    expect(findCondition(done.status?.conditions, 'Finished')?.status).toBe('True');
    expect(findCondition(done.status?.conditions, 'Succeeded')?.status).toBe('True');
    expect(findCondition(done.status?.conditions, 'Reconciling')).toBeUndefined();
    expect(done.status?.progress).toMatchObject({ blocks: 2, trials: 6, failed: 0 });
    expect(done.status?.progress?.running).toBeUndefined();
    expect(done.status?.results).toHaveLength(3);
    expect(writes).toBeLessThanOrEqual(7);
  });

  test('ends as soon as it is precise enough, not before the fewest blocks', () => {
    const wide = experiment({ blocks: { min: 6, max: 30, precisionPercent: 3, retries: 0 } });
    const { experiment: done, trials } = runToEnd(wide, () => true);
    expect(trials.length).toBe(7 * 3);
    expect(findCondition(done.status?.conditions, 'Converged')).toMatchObject({ status: 'True' });
    expect(done.status?.family).toEqual({ comparisons: 2, fewestBlocks: 7 });
  });

  test('says at every block how far it is from the precision, and at the cap that it is the cap', () => {
    let value = 0;
    const noisy = experiment({ blocks: { min: 6, max: 8, precisionPercent: 3, retries: 0 } });
    const seen = new Set<string>();
    const { experiment: done, trials } = runToEnd(noisy, () => true, {
      value: () => 1e9 * (1 + 0.1 * ((value += 7) % 5)),
      see: ({ status }) => seen.add(findCondition(status?.conditions, 'Converged')?.message ?? 'none'),
    });
    expect(trials).toHaveLength(24);
    expect([...seen].some((text) => text.startsWith('0 of 3 rows are known to 3 %; bandwidth'))).toBe(true);
    expect(findCondition(done.status?.conditions, 'Converged')).toMatchObject({ status: 'False' });
    expect(findCondition(done.status?.conditions, 'Finished')?.message).toBe(
      '8 complete blocks, the most allowed (spec.blocks.max 8); results of every cell are stored',
    );
  });

  test('a block that stays incomplete is counted and left out of comparisons', () => {
    const once = experiment({ blocks: { min: 6, max: 8, precisionPercent: 3, retries: 0 } });
    const { experiment: done } = runToEnd(once, (t) => !(t.spec.mode === 'virtio' && t.spec.block === 1));
    expect(done.status?.progress).toMatchObject({ blocks: 7, incompleteBlocks: 1, failed: 1 });
    expect(done.status?.results?.map(({ n, ratio }) => [n, ratio?.n])).toEqual([
      [8, undefined],
      [7, 7],
      [8, 7],
    ]);
    expect(findCondition(done.status?.conditions, 'Succeeded')?.message).toContain('1 incomplete left out');
  });

  test('one trial at a time, in the order of its block', () => {
    const { trials } = runToEnd(experiment(), () => true);
    const order = blockOrder(experiment().spec, 7, 0).map((cell) => cell.mode);
    expect(trials.slice(0, 3).map((t) => t.spec.mode)).toEqual(order);
  });

  test('a failed trial is repeated within its block by a fresh attempt', () => {
    const { experiment: done, trials } = runToEnd(experiment(), (_, n) => n !== 1);
    expect(trials).toHaveLength(7);
    expect(trials[2]?.spec).toMatchObject({ mode: trials[1]?.spec.mode, block: 0, attempt: 1 });
    expect(trials[2]?.metadata.name).not.toBe(trials[1]?.metadata.name);
    expect(findCondition(done.status?.conditions, 'Succeeded')?.status).toBe('True');
    expect(done.status?.progress?.failed).toBe(1);
  });

  test('a mode that never works ends the run with its reason', () => {
    const { experiment: done } = runToEnd(experiment(), (t) => t.spec.mode !== 'virtio');
    const succeeded = findCondition(done.status?.conditions, 'Succeeded');
    expect(succeeded).toMatchObject({ status: 'False', reason: 'CellFailed' });
    expect(succeeded?.message).toContain('BootTimeout: it never booted');
    expect(findCondition(done.status?.conditions, 'Finished')?.status).toBe('True');
  });

  test('an expectation that is violated fails the run, with the results stored', () => {
    const strict = experiment({
      blocks: { min: 6, max: 6, precisionPercent: 3, retries: 0 },
      expectations: [{ test: 'bandwidth', metric: 'throughput', mode: 'virtio', atLeast: '2000000000' }],
    });
    const { experiment: done } = runToEnd(strict, () => true);
    expect(done.status?.verdict).toBe('Failed');
    expect(findCondition(done.status?.conditions, 'Succeeded')).toMatchObject({
      status: 'False',
      reason: 'ExpectationFailed',
    });
  });

  test('as many trials at once as the Testbed allows, blocks not overlapping', () => {
    const plan = planExperiment(observed({ testbed: testbed({ concurrency: 5 }) }), NOW);
    expect(plan.create).toHaveLength(3);
  });

  test('a Trial that the API server refuses is told, tried again, and told no more when it is let through', () => {
    const refused = { reason: 'AdmissionRefused', message: 'no trials here' };
    const first = planExperiment(observed({ refused }), NOW);
    for (const type of ['Admitted', 'Stalled']) {
      expect(findCondition(first.status?.conditions, type)).toMatchObject({ ...refused });
    }
    expect(first.status?.progress?.running).toBeUndefined();
    expect(first.create).toHaveLength(1);
    const told = { ...experiment(), status: first.status ?? {} };
    const again = planExperiment(observed({ experiment: told, refused }), NOW + 60_000);
    expect(again).toMatchObject({ create: first.create, remove: [], events: [] });
    expect(again.status).toBeUndefined();
    const through = planExperiment(observed({ experiment: told }), NOW + 90_000);
    expect(findCondition(through.status?.conditions, 'Admitted')?.status).toBe('True');
    expect(findCondition(through.status?.conditions, 'Stalled')).toBeUndefined();
  });

  test('deleted or finished and kept: nothing', () => {
    const deleted = experiment();
    deleted.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(isEmpty(planExperiment(observed({ experiment: deleted }), NOW))).toBe(true);
  });

  test('its time to live over: it removes itself', () => {
    const { experiment: done } = runToEnd(experiment({ ttlSecondsAfterFinished: 60 }), () => true);
    const early = planExperiment(observed({ experiment: done }), NOW);
    expect(early.remove).toEqual([]);
    expect(early.requeueAfterMs).toBeGreaterThan(0);
    expect(planExperiment(observed({ experiment: done }), NOW + 1e7).remove).toEqual([
      { kind: 'Experiment', namespace: 'bench', name: 'exp', uid: 'experiment-1' },
    ]);
  });
});

describe('admission', () => {
  const notReady = testbed();
  notReady.status = { conditions: [condition('Ready', 'False', { message: 'no node matches' })] };
  const cases: { name: string; given: Partial<ExperimentObserved>; reason: string; message: RegExp }[] = [
    {
      name: 'no Testbed',
      given: { testbed: null },
      reason: 'TestbedNotFound',
      message: /no Testbed lab in namespace bench/,
    },
    { name: 'Testbed not ready', given: { testbed: notReady }, reason: 'TestbedNotReady', message: /no node matches/ },
    {
      name: 'unknown network',
      given: { experiment: experiment({ modes: [{ name: 'native', type: 'Native', network: 'pf' }] }) },
      reason: 'NetworkNotFound',
      message: /wants network pf: Testbed lab has native, virtio, passthrough/,
    },
    {
      name: 'attachment missing',
      given: { attachments: new Map() },
      reason: 'AttachmentNotFound',
      message: /bench\/vf-net/,
    },
    {
      name: 'subnet too small',
      given: { testbed: testbed({ subnet: '10.0.0.0/30' }), experiment: experiment({ pairs: [2] }) },
      reason: 'SubnetTooSmall',
      message: /4 addresses.* has 2/,
    },
    {
      name: 'one node only',
      given: { nodes: nodes('node-a') },
      reason: 'NodeUnavailable',
      message: /no ready server and client node/,
    },
    {
      name: 'more pairs than VFs',
      given: { experiment: experiment({ pairs: [5] }) },
      reason: 'InsufficientVFs',
      message: /needs 5 of x\/vfnet on node node-a, which has 4/,
    },
  ];
  test.each(cases)('$name', ({ given, reason, message }) => {
    const plan = planExperiment(observed(given), NOW);
    expect(plan.create).toEqual([]);
    const admitted = findCondition(plan.status?.conditions, 'Admitted');
    expect(admitted).toMatchObject({ status: 'False', reason });
    expect(admitted?.message).toMatch(message);
    expect(findCondition(plan.status?.conditions, 'Stalled')?.status).toBe('True');
  });

  test('suspended: nothing new starts, and it is not stalled', () => {
    const plan = planExperiment(observed({ experiment: experiment({ suspend: true }) }), NOW);
    expect(plan.create).toEqual([]);
    expect(findCondition(plan.status?.conditions, 'Admitted')?.reason).toBe('Suspended');
    expect(findCondition(plan.status?.conditions, 'Stalled')).toBeUndefined();
  });

  test('what a trial waits for is told at the Experiment', () => {
    const waiting = trial(
      {},
      { conditions: [condition('Granted', 'False', { reason: 'InsufficientVFs', message: 'held by ns/x' })] },
    );
    const plan = planExperiment(observed({ trials: [waiting] }), NOW);
    expect(findCondition(plan.status?.conditions, 'Admitted')).toMatchObject({
      status: 'False',
      reason: 'InsufficientVFs',
      message: 'held by ns/x',
    });
  });

  test('a shortage that is mended: the run goes on', () => {
    const short = planExperiment(observed({ testbed: null }), NOW);
    const stalled = { ...experiment(), ...(short.status ? { status: short.status } : {}) };
    const plan = planExperiment(observed({ experiment: stalled }), NOW);
    expect(findCondition(plan.status?.conditions, 'Stalled')).toBeUndefined();
    expect(plan.create).toHaveLength(1);
  });
});
