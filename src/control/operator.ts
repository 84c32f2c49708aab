/** Runs all controllers on one World until the signal. */
import {
  EventRecorder,
  type KubeClient,
  type KubeObject,
  runController,
  type Store,
  WorkQueue,
} from '../kube/index.ts';
import type { Logger } from '../log.ts';
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
  identity: string;
  log: Logger;
  signal: AbortSignal;
}

const WORKERS = { testbeds: 1, experiments: 4, trials: 16, grants: 1 } as const;

/** Resolves when the last reconcile under way has ended after the signal. The World must be synced. */
export async function runControllers(options: ControllersOptions): Promise<void> {
  const { client, world, meeting, credentials, identity, log, signal } = options;
  const store = (of: unknown): Store<KubeObject> => of as Store<KubeObject>;
  const context: Context = {
    world,
    meeting,
    credentials,
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
  const run = (
    name: string,
    queue: WorkQueue,
    workers: number,
    reconcile: Parameters<typeof runController>[0]['reconcile'],
  ) => runController({ name, queue, workers, reconcile, log, signal });
  await Promise.all([
    run('Testbed', queues.testbeds, WORKERS.testbeds, testbedReconciler(context, client)),
    run('Experiment', queues.experiments, WORKERS.experiments, experimentReconciler(context)),
    run('Trial', queues.trials, WORKERS.trials, trials.reconcile),
    run('Grants', queues.grants, WORKERS.grants, grantReconciler(context)),
  ]);
}
