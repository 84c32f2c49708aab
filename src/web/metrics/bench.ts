/** What is measured, waits and is held: from objects that main hands in, read when somebody scrapes. */
import { findCondition, isTrue } from '../../api/conditions.ts';
import type { Experiment, Testbed, Trial } from '../../api/v1alpha1.ts';
import { type ExperimentState, stateOf } from '../page/view.ts';
import { Counter, Gauge, Histogram } from './family.ts';

/** VFs of a resource on a node, as the allocator counts them. */
export interface VfStock {
  node: string;
  resource: string;
  allocatable: number;
  /** By our Trials. */
  granted: number;
  free: number;
}

/** Reads of the operator's stores; sizes and indexes cost nothing, however many Trials there are. */
export interface BenchSource {
  trials(): number;
  /** Trials that are not over. */
  active(): readonly Trial[];
  experiments(): readonly Experiment[];
  testbeds(): readonly Testbed[];
  /** Null where this process does not lead: it does not watch the nodes' pods then. */
  vfs(): readonly VfStock[] | null;
}

const STATES: readonly ExperimentState[] = [
  'Pending',
  'Waiting',
  'Running',
  'Suspended',
  'Deleting',
  'Completed',
  'Passed',
  'Inconclusive',
  'Failed',
];
/** Seconds of a Trial: from a native pod with one short test to VMs with an hour of them. */
const SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600];

const gauge = (name: string, help: string, ...labels: string[]): Gauge => new Gauge({ name, help, labels });

export class BenchMetrics {
  readonly #source: BenchSource;
  readonly #now: () => number;
  readonly #trials = gauge('vfbench_trials', 'Trials that are there, those that are over included');
  readonly #active = gauge('vfbench_trials_active', 'Trials that are not over');
  readonly #experiments = gauge('vfbench_experiments', 'Experiments that are there, those that are over included');
  readonly #states = gauge('vfbench_experiments_by_state', 'Experiments by state, as the live page has it', 'state');
  readonly #queue = gauge('vfbench_queue_length', 'Trials that wait for nodes, VFs or a slot of their Testbed');
  readonly #oldest = gauge('vfbench_queue_oldest_seconds', 'How long the first of them has waited; 0 where none waits');
  readonly #ready = gauge(
    'vfbench_testbed_ready',
    'Condition Ready of a Testbed: 1 True, 0 False or not known yet',
    'testbed',
  );
  readonly #allocatable = gauge(
    'vfbench_vfs_allocatable',
    'VFs that a node of a Testbed offers, those in use included',
    'node',
    'resource',
  );
  readonly #granted = gauge('vfbench_vfs_granted', 'VFs that Trials hold', 'node', 'resource');
  readonly #free = gauge('vfbench_vfs_free', 'VFs that neither Trials nor pods of others hold', 'node', 'resource');
  readonly #ended = new Counter({
    name: 'vfbench_trials_finished_total',
    help: 'Trials that ended while this process led, by type of mode and outcome',
    labels: ['type', 'outcome'],
  });
  readonly #failures = new Counter({
    name: 'vfbench_trial_failures_total',
    help: 'Trials that failed while this process led, by reason',
    labels: ['type', 'reason'],
    most: 200,
  });
  readonly #duration = new Histogram(
    {
      name: 'vfbench_trial_duration_seconds',
      help: 'From the creation of a Trial to its end',
      labels: ['type', 'outcome'],
    },
    SECONDS,
  );
  readonly #phases = new Histogram(
    {
      name: 'vfbench_trial_phase_seconds',
      help: 'Parts of it: queue, start, measure, cleanup',
      labels: ['type', 'phase'],
    },
    SECONDS,
  );
  readonly #verdicts = new Counter({
    name: 'vfbench_experiments_finished_total',
    help: 'Experiments that ended while this process led, by the state that they ended in',
    labels: ['state'],
  });

  constructor(source: BenchSource, now: () => number = Date.now) {
    [this.#source, this.#now] = [source, now];
  }

  /**
   * A Trial has ended.
   * @param before as it was before, with all its conditions: the end keeps two of them.
   * @param type of its mode.
   */
  trialEnded(trial: Trial, before: Trial, type: string): void {
    const { status, reason } = findCondition(trial.status?.conditions, 'Succeeded') ?? {
      status: '',
      reason: 'Unknown',
    };
    const outcome = status === 'True' ? 'Succeeded' : 'Failed';
    this.#ended.inc([type, outcome]);
    if (outcome === 'Failed') this.#failures.inc([type, reason]);
    const times = timesOf(trial, before);
    const spent = (from: number, to: number): number => ((times[to]?.at ?? NaN) - (times[from]?.at ?? NaN)) / 1000;
    const all = spent(0, times.length - 1);
    if (all >= 0) this.#duration.observe(all, [type, outcome]);
    for (const [i, { phase }] of times.slice(0, -1).entries()) {
      const seconds = spent(i, i + 1);
      if (seconds >= 0) this.#phases.observe(seconds, [type, phase]);
    }
  }

  experimentEnded(experiment: Experiment): void {
    this.#verdicts.inc([stateOf(experiment)]);
  }

  families(): (Counter | Gauge | Histogram)[] {
    this.#look();
    return [
      [this.#trials, this.#active, this.#experiments, this.#states, this.#queue, this.#oldest, this.#ready],
      [this.#allocatable, this.#granted, this.#free],
      [this.#ended, this.#failures, this.#duration, this.#phases, this.#verdicts],
    ].flat();
  }

  #look(): void {
    const [experiments, active] = [this.#source.experiments(), this.#source.active()];
    this.#trials.set(this.#source.trials());
    this.#active.set(active.length);
    this.#experiments.set(experiments.length);
    const states = Map.groupBy(experiments, stateOf);
    this.#states.replace(STATES.map((state) => [[state], states.get(state)?.length ?? 0]));
    const waiting = active.filter(({ status }) => status?.grant === undefined);
    const since = Math.min(...waiting.map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? '') || Infinity));
    this.#queue.set(waiting.length);
    this.#oldest.set(Number.isFinite(since) ? Math.max(0, (this.#now() - since) / 1000) : 0);
    this.#ready.replace(
      this.#source
        .testbeds()
        .map(({ metadata, status }) => [
          [`${metadata.namespace}/${metadata.name}`],
          isTrue(status?.conditions, 'Ready') ? 1 : 0,
        ]),
    );
    this.#stock(this.#source.vfs() ?? []);
  }

  #stock(vfs: readonly VfStock[]): void {
    const series = (value: (stock: VfStock) => number) =>
      vfs.map((stock): [string[], number] => [[stock.node, stock.resource], value(stock)]);
    this.#allocatable.replace(series(({ allocatable }) => allocatable));
    this.#granted.replace(series(({ granted }) => granted));
    this.#free.replace(series(({ free }) => free));
  }
}

/** When each phase of a Trial began, in order; the last is the end. */
function timesOf(trial: Trial, before: Trial): { phase: string; at: number }[] {
  const when = (type: string): number => {
    const found = findCondition(before.status?.conditions, type);
    return found === undefined || found.status === 'Unknown' ? NaN : Date.parse(found.lastTransitionTime);
  };
  const granted = isTrue(before.status?.conditions, 'Granted') ? when('Granted') : NaN;
  const ready = isTrue(before.status?.conditions, 'EndpointsReady') ? when('EndpointsReady') : NaN;
  return [
    { phase: 'queue', at: Date.parse(trial.metadata.creationTimestamp ?? '') },
    { phase: 'start', at: granted },
    { phase: 'measure', at: ready },
    { phase: 'cleanup', at: when('Measured') },
    { phase: '', at: Date.parse(trial.status?.completionTime ?? '') },
  ];
}
