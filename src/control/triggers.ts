/** Which change makes which key be looked at again. Level-based: keys only, never the event itself. */
import { LABEL_TRIAL_UID } from '../api/labels.ts';
import { isTrue } from '../api/conditions.ts';
import type { Condition, Trial } from '../api/v1alpha1.ts';
import { keyOf, type KubeObject, type WorkQueue } from '../kube/index.ts';
import { same } from '../plan/status.ts';
import { trialKeysOf } from './children.ts';
import type { Meeting } from './context.ts';
import { GRANTS_KEY } from './grantController.ts';
import { trialKey, type World } from './world.ts';

export interface Queues {
  testbeds: WorkQueue;
  experiments: WorkQueue;
  trials: WorkQueue;
  grants: WorkQueue;
}

const isOver = (object: { status?: { conditions?: Condition[] } } | undefined): boolean =>
  isTrue(object?.status?.conditions, 'Finished');

/** Subscribes the queues to the stores; nothing is enqueued for what is there already (`enqueueAll`). */
export function connect(world: World, queues: Queues, meeting: Meeting, forget: (trialUid: string) => void): void {
  const allTestbeds = (): void => world.testbeds.list().forEach((testbed) => queues.testbeds.add(keyOf(testbed)));
  const openExperiments = (): void =>
    world.experiments.list().forEach((experiment) => {
      if (!isOver(experiment)) queues.experiments.add(keyOf(experiment));
    });
  const activeTrials = (matches: (trial: Trial) => boolean): void =>
    world.trials.byIndex('active', '').forEach((trial) => {
      if (matches(trial)) queues.trials.add(keyOf(trial));
    });
  const grants = (): void => queues.grants.add(GRANTS_KEY);

  world.testbeds.subscribe(({ object }) => {
    queues.testbeds.add(keyOf(object));
    for (const experiment of world.experiments.byIndex('testbed', keyOf(object))) {
      if (!isOver(experiment)) queues.experiments.add(keyOf(experiment));
    }
    activeTrials((trial) => trial.spec.testbed === object.metadata.name);
    grants();
  });
  world.experiments.subscribe(({ object, old }) => {
    queues.experiments.add(keyOf(object));
    const isChanged = old?.metadata.generation !== object.metadata.generation;
    // What it asks for, and whether it still does.
    if (isChanged || isOver(old) !== isOver(object))
      queues.testbeds.add(`${object.metadata.namespace}/${object.spec.testbed}`);
    if (isChanged || !same(old?.status?.nodes, object.status?.nodes)) grants();
    activeTrials((trial) => trial.spec.experiment === object.metadata.name);
  });
  world.trials.subscribe(({ type, object }) => {
    const { namespace, uid = '' } = object.metadata;
    if (type === 'delete') {
      forget(uid);
      world.departed.add(object);
    }
    queues.trials.add(keyOf(object));
    queues.experiments.add(`${namespace}/${object.spec.experiment}`);
    if (type === 'delete' || isOver(object) || object.status?.grant === undefined) grants();
  });
  world.departed.onDrop(grants);
  const toTrial = ({ object }: { object: KubeObject }): void =>
    trialKey(object).forEach((key) => queues.trials.add(key));
  world.pods.subscribe((change) => {
    toTrial(change);
    if (change.type === 'delete') grants();
  });
  world.vmis.subscribe((change) => {
    toTrial(change);
    if (change.type === 'delete') grants();
  });
  world.nodes.subscribe(() => {
    allTestbeds();
    openExperiments();
    activeTrials(() => true);
    grants();
  });
  world.attachments.subscribe(() => {
    allTestbeds();
    openExperiments();
    grants();
  });
  world.kubevirts.subscribe(allTestbeds);
  world.sriovStates.subscribe(allTestbeds);
  world.onKinds(() => {
    allTestbeds();
    openExperiments();
    grants();
  });
  world.onEvent(({ involvedObject: { namespace, name, kind } }) => {
    const key = `${namespace}/${name}`;
    const told = kind === 'Pod' ? world.pods.get(key) : world.vmis.get(key);
    if (told?.metadata.labels?.[LABEL_TRIAL_UID] !== undefined) toTrial({ object: told });
  });
  // Our own pods do not change what a Testbed's status says, others' do.
  world.nodePods.onPod((pod) => {
    for (const key of trialKeysOf(pod)) if (world.trials.get(key) !== undefined) queues.trials.add(key);
    allTestbeds();
    if (world.trials.byIndex('active', '').some((trial) => trial.status?.grant === undefined)) grants();
  });
  meeting.onChange((uid) => {
    for (const trial of world.trials.byIndex('uid', uid)) queues.trials.add(keyOf(trial));
  });
}

/** Everything is looked at once when leadership begins. */
export function enqueueAll(world: World, queues: Queues): void {
  world.testbeds.list().forEach((testbed) => queues.testbeds.add(keyOf(testbed)));
  world.experiments.list().forEach((experiment) => queues.experiments.add(keyOf(experiment)));
  world.trials.byIndex('active', '').forEach((trial) => queues.trials.add(keyOf(trial)));
  for (const object of [...world.pods.list(), ...world.vmis.list()]) {
    if ((object.metadata.ownerReferences ?? []).length === 0) trialKey(object).forEach((key) => queues.trials.add(key));
  }
  queues.grants.add(GRANTS_KEY);
}
