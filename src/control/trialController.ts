/** Runs one Trial from its grant to its verified end, and answers its endpoints. */
import { isTrue, findCondition } from '../api/conditions.ts';
import type { Trial, TrialStatus } from '../api/v1alpha1.ts';
import { keyOf, type KubeObject, type ReconcileResult } from '../kube/index.ts';
import { modeOf, trialPoints } from '../plan/expand.ts';
import { seedOf } from '../plan/experiment.ts';
import { type Finding, isDeleting, type ObjectEvent } from '../plan/observed.ts';
import { planTrial } from '../plan/trial.ts';
import type { EndpointReport, TrialObserved } from '../plan/trialObserved.ts';
import { type Troubles, troublesOf } from '../plan/troubles.ts';
import { toolsOf } from '../results/catalogue.ts';
import { belongs } from '../plan/belongs.ts';
import type { Plan } from '../plan/types.ts';
import { type Children, childrenOf } from './children.ts';
import type { Context, MeetingView } from './context.ts';
import { digestOf } from './digest.ts';
import { execute, RefusedError, type Subject } from './execute.ts';
import { TRIALS } from '../api/kinds.ts';
import { lookUp, Undertaker } from './lost.ts';
import type { CoreEvent, World } from './world.ts';

/** What this process remembers of live trials; losing it costs a repeated request at most. */
interface Memory {
  seen: Set<string>;
  secretRemoved: boolean;
  troubles: Troubles;
  /** Endpoints that were seen when they were removed, or were looked for in vain. */
  accounted: Set<string>;
  /** UIDs of what was asked to go, and until when a watch is waited for that tells so. */
  asked: Map<string, number>;
  /** What the watches do not show, as last looked up. */
  strays: Children;
  /** What the API server will not have of this Trial, and when that is taken for its last word. */
  refused: { finding: Finding; until: number } | null;
}

const newMemory = (): Memory => ({
  seen: new Set(),
  secretRemoved: false,
  troubles: new Map(),
  accounted: new Set(),
  asked: new Map(),
  strays: { pods: [], vmis: [] },
  refused: null,
});

const STRAY_MS = 1000;
/** How late a watch may be with what was asked to go: after that it is asked again. */
const ASKED_MS = 5000;

const namesOf = ({ pods, vmis }: Children): string[] => [...pods, ...vmis].map(({ metadata }) => metadata.name);

/** Characters of a stored document in base64, of all of a Trial's together: etcd takes objects of 1.5 MiB at most. */
const RAW_LIMIT = 120 * 1024;
const RAW_TOTAL = 640 * 1024;

/** A document larger than `limit` keeps its digest only; the measurements are in status anyway. */
function report({ registration, result, resultDigest, resultGzip, fault }: MeetingView, limit: number): EndpointReport {
  const known = { registration, result, fault };
  if (resultDigest === null || resultGzip === null) return { ...known, raw: null };
  const data = resultGzip.toString('base64');
  return { ...known, raw: { digest: resultDigest, data: data.length > limit ? '' : data } };
}

function objectEvent(event: CoreEvent): ObjectEvent {
  const { involvedObject, reason, message, lastTimestamp, eventTime, firstTimestamp } = event;
  return {
    uid: involvedObject.uid ?? '',
    reason,
    message,
    lastSeen: Date.parse(lastTimestamp ?? eventTime ?? firstTimestamp ?? '') || 0,
  };
}

function attachmentsOf(world: World, trial: Trial): TrialObserved['attachments'] {
  const keys = (trial.status?.grant?.endpoints ?? []).map((e) => `${trial.metadata.namespace}/${e.attachment}`);
  return new Map(
    [...new Set(keys)].flatMap((key) => {
      const found = world.attachments.get(key);
      return found === undefined ? [] : [[key, found]];
    }),
  );
}

function sriovStatesOf(world: World, trial: Trial): TrialObserved['sriovStates'] {
  const names = new Set((trial.status?.grant?.endpoints ?? []).map(({ node }) => node));
  const states = world.sriovStates.list().filter(({ metadata }) => names.has(metadata.name));
  return new Map(states.map((state) => [state.metadata.name, state]));
}

function observe(
  { world, meeting, credentials, now }: Context,
  trial: Trial & KubeObject,
  memory: Memory,
): TrialObserved {
  const { namespace, uid = '' } = trial.metadata;
  const experiment = world.experiments.get(`${namespace}/${trial.spec.experiment}`);
  const owned = experiment !== undefined && belongs(experiment, trial);
  const points = owned ? trialPoints(experiment.spec, seedOf(experiment), trial.spec) : [];
  const children = childrenOf(world, trial);
  const [pods, vmis] = [
    [...children.pods, ...memory.strays.pods],
    [...children.vmis, ...memory.strays.vmis],
  ];
  for (const object of [...pods, ...vmis]) memory.seen.add(object.metadata.name);
  const endpoints = trial.status?.grant?.endpoints ?? [];
  const limit = Math.min(RAW_LIMIT, RAW_TOTAL / Math.max(1, endpoints.length));
  const observed = {
    trial,
    experiment: owned ? experiment : null,
    testbed: world.testbeds.get(`${namespace}/${trial.spec.testbed}`) ?? null,
    mode: owned ? (modeOf(experiment.spec, trial.spec.mode) ?? null) : null,
    points,
    tools: [...new Set(points.flatMap(toolsOf))],
    pods,
    vmis,
    events: [...pods, ...vmis].flatMap(({ metadata }) => world.eventsOf(metadata.uid ?? '').map(objectEvent)),
    nodes: world.nodesByName(),
    attachments: attachmentsOf(world, trial),
    sriovStates: sriovStatesOf(world, trial),
    reports: new Map([...meeting.view(uid)].map(([name, view]) => [name, report(view, limit)])),
    seen: new Set(endpoints.filter((e) => memory.seen.has(e.object)).map((e) => e.name)),
    secretRemoved: memory.secretRemoved,
    asked: new Set(memory.asked.keys()),
    refused: memory.refused !== null && memory.refused.until <= now() ? memory.refused.finding : null,
    credentials,
    digest: digestOf,
  };
  memory.troubles = troublesOf(observed, memory.troubles, now());
  return { ...observed, troubles: memory.troubles };
}

/** Endpoints are answered from what is persisted, never from what is about to be. */
function answer({ meeting }: Context, { trial, points }: TrialObserved): void {
  const uid = trial.metadata.uid ?? '';
  const measured = findCondition(trial.status?.conditions, 'Measured');
  if (measured?.status === 'True') return meeting.acknowledge(uid);
  if (measured?.status === 'False') {
    return meeting.refuse(uid, { reason: measured.reason, message: measured.message, final: true });
  }
  if (isTrue(trial.status?.conditions, 'EndpointsReady')) meeting.release(uid, { points, pairs: trial.spec.pairs });
}

export interface TrialController {
  reconcile: (key: string) => Promise<ReconcileResult>;
  /** Drops what is remembered of a Trial that is gone. */
  forget: (trialUid: string) => void;
}

const REFUSED_RETRY_MS = 1000;

/** Tries again for as long as the refusal may pass, within the Trial's own limits; then the Trial ends by it. */
function remember(
  memory: Memory,
  { testbed }: TrialObserved,
  { finding, patienceMs }: RefusedError,
  now: number,
): ReconcileResult {
  const { scheduleSeconds = 0, startSeconds = 0 } = testbed?.spec.timeouts ?? {};
  const patience = Math.min(patienceMs, scheduleSeconds * 1000, startSeconds * 1000);
  const until = Math.min(memory.refused?.until ?? Infinity, now + patience);
  memory.refused = { finding, until };
  return { requeueAfterMs: Math.min(REFUSED_RETRY_MS, Math.max(0, until - now)) };
}

/** What was done and the watches do not tell of yet. */
function note(memory: Memory, plan: Plan<TrialStatus>, { pods, vmis }: TrialObserved, now: number): void {
  // Seen as it was made: its labels may be gone before any watch tells of it.
  for (const { metadata } of plan.create) memory.seen.add(metadata.name);
  if (plan.remove.length === 0) return;
  for (const { metadata } of [...pods, ...vmis]) memory.asked.set(metadata.uid ?? '', now + ASKED_MS);
}

export function trialController(context: Context): TrialController {
  const memories = new Map<string, Memory>();
  const undertaker = new Undertaker(context);
  const { world, executor, meeting, now } = context;

  const forget = (uid: string): void => {
    memories.delete(uid);
    meeting.forget(uid);
  };

  const carryOut = async (
    subject: Subject<Trial & KubeObject>,
    observed: TrialObserved,
    memory: Memory,
  ): Promise<ReconcileResult> => {
    const plan = planTrial(observed, now());
    const removesSecret = plan.remove.some((removal) => removal.kind === 'Secret');
    // Taken before: what goes at once is no longer seen afterwards, and would be asked for by name.
    const visible = removesSecret ? namesOf(childrenOf(world, subject.object)) : [];
    try {
      await execute(executor, subject, plan);
    } catch (error) {
      if (!(error instanceof RefusedError) || observed.refused) throw error;
      if (memory.refused?.finding.message !== error.finding.message)
        context.log.warn({ err: error, trial: keyOf(subject.object) }, 'The API server refuses');
      return remember(memory, observed, error, now());
    }
    if (!observed.refused) memory.refused = null;
    note(memory, plan, observed, now());
    if (removesSecret) {
      memory.secretRemoved = true;
      for (const name of visible) memory.accounted.add(name);
    }
    const isAgain = plan.status !== undefined || plan.remove.length > 0 || plan.create.length > 0;
    if (isAgain) return { requeueAfterMs: 0 };
    return plan.requeueAfterMs === undefined ? undefined : { requeueAfterMs: plan.requeueAfterMs };
  };

  /**
   * Before an endpoint that vanished by itself is taken for gone; true where some are there all the same. A pod without its
   * labels is seen on its node, but only once it is bound, and by a watch that may be behind.
   */
  const lookForStrays = async (trial: Trial & KubeObject, memory: Memory): Promise<boolean> => {
    const isOver = findCondition(trial.status?.conditions, 'Measured') !== undefined;
    if (isOver && !memory.secretRemoved) return false;
    const visible = new Set(namesOf(childrenOf(world, trial)));
    const missing = (trial.status?.grant?.endpoints ?? [])
      .filter(({ object }) => !visible.has(object))
      .filter(({ kind, object }) =>
        isOver ? !memory.accounted.has(object) : kind === 'Pod' && memory.seen.has(object),
      );
    memory.strays = await lookUp(executor.client, trial, missing);
    const found = new Set(namesOf(memory.strays));
    if (isOver) for (const { object } of missing) if (!found.has(object)) memory.accounted.add(object);
    return found.size > 0;
  };

  const reconcile = async (key: string): Promise<ReconcileResult> => {
    const again = await undertaker.bury(key);
    const trial = world.trials.get(key);
    if (trial === undefined) return again === null ? undefined : { requeueAfterMs: again };
    const uid = trial.metadata.uid ?? '';
    if (isTrue(trial.status?.conditions, 'Finished')) return forget(uid);
    const memory = memories.get(uid) ?? newMemory();
    memories.set(uid, memory);
    const strays = await lookForStrays(trial, memory);
    for (const [asked, until] of memory.asked) if (until <= now()) memory.asked.delete(asked);
    const observed = observe(context, trial, memory);
    answer(context, observed);
    const result = await carryOut({ type: TRIALS, object: trial, store: world.trials }, observed, memory);
    const look = [...(strays ? [STRAY_MS] : []), ...[...memory.asked.values()].map((until) => until - now())];
    return look.length > 0 ? { requeueAfterMs: Math.min(...look, result?.requeueAfterMs ?? Infinity) } : result;
  };

  return { reconcile, forget };
}

/** True while the endpoints of a Trial may call the collector. */
export function isLive(world: World, trialUid: string): boolean {
  const trial = world.trials.byIndex('uid', trialUid)[0];
  if (trial === undefined || isDeleting(trial)) return false;
  return !isTrue(trial.status?.conditions, 'Finished');
}
