/** Runs all controllers on one World until the signal. */
import { isTrue } from '../api/conditions.ts';
import type { Experiment, Trial } from '../api/v1alpha1.ts';
import {
  EventRecorder,
  type KubeClient,
  type KubeObject,
  type Outcome,
  type QueueObserver,
  type QueueStats,
  runController,
  type Store,
  WorkQueue,
} from '../kube/index.ts';
import type { Logger } from '../log.ts';
import { modeOf } from '../plan/expand.ts';
import type { Credentials } from '../plan/render/secret.ts';
import type { Context, Meeting } from './context.ts';
import { experimentReconciler } from './experimentController.ts';
import { grantReconciler } from './grantController.ts';
import { testbedReconciler } from './testbedController.ts';
import { trialController } from './trialController.ts';
import { connect, enqueueAll, type Queues } from './triggers.ts';
import type { World } from './world.ts';

export interface ControllersOptions {
  client: KubeClient;
  world: World;
  meeting: Meeting;
  credentials: Credentials;
  /** IP address by which endpoints reach the collector; null where only a name is known. */
  collector: string | null;
  identity: string;
  log: Logger;
  signal: AbortSignal;
  instruments?: Instruments;
}

/** Where controllers count what they do. */
export interface Instruments {
  controller(
    name: string,
    workers: number,
    queue: () => QueueStats,
  ): QueueObserver & { reconciled(outcome: Outcome, seconds: number): void };
  /** `before` is the Trial as it was before its end; `type` that of its mode. */
  trialEnded(trial: Trial, before: Trial, type: string): void;
  experimentEnded(experiment: Experiment): void;
}

const WORKERS = { testbeds: 1, experiments: 4, trials: 16, grants: 1 } as const;

/** Resolves when the last reconcile under way has ended after the signal. The World must be synced. */
export async function runControllers(options: ControllersOptions): Promise<void> {
  const { client, world, meeting, credentials, collector, identity, log, signal, instruments } = options;
  const store = (of: unknown): Store<KubeObject> => of as Store<KubeObject>;
  const context: Context = {
    world,
    meeting,
    credentials,
    collector,
    log,
    now: Date.now,
    executor: {
      client,
      events: new EventRecorder({ client, component: 'vfbench', instance: identity, log }),
      stores: { Pod: store(world.pods), VirtualMachineInstance: store(world.vmis), Trial: store(world.trials) },
    },
  };
  const trials = trialController(context);
  const queues: Queues = {
    testbeds: new WorkQueue(),
    experiments: new WorkQueue(),
    trials: new WorkQueue(),
    grants: new WorkQueue(),
  };
  connect(world, queues, meeting, trials.forget);
  enqueueAll(world, queues);
  if (instruments !== undefined) countEnds(world, instruments);
  const run = (
    name: string,
    queue: WorkQueue,
    workers: number,
    reconcile: Parameters<typeof runController>[0]['reconcile'],
  ) => {
    const seen = instruments?.controller(name, workers, () => queue.stats);
    if (seen !== undefined) queue.observe(seen);
    return runController({
      name,
      queue,
      workers,
      reconcile,
      log,
      signal,
      ...(seen === undefined ? {} : { onOutcome: (outcome, seconds) => seen.reconciled(outcome, seconds) }),
    });
  };
  await Promise.all([
    run('Testbed', queues.testbeds, WORKERS.testbeds, testbedReconciler(context, client)),
    run('Experiment', queues.experiments, WORKERS.experiments, experimentReconciler(context)),
    run('Trial', queues.trials, WORKERS.trials, trials.reconcile),
    run('Grants', queues.grants, WORKERS.grants, grantReconciler(context)),
  ]);
}

/** Ends of Trials and Experiments as they are seen, each once. */
function countEnds(world: World, instruments: Instruments): void {
  const isEnd = (now: Pick<Trial | Experiment, 'status'>, before?: Pick<Trial | Experiment, 'status'>): boolean =>
    before !== undefined &&
    isTrue(now.status?.conditions, 'Finished') &&
    !isTrue(before.status?.conditions, 'Finished');
  world.trials.subscribe(({ type, object, old }) => {
    if (type !== 'upsert' || old === undefined || !isEnd(object, old)) return;
    const experiment = world.experiments.get(`${object.metadata.namespace}/${object.spec.experiment}`);
    const mode = experiment === undefined ? undefined : modeOf(experiment.spec, object.spec.mode);
    instruments.trialEnded(object, old, mode?.type ?? 'Unknown');
  });
  world.experiments.subscribe(({ type, object, old }) => {
    if (type === 'upsert' && isEnd(object, old)) instruments.experimentEnded(object);
  });
}
