/** Follows an Experiment: a line for each trial that ends, a status line between, until it is over or the wait is. */
import { findCondition } from '../api/conditions.ts';
import { LABEL_EXPERIMENT } from '../api/labels.ts';
import type { Condition, Experiment, Trial } from '../api/v1alpha1.ts';
import { type KubeObject, keyOf, Reflector, type ResourceType, Store } from '../kube/index.ts';
import { Access } from './access.ts';
import { EXPERIMENTS, TRIALS } from '../api/kinds.ts';
import { isFinished } from '../plan/progress.ts';
import { duration, endLine, progressLine } from './progress.ts';
import type { Session } from './session.ts';

/** Between two lines of progress in a pipe. */
const PIPE_INTERVAL_MS = 30_000;

export interface Limits {
  /** Seconds; no bound where absent. */
  timeout?: number;
  lostAfter: number;
  stalledAfter?: number;
}

/** How a wait ended. */
export type Ending =
  | { kind: 'Finished'; experiment: Experiment }
  | { kind: 'Deleted' | 'Interrupted' | 'TimedOut' }
  | { kind: 'Lost'; sentence: string }
  | { kind: 'Stalled'; condition: Condition };

type Found = Experiment & KubeObject;

/** @param uid the incarnation that is followed: another one of its name is not it. */
export async function follow(
  session: Session,
  { namespace, name, uid }: { namespace: string; name: string; uid: string | undefined },
  limits: Limits,
): Promise<Ending> {
  const { client, terminal, log, signal } = session;
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const experiments = new Store<Found>();
  const trials = new Store<Trial & KubeObject>();
  const read = <T extends KubeObject>(type: ResourceType, store: Store<T>, selection: object): Promise<void> => {
    const reflector = new Reflector<T>({ client, type, store, namespace, log, ...selection });
    void reflector.run(both);
    return reflector.synced();
  };
  const access = new Access(client);
  void access.run(both);
  let isSynced = false;
  const synced = Promise.all([
    read(EXPERIMENTS, experiments, { fieldSelector: `metadata.name=${name}` }),
    // Who may read Experiments alone still sees how far they are.
    read(TRIALS, trials, { labelSelector: `${LABEL_EXPERIMENT}=${name}`, optional: true }),
  ]);
  synced.then(
    () => (isSynced = true),
    () => {},
  );
  const start = Date.now();
  const judge = (): Ending | null => {
    const experiment = experiments.get(`${namespace}/${name}`);
    if (signal.aborted) return { kind: 'Interrupted' };
    if (isSynced && (experiment === undefined || experiment.metadata.uid !== uid)) return { kind: 'Deleted' };
    if (experiment !== undefined && isFinished(experiment)) return { kind: 'Finished', experiment };
    return overdue({ experiment, access, start, now: Date.now() }, limits);
  };
  const teller = createTeller(session, access);
  return new Promise((resolve) => {
    const look = (): void => {
      if (isSynced) teller.ends(trials.list());
      const ending = judge();
      if (ending === null) return teller.status(experiments.get(`${namespace}/${name}`), trials.list());
      clearInterval(timer);
      terminal.clear();
      stop.abort();
      resolve(ending);
    };
    const timer = setInterval(look, 250);
    signal.addEventListener('abort', look, { once: true });
  });
}

interface Moment {
  experiment: Experiment | undefined;
  access: Pick<Access, 'lost'>;
  start: number;
  now: number;
}

/** Whether one of the limits has passed, and which; null where none has. */
export function overdue({ experiment, access, start, now }: Moment, limits: Limits): Ending | null {
  const { lost } = access;
  if (limits.timeout !== undefined && now - start >= limits.timeout * 1000) return { kind: 'TimedOut' };
  if (lost !== null && now - lost.since >= limits.lostAfter * 1000) return { kind: 'Lost', sentence: lost.sentence };
  const stalled = findCondition(experiment?.status?.conditions, 'Stalled');
  if (limits.stalledAfter === undefined || stalled?.status !== 'True') return null;
  // The machine's clock may differ from the cluster's: what was stalled before we came counts from now.
  const since = Math.max(start, Date.parse(stalled.lastTransitionTime) || start);
  return now - since >= limits.stalledAfter * 1000 ? { kind: 'Stalled', condition: stalled } : null;
}

function createTeller({ terminal }: Session, access: Access) {
  const told = new Set<string>();
  let [lastLine, lastText] = [0, ''];
  return {
    ends(trials: readonly (Trial & KubeObject)[]): void {
      for (const trial of trials.toSorted((a, b) => endTime(a) - endTime(b))) {
        if (!isFinished(trial) || told.has(keyOf(trial))) continue;
        told.add(keyOf(trial));
        terminal.line(endLine(trial));
      }
    },
    status(experiment: Experiment | undefined, trials: readonly Trial[]): void {
      const now = Date.now();
      const text = statusText(experiment, trials, access, now);
      // In a pipe a wait is told when it begins, the rest now and then.
      const kind = text.startsWith('waits') || access.lost !== null ? text.replaceAll(/\d+/g, '') : '';
      if (!terminal.live && now - lastLine < PIPE_INTERVAL_MS && kind === lastText) return;
      [lastLine, lastText] = [now, kind];
      terminal.status(text);
    },
  };
}

function statusText(experiment: Experiment | undefined, trials: readonly Trial[], access: Access, now: number): string {
  const { lost } = access;
  if (lost !== null) return `no answer for ${duration((now - lost.since) / 1000)}: ${lost.sentence}`;
  return experiment === undefined ? 'reading the Experiment' : progressLine(experiment, trials, now);
}

const endTime = (trial: Trial): number => Date.parse(trial.status?.completionTime ?? '') || 0;
