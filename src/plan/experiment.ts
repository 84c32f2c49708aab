/**
 * One Experiment: expands into blocks of Trials in seeded random order, a few at a time, and turns
 * their measurements into results, verdicts and conditions. Pure.
 */
import { type ConditionUpdate, dropCondition, findCondition, isTrue, timestamp } from '../api/conditions.ts';
import { API_VERSION, LABEL_ENVIRONMENT, LABEL_EXPERIMENT } from '../api/labels.ts';
import type { Experiment, ExperimentStatus, Trial } from '../api/v1alpha1.ts';
import { admit } from './admit.ts';
import { begunBlocks, type BlockState, isComplete, isOver } from './blocks.ts';
import { DEADLINE_EXCEEDED, isOverdue, untilDeadline } from './deadline.ts';
import { blockOrder, type Cell, cells } from './expand.ts';
import { withComparable } from './comparable.ts';
import { conclude, type Conclusion } from './conclude.ts';
import { hash } from './random.ts';
import type { ExperimentObserved } from './experimentObserved.ts';
import { trialName } from './names.ts';
import { outcomeOf, resultConditions } from './outcome.ts';
import { type Finding, isDeleting } from './observed.ts';
import { ownedBy } from './render/metadata.ts';
import { same, since, withConditions } from './status.ts';
import { emptyPlan, type Plan, type PlannedObject } from './types.ts';

const SUSPENDED: Finding = { reason: 'Suspended', message: 'spec.suspend is true: set it to false to go on' };

type ExperimentPlan = Plan<ExperimentStatus>;

/** The seed as asked for, else from the UID: recorded in status, so that a run can be repeated. */
export function seedOf(experiment: Experiment): number {
  return experiment.status?.seed ?? experiment.spec.seed ?? hash(experiment.metadata.uid ?? '') % 0x80000000;
}

export function planExperiment(observed: ExperimentObserved, now: number): ExperimentPlan {
  const { experiment } = observed;
  if (isDeleting(experiment)) return emptyPlan();
  if (isTrue(experiment.status?.conditions, 'Finished')) return planExpiry(experiment, now);
  const seed = seedOf(experiment);
  const blocks = begunBlocks(experiment.spec, seed, observed.trials);
  const conclusion = conclude(observed, blocks, now);
  if (conclusion.finished !== null) return finish(observed, { now, seed, blocks, conclusion });
  return { ...run(observed, { now, seed, blocks, conclusion }), ...untilDeadline(experiment, observed.trials, now) };
}

/** Nodes that a trial was granted stay the Experiment's: figures of other nodes would not be comparable. */
const wasPlaced = ({ status }: Trial): boolean => status?.grant !== undefined || isTrue(status?.conditions, 'Finished');

/** With the nodes of a grant, where there is one: it may have been written while other nodes were chosen. */
function onGrantedNodes({ experiment, trials }: ExperimentObserved): Experiment {
  const granted = trials.find(({ status }) => status?.grant !== undefined)?.status?.grant;
  return granted === undefined ? experiment : { ...experiment, status: { ...experiment.status, nodes: granted.nodes } };
}

interface Context {
  now: number;
  seed: number;
  blocks: BlockState[];
  conclusion: Conclusion;
}

/** After the end the object is left alone until its time to live is over. */
function planExpiry(experiment: Experiment, now: number): ExperimentPlan {
  const ttl = experiment.spec.ttlSecondsAfterFinished;
  const finishedAt = since(experiment.status?.conditions, 'Finished');
  if (ttl === undefined || finishedAt === null) return emptyPlan();
  const left = finishedAt + ttl * 1000 - now;
  if (left > 0) return { ...emptyPlan(), requeueAfterMs: left };
  const { namespace = '', name, uid } = experiment.metadata;
  const removal = { kind: 'Experiment', namespace, name, ...(uid === undefined ? {} : { uid }) };
  return { ...emptyPlan(), remove: [removal] };
}

function unfinished(trials: readonly Trial[]): Trial[] {
  return trials.filter((trial) => !isTrue(trial.status?.conditions, 'Finished'));
}

/** `starting`: trials this plan creates; they count as running, so that one write tells of an end and a start. */
function baseStatus(
  { experiment, trials }: ExperimentObserved,
  { now, seed, blocks, conclusion }: Context,
  starting: readonly PlannedObject[] = [],
): ExperimentStatus {
  const active = unfinished(trials);
  const running = [...active, ...starting].map((t) => t.metadata.name).sort();
  const failed = trials.filter(
    (trial) => findCondition(trial.status?.conditions, 'Succeeded')?.status === 'False',
  ).length;
  const { analysis } = conclusion;
  const incomplete = blocks.filter((block) => isOver(block) && !isComplete(block)).length;
  const { running: _, ...progress } = experiment.status?.progress ?? {};
  const { queue: _queue, ...status } = experiment.status ?? {};
  const queue = waiting(trials)?.status?.queue;
  const next = {
    ...status,
    ...(queue === undefined ? {} : { queue }),
    ...(experiment.metadata.generation === undefined ? {} : { observedGeneration: experiment.metadata.generation }),
    seed,
    progress: {
      ...progress,
      blocks: blocks.filter(isComplete).length,
      plannedBlocks: experiment.spec.blocks.max,
      trials: trials.length - active.length,
      plannedTrials: experiment.spec.blocks.max * cells(experiment.spec).length,
      failed,
      ...(incomplete === 0 ? {} : { incompleteBlocks: incomplete }),
      ...(running[0] === undefined ? {} : { running: running[0] }),
    },
    ...(analysis === null ? {} : outcomeOf(analysis)),
  };
  const clock = { now, generation: experiment.metadata.generation };
  return withComparable(next, { spec: experiment.spec, trials }, clock);
}

/** Only what differs is written, and what is missing is made: an unchanged world gives an empty plan. */
function planWith(experiment: Experiment, status: ExperimentStatus, create: PlannedObject[]): ExperimentPlan {
  return { ...emptyPlan(), create, ...(same(status, experiment.status) ? {} : { status }) };
}

const underWay = (overdue: boolean): ConditionUpdate => ({
  type: 'Finished',
  status: 'False',
  reason: overdue ? DEADLINE_EXCEEDED : 'Running',
  message: overdue ? 'Out of time: running Trials are ended' : 'Trials are still to be run',
});

function run(observed: ExperimentObserved, context: Context): ExperimentPlan {
  const { experiment } = observed;
  const clock = { now: context.now, generation: experiment.metadata.generation };
  const admission = admit({ ...observed, experiment: onGrantedNodes(observed) }, observed.trials.some(wasPlaced));
  const create = admission.admitted && !experiment.spec.suspend ? nextTrials(observed, context) : [];
  const base = baseStatus(observed, context, observed.refused ? [] : create);
  const active = withConditions(
    { ...base, startTime: base.startTime ?? timestamp(context.now) },
    clock,
    underWay(isOverdue(experiment, observed.trials, context.now)),
    { type: 'Succeeded', status: 'Unknown', reason: 'Running', message: 'Not known before the end' },
    { type: 'Reconciling', status: 'True', reason: 'Running', message: 'Trials are being run' },
    ...(context.conclusion.analysis === null
      ? []
      : resultConditions(experiment.spec, context.conclusion.analysis, null)),
  );
  if (!admission.admitted) return held(experiment, active, clock, admission.finding);
  const environment = observed.nodes.get(admission.nodes.server)?.metadata.labels?.[LABEL_ENVIRONMENT];
  const placed = { ...active, nodes: admission.nodes, ...(environment === undefined ? {} : { environment }) };
  const stopped = experiment.spec.suspend ? SUSPENDED : refusalOf(observed, create);
  if (stopped !== null) return { ...held(experiment, placed, clock, stopped), create };
  const wait = waitingFor(observed.trials);
  const admitted = withConditions(placed, clock, {
    type: 'Admitted',
    status: wait === null ? 'True' : 'False',
    ...(wait ?? {
      reason: 'Admitted',
      message: `Server node ${admission.nodes.server}, client node ${admission.nodes.client}`,
    }),
  });
  const settled = { ...admitted, conditions: dropCondition(admitted.conditions ?? [], 'Stalled') };
  return planWith(experiment, settled, create);
}

/** Said for as long as it is so, while the creation is tried again: nobody tells when it would be let through. */
const refusalOf = ({ refused }: ExperimentObserved, create: readonly PlannedObject[]): Finding | null =>
  create.length === 0 ? null : (refused ?? null);

/** Shortages that somebody must mend are Stalled; a pause that somebody asked for is not. */
function held(
  experiment: Experiment,
  status: ExperimentStatus,
  clock: { now: number; generation: number | undefined },
  finding: Finding,
): ExperimentPlan {
  const { queue: _, ...rest } = status;
  const admitted = withConditions(rest, clock, { type: 'Admitted', status: 'False', ...finding });
  const next =
    finding === SUSPENDED
      ? { ...admitted, conditions: dropCondition(admitted.conditions ?? [], 'Stalled') }
      : withConditions(admitted, clock, { type: 'Stalled', status: 'True', ...finding });
  return planWith(experiment, next, []);
}

/** A trial that waits for its grant and was told why; of several the one that comes first. */
function waiting(trials: readonly Trial[]): Trial | undefined {
  return trials
    .filter(({ status }) => status?.grant === undefined)
    .filter(({ status }) => findCondition(status?.conditions, 'Granted')?.status === 'False')
    .sort((a, b) => (a.status?.queue?.position ?? 0) - (b.status?.queue?.position ?? 0))[0];
}

/** What the allocator says of it. */
function waitingFor(trials: readonly Trial[]): Finding | null {
  const refused = findCondition(waiting(trials)?.status?.conditions, 'Granted');
  return refused === undefined ? null : { reason: refused.reason, message: refused.message };
}

/** The next trials, so that as many are under way as the Testbed runs at once; blocks do not overlap. */
function nextTrials(
  { experiment, testbed, trials }: ExperimentObserved,
  { blocks, seed, conclusion }: Context,
): PlannedObject[] {
  if (conclusion.stop) return [];
  const room = (testbed?.spec.concurrency ?? 1) - unfinished(trials).length;
  const last = blocks.at(-1);
  const current: BlockState | undefined =
    last === undefined || isOver(last)
      ? {
          block: blocks.length,
          cells: blockOrder(experiment.spec, seed, blocks.length).map((cell) => ({
            cell,
            state: { state: 'Open', attempt: 0 },
          })),
        }
      : last;
  if (current.block >= experiment.spec.blocks.max) return [];
  const open = current.cells.flatMap(({ cell, state }) =>
    state.state === 'Open' ? [{ cell, attempt: state.attempt }] : [],
  );
  return open
    .slice(0, Math.max(room, 0))
    .map(({ cell, attempt }) => renderTrial(experiment, cell, current.block, attempt));
}

export function renderTrial(experiment: Experiment, cell: Cell, block: number, attempt: number): PlannedObject {
  const { name, namespace = '', uid = '' } = experiment.metadata;
  return {
    apiVersion: API_VERSION,
    kind: 'Trial',
    metadata: {
      name: trialName({ experimentUid: uid, experiment: name, ...cell, block, attempt }),
      namespace,
      labels: { [LABEL_EXPERIMENT]: name },
      ownerReferences: [ownedBy(experiment)],
    },
    spec: { experiment: name, testbed: experiment.spec.testbed, ...cell, block, attempt },
  };
}

function finish(observed: ExperimentObserved, context: Context): ExperimentPlan {
  const { experiment } = observed;
  const { conclusion, now } = context;
  const end = conclusion.finished;
  if (end === null) return emptyPlan();
  const clock = { now, generation: experiment.metadata.generation };
  const done = withConditions(
    { ...baseStatus(observed, context), verdict: conclusion.verdict, completionTime: timestamp(now) },
    clock,
    { type: 'Finished', status: 'True', reason: end.reason, message: end.message },
    { type: 'Succeeded', status: end.succeeded ? 'True' : 'False', reason: end.reason, message: end.message },
    ...(conclusion.analysis === null ? [] : resultConditions(experiment.spec, conclusion.analysis, end.reason)),
  );
  const conditions = dropCondition(dropCondition(done.conditions ?? [], 'Reconciling'), 'Stalled');
  return {
    ...emptyPlan(),
    status: { ...done, conditions },
    events: [{ type: end.succeeded ? 'Normal' : 'Warning', reason: end.reason, message: end.message }],
  };
}
