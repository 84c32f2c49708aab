/** Runs Experiments: observes, plans, carries out. */
import type { Experiment, Trial } from '../api/v1alpha1.ts';
import { isConflict, isForbidden, isNotFound, keyOf, type KubeObject, type ReconcileResult } from '../kube/index.ts';
import { isStrayOf } from '../plan/belongs.ts';
import { type Finding, isDeleting } from '../plan/observed.ts';
import { planExperiment } from '../plan/experiment.ts';
import type { ExperimentObserved } from '../plan/experimentObserved.ts';
import { ownedBy } from '../plan/render/metadata.ts';
import type { Context } from './context.ts';
import { execute, RefusedError } from './execute.ts';
import { EXPERIMENTS, TRIALS } from '../api/kinds.ts';
import { ReportStore } from './reportStore.ts';
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
    trials: [...world.trials.byIndex('experiment', uid), ...strays(world, experiment)],
  };
}

const strays = (world: World, experiment: Experiment & KubeObject): (Trial & KubeObject)[] =>
  world.trials.byIndex('unowned', keyOf(experiment)).filter((trial) => isStrayOf(experiment, trial));

/** Makes Trials whose owner reference somebody removed its own again: else they would outlive it. */
async function own({ world, executor, log }: Context, experiment: Experiment & KubeObject): Promise<void> {
  if (isDeleting(experiment)) return;
  for (const trial of strays(world, experiment)) {
    const { namespace = '', name, uid } = trial.metadata;
    const metadata = { uid, ownerReferences: [ownedBy(experiment)] };
    try {
      world.trials.upsert(await executor.client.patch<Trial & KubeObject>(TRIALS, { namespace, name }, { metadata }));
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error) && !isForbidden(error)) throw error;
      log.warn({ err: error, trial: keyOf(trial) }, 'Cannot give a Trial its owner back');
    }
  }
}

/** A refused Trial is tried again so often: nothing tells when the API server would have it. */
const REFUSED_RETRY_MS = 15_000;

export function experimentReconciler(context: Context): (key: string) => Promise<ReconcileResult> {
  const { world, executor, now } = context;
  const reports = new ReportStore({ executor, experiments: world.experiments, now });
  const refusals = new Map<string, Finding>();

  const carryOut = async (key: string, refused: Finding | null, isTold = false): Promise<ReconcileResult> => {
    const object = world.experiments.get(key);
    const observed = observe(world, key);
    if (observed === null || object === undefined) return;
    await own(context, object);
    const stored = await reports.store(object, observed, planExperiment({ ...observed, refused }, now()));
    if ('requeueAfterMs' in stored) return stored;
    const { plan } = stored;
    const subject = { type: EXPERIMENTS, object, store: world.experiments };
    await execute(executor, subject, isTold ? { ...plan, create: [] } : plan);
    return plan.requeueAfterMs === undefined ? undefined : { requeueAfterMs: plan.requeueAfterMs };
  };

  return async (key) => {
    try {
      const result = await carryOut(key, refusals.get(key) ?? null);
      refusals.delete(key);
      return result;
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      refusals.set(key, error.finding);
      await carryOut(key, error.finding, true);
      return { requeueAfterMs: REFUSED_RETRY_MS };
    }
  };
}
