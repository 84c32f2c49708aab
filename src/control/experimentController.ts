/** Runs Experiments: observes, plans, carries out. */
import type { ReconcileResult } from '../kube/index.ts';
import { planExperiment } from '../plan/experiment.ts';
import type { ExperimentObserved } from '../plan/experimentObserved.ts';
import type { Context } from './context.ts';
import { execute } from './execute.ts';
import { EXPERIMENTS } from './kinds.ts';
import type { World } from './world.ts';

function observe(world: World, key: string): ExperimentObserved | null {
  const experiment = world.experiments.get(key);
  if (experiment === undefined) return null;
  const { namespace, uid = '' } = experiment.metadata;
  return {
    experiment,
    testbed: world.testbeds.get(`${namespace}/${experiment.spec.testbed}`) ?? null,
    nodes: world.nodesByName(),
    attachments: world.attachmentsByKey(),
    trials: world.trials.byIndex('experiment', uid),
  };
}

export function experimentReconciler({ world, executor, now }: Context): (key: string) => Promise<ReconcileResult> {
  return async (key) => {
    const observed = observe(world, key);
    if (observed === null) return;
    const object = world.experiments.get(key);
    if (object === undefined) return;
    const plan = planExperiment(observed, now());
    await execute(executor, { type: EXPERIMENTS, object, store: world.experiments }, plan);
    return plan.requeueAfterMs === undefined ? undefined : { requeueAfterMs: plan.requeueAfterMs };
  };
}
