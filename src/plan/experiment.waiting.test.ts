import { describe, expect, test } from '@jest/globals';
import { findCondition } from '../api/conditions.ts';
import type { Trial } from '../api/v1alpha1.ts';
import { attachments, condition, experiment, node, nodes, NOW, testbed, trial } from '../../test/support/builders.ts';
import { planExperiment } from './experiment.ts';
import type { ExperimentObserved } from './experimentObserved.ts';

const observed = (fields: Partial<ExperimentObserved>): ExperimentObserved => ({
  experiment: experiment(),
  testbed: testbed(),
  nodes: nodes('node-a', 'node-b'),
  attachments: attachments(),
  trials: [],
  ...fields,
});

describe('an Experiment that waits', () => {
  test('its place in the queue is that of the trial that comes first, and goes when none waits', () => {
    const told = (mode: string, position: number): Trial =>
      trial(
        { mode },
        {
          conditions: [condition('Granted', 'False', { reason: 'TestbedBusy', message: `place ${position}` })],
          queue: { position, length: 4 },
        },
      );
    const plan = planExperiment(observed({ trials: [told('native', 4), told('virtio', 2)] }), NOW);
    expect(plan.status?.queue).toEqual({ position: 2, length: 4 });
    expect(findCondition(plan.status?.conditions, 'Admitted')?.message).toBe('place 2');
    const waited = { ...experiment(), ...(plan.status ? { status: plan.status } : {}) };
    expect(planExperiment(observed({ experiment: waited, trials: [trial()] }), NOW).status?.queue).toBeUndefined();
    expect(planExperiment(observed({ experiment: waited, testbed: null }), NOW).status?.queue).toBeUndefined();
  });

  test('a node that is gone: others are chosen as long as nothing was granted on those', () => {
    const placed = { ...experiment(), status: { nodes: { server: 'gone', client: 'node-b' } } };
    const fresh = planExperiment(observed({ experiment: placed, trials: [trial()] }), NOW);
    expect(fresh.status?.nodes).toEqual({ server: 'node-a', client: 'node-b' });
    const measured = trial({}, { conditions: [condition('Finished', 'True'), condition('Succeeded', 'False')] });
    const bound = planExperiment(observed({ experiment: placed, trials: [measured] }), NOW);
    expect(bound.status?.nodes).toEqual({ server: 'gone', client: 'node-b' });
    expect(findCondition(bound.status?.conditions, 'Admitted')).toMatchObject({
      status: 'False',
      reason: 'NodeUnavailable',
    });
  });

  test('a grant on nodes that were given up at the same moment stands: what is measured there binds', () => {
    const cluster = nodes('node-a', 'node-b', 'node-c');
    const moved = { ...experiment(), status: { nodes: { server: 'node-c', client: 'node-b' } } };
    const granted = trial({}, { grant: { nodes: { server: 'node-a', client: 'node-b' }, endpoints: [] } });
    const plan = planExperiment(
      observed({ experiment: moved, nodes: cluster, trials: [trial({ block: 1 }), granted] }),
      NOW,
    );
    expect(plan.status?.nodes).toEqual({ server: 'node-a', client: 'node-b' });
    const short = new Map([...cluster, ['node-a', node('node-a', {})]]);
    const held = planExperiment(observed({ experiment: moved, nodes: short, trials: [granted] }), NOW);
    expect(findCondition(held.status?.conditions, 'Admitted')).toMatchObject({
      reason: 'InsufficientVFs',
      message: expect.stringContaining('on node node-a, which does not know it'),
    });
  });
});
