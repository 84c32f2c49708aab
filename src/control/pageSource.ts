/** What the live page reads: the World's stores, which standbys fill as well; no request but for a stored report. */
import type { Experiment, Testbed, Trial } from '../api/v1alpha1.ts';
import { CONFIGMAPS, isNotFound, keyOf, type KubeClient, type KubeObject } from '../kube/index.ts';
import { secondsLeft, stage } from '../plan/progress.ts';
import type { World } from './world.ts';

interface StoredPart extends KubeObject {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
}

export interface PageReads {
  experiments(): readonly Experiment[];
  experiment(key: string): Experiment | undefined;
  testbeds(): readonly Testbed[];
  testbed(key: string): Testbed | undefined;
  trials(experimentUid: string): readonly Trial[];
  running(experimentUid: string): readonly Trial[];
  subscribe(listener: (kind: 'Experiment' | 'Testbed', key: string) => void): () => void;
  secondsLeft(experiment: Experiment, now: number): number | null;
  stage(trial: Trial): string;
  readPart(namespace: string, name: string): Promise<StoredPart | null>;
}

export function pageSource(world: World, client: KubeClient): PageReads {
  const trials = (uid: string): readonly Trial[] => world.trials.byIndex('experiment', uid);
  return {
    experiments: () => world.experiments.list(),
    experiment: (key) => world.experiments.get(key),
    testbeds: () => world.testbeds.list(),
    testbed: (key) => world.testbeds.get(key),
    trials,
    running: (uid) =>
      world.trials
        .byIndex('active', '')
        .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid) === true),
    subscribe: (listener) => subscribe(world, listener),
    secondsLeft: (experiment, now) => secondsLeft(experiment, trials(experiment.metadata.uid ?? ''), now),
    stage,
    readPart: async (namespace, name) => {
      try {
        return await client.get<StoredPart>(CONFIGMAPS, { namespace, name });
      } catch (error) {
        if (isNotFound(error)) return null;
        throw error;
      }
    },
  };
}

function subscribe(world: World, listener: Parameters<PageReads['subscribe']>[0]): () => void {
  const ends = [
    world.experiments.subscribe(({ object }) => listener('Experiment', keyOf(object))),
    world.testbeds.subscribe(({ object }) => listener('Testbed', keyOf(object))),
    world.trials.subscribe(({ object }) =>
      listener('Experiment', `${object.metadata.namespace}/${object.spec.experiment}`),
    ),
  ];
  return () => ends.forEach((end) => end());
}
