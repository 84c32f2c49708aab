/** What the live page reads: the World's stores, which standbys fill as well; no request but for a stored report. */
import type { Experiment, Testbed, Trial } from '../api/v1alpha1.ts';
import { CONFIGMAPS, isNotFound, keyOf, type KubeClient, type KubeObject } from '../kube/index.ts';
import { secondsLeft, stage } from '../plan/progress.ts';
import type { World } from './world.ts';

interface StoredPart extends KubeObject {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
}

type Listener = (kind: 'Experiment' | 'Testbed', key: string) => void;

/** In the shape of the page's source, which main holds it against. */
export function pageSource(world: World, client: KubeClient) {
  const trials = (uid: string): readonly Trial[] => world.trials.byIndex('experiment', uid);
  return {
    experiments: (): readonly Experiment[] => world.experiments.list(),
    experiment: (key: string): Experiment | undefined => world.experiments.get(key),
    testbeds: (): readonly Testbed[] => world.testbeds.list(),
    testbed: (key: string): Testbed | undefined => world.testbeds.get(key),
    trials,
    running: (uid: string): readonly Trial[] =>
      world.trials
        .byIndex('active', '')
        .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid) === true),
    subscribe: (listener: Listener) => subscribe(world, listener),
    secondsLeft: (experiment: Experiment, now: number) =>
      secondsLeft(experiment, trials(experiment.metadata.uid ?? ''), now),
    stage,
    readPart: async (namespace: string, name: string): Promise<StoredPart | null> => {
      try {
        return await client.get<StoredPart>(CONFIGMAPS, { namespace, name });
      } catch (error) {
        if (isNotFound(error)) return null;
        throw error;
      }
    },
  };
}

function subscribe(world: World, listener: Listener): () => void {
  const ends = [
    world.experiments.subscribe(({ object }) => listener('Experiment', keyOf(object))),
    world.testbeds.subscribe(({ object }) => listener('Testbed', keyOf(object))),
    world.trials.subscribe(({ object }) =>
      listener('Experiment', `${object.metadata.namespace}/${object.spec.experiment}`),
    ),
  ];
  return () => ends.forEach((end) => end());
}
