/**
 * One Trial from grant to verified clean-up. Pure: what was observed and the time give what is to be done.
 *
 *   Granted -> Secret, endpoints -> EndpointsReady -> Measured -> endpoints gone -> CleanedUp, Finished
 *                     any failure: Measured=False with its reason -> the same clean-up -> Finished
 *
 * A failure is persisted before anything is removed, so that a restart cannot forget it.
 */
import { findCondition, isTrue, timestamp } from '../api/conditions.ts';
import { LABEL_CREATED_BY, LABEL_TRIAL_UID } from '../api/labels.ts';
import type { EndpointFacts, EndpointKind, TrialStatus } from '../api/v1alpha1.ts';
import type { Finding, Pod, Vmi } from './observed.ts';
import { cutOff } from './deadline.ts';
import { fingerprintsOf } from './fingerprints.ts';
import { asGranted } from './grantedTestbed.ts';
import { measure } from './measure.ts';
import { factsOf } from './endpointFacts.ts';
import { physicalFunctions } from './physicalFunctions.ts';
import { remains } from './remains.ts';
import { childSelector } from './render/metadata.ts';
import { renderPod } from './render/pod.ts';
import { renderSecret } from './render/secret.ts';
import { renderVm } from './render/vm.ts';
import { secretName } from './names.ts';
import { since, withConditions } from './status.ts';
import { cancelled, failureOf, isDelivered } from './trialFailure.ts';
import type { TrialObserved } from './trialObserved.ts';
import { endpointsOf, states } from './trialStates.ts';
import { nextDeadline } from './trialWaits.ts';
import { uncheckedText } from './unchecked.ts';
import { emptyPlan, type Plan, type PlannedObject, type Removal } from './types.ts';

/** How long endpoints may take to end by themselves once their results are stored. */
const SELF_END_MS = 20_000;
/** Objects that a message lists. */
const LONGEST_LIST = 6;
/** Of a message, in characters: less than a condition holds, so that it compares equal when read back. */
const LONGEST_MESSAGE = 2000;
/** Excludes launcher pods: they carry a copy of the VMI's labels and belong to KubeVirt. */
const NO_LAUNCHERS = `!${LABEL_CREATED_BY}`;

type TrialPlan = Plan<TrialStatus>;

const clock = (observed: TrialObserved, now: number): { now: number; generation: number | undefined } => ({
  now,
  generation: observed.trial.metadata.generation,
});

export function planTrial(seen: TrialObserved, now: number): TrialPlan {
  const observed = asGranted(seen);
  const { trial } = observed;
  const conditions = trial.status?.conditions;
  if (isTrue(conditions, 'Finished')) return emptyPlan();
  if (findCondition(conditions, 'Measured') !== undefined) return cleanUp(observed, now);
  if (trial.status?.grant === undefined) {
    const end = cancelled(observed) ?? cutOff(observed.experiment);
    return end === null ? emptyPlan() : fail(observed, now, end);
  }
  const failure = failureOf(observed, now);
  if (failure !== null) return fail(observed, now, failure);
  const create = isDelivered(observed) ? [] : missingObjects(observed);
  if (create.length > 0) return { ...emptyPlan(), create };
  return progress(observed, now);
}

function fail(observed: TrialObserved, now: number, { reason, message }: Finding): TrialPlan {
  const status = withConditions(observed.trial.status ?? {}, clock(observed, now), {
    type: 'Measured',
    status: 'False',
    reason,
    message,
  });
  return { ...emptyPlan(), status, events: [{ type: 'Warning', reason, message }] };
}

/** The Secret comes first: an endpoint without it could not start. */
function missingObjects(observed: TrialObserved): PlannedObject[] {
  const { trial, testbed, mode, credentials } = observed;
  const grant = trial.status?.grant;
  if (grant === undefined || testbed === null || mode === null) return [];
  const all = states(observed);
  const absent = all.filter(({ state }) => state.state === 'Absent');
  const isFirst = absent.length === all.length && all.length > 0;
  return [
    ...(isFirst ? [renderSecret(trial, testbed, { grant, modeType: mode.type, credentials })] : []),
    ...absent.map(({ endpoint }) =>
      endpoint.kind === 'Pod' ? renderPod(trial, testbed, endpoint) : renderVm(trial, testbed, mode, endpoint),
    ),
  ];
}

/** What is written down of the data path. */
function told(observed: TrialObserved, endpoints: EndpointFacts[]): Partial<TrialStatus> {
  const relation = physicalFunctions(observed.trial.spec, endpoints);
  return { endpoints, ...fingerprintsOf(observed), ...(relation === null ? {} : { physicalFunctions: relation }) };
}

function progress(observed: TrialObserved, now: number): TrialPlan {
  const { trial } = observed;
  const endpoints = factsOf(observed);
  const wait = { ...emptyPlan<TrialStatus>(), ...requeue(nextDeadline(observed, now)) };
  if (endpoints === null) return wait;
  if (isDelivered(observed)) return measured(observed, now, endpoints);
  if (isTrue(trial.status?.conditions, 'EndpointsReady')) return wait;
  const status = withConditions({ ...trial.status, ...told(observed, endpoints) }, clock(observed, now), {
    type: 'EndpointsReady',
    status: 'True',
    reason: 'AllReported',
    message: 'All endpoints reported in with the driver, MAC, MTU and address of their mode',
  });
  return { ...wait, status: { ...status, startTime: timestamp(now) } };
}

function measured(observed: TrialObserved, now: number, endpoints: EndpointFacts[]): TrialPlan {
  const outcome = measure(observed);
  if ('reason' in outcome) return fail(observed, now, outcome);
  const { trial, reports } = observed;
  const raw = endpointsOf(trial).flatMap(({ name }) => {
    const stored = reports.get(name)?.raw;
    return stored ? [{ endpoint: name, ...stored }] : [];
  });
  const ready = {
    type: 'EndpointsReady',
    status: 'True',
    reason: 'AllReported',
    message: 'All endpoints delivered their results',
  } as const;
  const status = withConditions(
    {
      ...trial.status,
      ...told(observed, endpoints),
      measurements: outcome.measurements,
      raw,
      measuredSeconds: outcome.seconds,
    },
    clock(observed, now),
    ...(isTrue(trial.status?.conditions, 'EndpointsReady') ? [] : [ready]),
    {
      type: 'Measured',
      status: 'True',
      reason: 'ResultsStored',
      message: `${outcome.measurements.length} measurements of ${observed.points.length} test points are stored${uncheckedText(observed)}`,
    },
  );
  return { ...emptyPlan(), status };
}

export type Leftovers = Pick<TrialObserved, 'trial' | 'pods' | 'vmis' | 'secretRemoved' | 'asked'>;

/** Made by KubeVirt, and taken away by it with its VM. */
const isLauncher = ({ metadata: { labels, ownerReferences } }: Pod): boolean =>
  labels?.[LABEL_CREATED_BY] !== undefined ||
  (ownerReferences?.some(({ kind }) => kind === 'VirtualMachineInstance') ?? false);

/** Nobody takes a launcher pod away whose VM is gone and whose owner reference was removed. */
const isForsaken = (pod: Pod, vmis: readonly Vmi[]): boolean =>
  vmis.length === 0 && (pod.metadata.ownerReferences ?? []).length === 0;

/**
 * Once, all of the granted kinds go, seen or not: a creation whose answer was lost may not have been watched yet.
 * After that, what is seen standing; by name where its label was changed. Launcher pods go with their VMs, by KubeVirt's
 * hand.
 */
export function removals({ trial, pods, vmis, secretRemoved, asked }: Leftovers): Removal[] {
  const { namespace = '', uid = '' } = trial.metadata;
  const selector = childSelector(uid);
  const ownPods = pods.filter((pod) => !isLauncher(pod) || isForsaken(pod, vmis));
  const isLabelled = ({ metadata: { labels } }: Pod | Vmi): boolean =>
    labels?.[LABEL_TRIAL_UID] === uid && labels[LABEL_CREATED_BY] === undefined;
  const stands = ({ metadata: { uid: id = '', deletionTimestamp } }: Pod | Vmi): boolean =>
    deletionTimestamp === undefined && asked?.has(id) !== true;
  const of = (kind: EndpointKind, objects: readonly (Pod | Vmi)[], labelSelector: string): Removal[] => {
    const isDue =
      (!secretRemoved && endpointsOf(trial).some((endpoint) => endpoint.kind === kind)) ||
      objects.some((object) => stands(object) && isLabelled(object));
    const named = objects.filter((object) => stands(object) && !isLabelled(object));
    return [
      ...(isDue ? [{ kind, namespace, labelSelector }] : []),
      ...named.map(({ metadata: { name, uid: id } }) => ({
        kind,
        namespace,
        name,
        ...(id === undefined ? {} : { uid: id }),
      })),
    ];
  };
  return [
    ...of('VirtualMachineInstance', vmis, selector),
    ...of('Pod', ownPods, `${selector},${NO_LAUNCHERS}`),
    ...(secretRemoved ? [] : [{ kind: 'Secret', namespace, name: secretName(trial.metadata) }]),
  ];
}

function cleanUp(observed: TrialObserved, now: number): TrialPlan {
  const { trial } = observed;
  const conditions = trial.status?.conditions;
  const measuredAt = since(conditions, 'Measured') ?? now;
  const stillRunning = states(observed).some(({ state }) => state.state === 'Running');
  const patience = measuredAt + SELF_END_MS - now;
  if (isTrue(conditions, 'Measured') && stillRunning && patience > 0)
    return { ...emptyPlan(), requeueAfterMs: patience };
  const remove = removals(observed);
  if (remove.length > 0) return { ...emptyPlan(), remove };
  const left = remains(observed);
  return left.length > 0 ? stuck(observed, now, { left, measuredAt }) : finish(observed, now);
}

/** Says who holds what; again when that changes, as when a node comes back or a finalizer goes. */
function stuck(
  observed: TrialObserved,
  now: number,
  { left, measuredAt }: { left: string[]; measuredAt: number },
): TrialPlan {
  const limit = observed.testbed?.spec.timeouts.cleanupSeconds ?? 180;
  const waited = (now - measuredAt) / 1000;
  if (waited < limit) return { ...emptyPlan(), requeueAfterMs: (limit - waited) * 1000 + 50 };
  const told = `Still there after ${limit} s: ${left.slice(0, LONGEST_LIST).join('; ')}${left.length > LONGEST_LIST ? `; and ${left.length - LONGEST_LIST} more` : ''}. Their grant is held until they are gone; do not force-delete them, the next pod would get a VF that is still in use`;
  const message = told.slice(0, LONGEST_MESSAGE);
  const old = findCondition(observed.trial.status?.conditions, 'CleanedUp');
  if (old?.status === 'False' && old.message === message) return emptyPlan();
  const update = { type: 'CleanedUp', status: 'False', reason: 'EndpointsRemain', message } as const;
  return { ...emptyPlan(), status: withConditions(observed.trial.status ?? {}, clock(observed, now), update) };
}

function finish(observed: TrialObserved, now: number): TrialPlan {
  const { trial } = observed;
  const outcome = findCondition(trial.status?.conditions, 'Measured');
  const ok = outcome?.status === 'True';
  const reason = ok ? 'Completed' : (outcome?.reason ?? 'Unknown');
  const message = ok ? 'Results are stored and every endpoint is gone' : (outcome?.message ?? '');
  const status = withConditions(
    trial.status ?? {},
    clock(observed, now),
    {
      type: 'CleanedUp',
      status: 'True',
      reason: 'EndpointsGone',
      message: 'Every pod and VM of the trial is gone, and the deletion of its Secret was accepted',
    },
    { type: 'Finished', status: 'True', reason, message },
    { type: 'Succeeded', status: ok ? 'True' : 'False', reason, message },
  );
  return { ...emptyPlan(), status: { ...status, completionTime: timestamp(now) } };
}

function requeue(ms: number | null): { requeueAfterMs?: number } {
  return ms === null ? {} : { requeueAfterMs: ms };
}
