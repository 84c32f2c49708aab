/** `watch NAME`: live progress until the Experiment has finished, then its result table. */
import { LABEL_EXPERIMENT } from '../api/labels.ts';
import type { Experiment, Trial } from '../api/v1alpha1.ts';
import { type KubeClient, type KubeObject, keyOf, Reflector, type ResourceType, Store } from '../kube/index.ts';
import type { Logger } from '../log.ts';
import { endLine, isFinished, progressLine } from './progress.ts';
import type { Terminal } from './terminal.ts';

const ours = (plural: string, kind: string): ResourceType => ({
  group: 'vfbench.io',
  version: 'v1alpha1',
  plural,
  kind,
  namespaced: true,
});
export const EXPERIMENTS = ours('experiments', 'Experiment');
export const TRIALS = ours('trials', 'Trial');

/** Between two lines of progress in a pipe. */
const PIPE_INTERVAL_MS = 30_000;

export interface WatchOptions {
  client: KubeClient;
  namespace: string;
  name: string;
  terminal: Terminal;
  log: Logger;
  signal: AbortSignal;
}

/** The finished Experiment; null where the signal came first, or the Experiment was deleted. */
export async function watchExperiment(options: WatchOptions): Promise<Experiment | null> {
  const { client, namespace, name, terminal, log, signal } = options;
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const experiments = new Store<Experiment & KubeObject>();
  const trials = new Store<Trial & KubeObject>();
  const told = new Set<string>();
  const run = <T extends KubeObject>(type: ResourceType, store: Store<T>, selection: object): Reflector<T> => {
    const reflector = new Reflector<T>({ client, type, store, namespace, log, ...selection });
    void reflector.run(both);
    return reflector;
  };
  const readers = [
    run(EXPERIMENTS, experiments, { fieldSelector: `metadata.name=${name}` }),
    run(TRIALS, trials, { labelSelector: `${LABEL_EXPERIMENT}=${name}` }),
  ];
  await Promise.race([Promise.all(readers.map((reader) => reader.synced())), aborted(both)]);
  const current = (): Experiment | undefined => experiments.get(`${namespace}/${name}`);

  return new Promise((resolve) => {
    let lastLine = 0;
    const finish = (experiment: Experiment | null): void => {
      clearInterval(timer);
      terminal.clear();
      stop.abort();
      resolve(experiment);
    };
    const look = (): void => {
      const experiment = current();
      if (signal.aborted || experiment === undefined) return finish(null);
      for (const trial of trials.list().sort((a, b) => endTime(a) - endTime(b))) {
        if (!isFinished(trial) || told.has(keyOf(trial))) continue;
        told.add(keyOf(trial));
        terminal.line(endLine(trial));
      }
      if (isFinished(experiment)) return finish(experiment);
      const due = Date.now() - lastLine >= PIPE_INTERVAL_MS;
      if (!terminal.live && !due) return;
      lastLine = Date.now();
      terminal.status(progressLine(experiment, trials.list(), Date.now()));
    };
    const timer = setInterval(look, terminal.live ? 250 : 1000);
    look();
  });
}

const endTime = (trial: Trial): number => Date.parse(trial.status?.completionTime ?? '') || 0;

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
