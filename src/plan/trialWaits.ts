/**
 * What takes too long. Each wait has its own limit and its own clock: to be placed counts from the grant; a trouble of
 * network, images, volumes or KubeVirt from when it came up; the way to the endpoint's report from the binding; measuring
 * from the last report.
 */
import { isTrue } from '../api/conditions.ts';
import { LABEL_ENDPOINT } from '../api/labels.ts';
import { plannedSeconds } from './expand.ts';
import type { Finding } from './observed.ts';
import type { TrialObserved } from './trialObserved.ts';
import { type Check, endpointsOf, type Followed, SECOND, sinceOf, states, timeouts } from './trialStates.ts';

/**
 * From when an endpoint's start is counted: its binding, as the scheduler's clock has it. Clocks differ: never before the
 * grant, nor later than the time that it has to be placed.
 */
function startedAt(observed: TrialObserved, { state }: Followed, now: number): number {
  const granted = sinceOf(observed, 'Granted', now);
  const latest = granted + (timeouts(observed)?.scheduleSeconds ?? 0) * SECOND;
  const bound = 'boundAt' in state ? state.boundAt : null;
  return Math.min(Math.max(bound ?? granted, granted), latest);
}

/** Those that have not reported in yet. */
function unreported(observed: TrialObserved): Followed[] {
  return states(observed).filter(({ endpoint }) => !observed.reports.get(endpoint.name)?.registration);
}

interface Wait {
  since: number;
  until: number;
  finding: Finding;
}

/**
 * The wait of an endpoint that is held up: from the grant until it is placed, from then on from when the trouble came up,
 * and over at the latest with the time for its start.
 */
function waitOf(observed: TrialObserved, followed: Followed, now: number): Wait | null {
  const { state, endpoint } = followed;
  const limits = timeouts(observed);
  const trouble = observed.troubles.get(endpoint.name);
  if (limits === null || trouble === undefined || state.state !== 'Starting' || state.finding === null) return null;
  const started = startedAt(observed, followed, now);
  const since = state.stage === 'Scheduling' ? started : Math.max(started, trouble.since);
  const until = Math.min(since + limits.scheduleSeconds * SECOND, started + limits.startSeconds * SECOND);
  return { since, until, finding: state.finding };
}

/** Not started for a known cause: unschedulable, image, CNI. Some pass by themselves, so each gets the scheduling wait. */
const heldUp: Check = (observed, now) => {
  for (const followed of unreported(observed)) {
    const wait = waitOf(observed, followed, now);
    if (wait === null || now < wait.until) continue;
    const { reason, message } = wait.finding;
    const waited = Math.round((wait.until - wait.since) / SECOND);
    return { reason, message: `${followed.endpoint.name}: ${message} (waited ${waited} s)` };
  }
  return null;
};

/** Not placed, and nobody says why. */
const notPlaced: Check = (observed, now) => {
  const limit = timeouts(observed)?.scheduleSeconds ?? 0;
  if (now - sinceOf(observed, 'Granted', now) < limit * SECOND) return null;
  const lost = unreported(observed).find(({ state }) => state.state === 'Starting' && state.stage === 'Scheduling');
  if (lost === undefined) return null;
  const { name, kind, object, node } = lost.endpoint;
  const message = `${name}: ${kind} ${object} was not placed on node ${node} within ${limit} s`;
  if (hasPod(observed, lost)) return { reason: 'Unschedulable', message };
  return {
    reason: 'LauncherMissing',
    message: `${message}: KubeVirt made no launcher pod for it, check that virt-controller runs`,
  };
};

/** A VM without a launcher pod is KubeVirt's affair, not the scheduler's. */
function hasPod({ pods }: TrialObserved, { endpoint }: Followed): boolean {
  return endpoint.kind === 'Pod' || pods.some((pod) => pod.metadata.labels?.[LABEL_ENDPOINT] === endpoint.name);
}

const notRegistered: Check = (observed, now) => {
  const limit = timeouts(observed)?.startSeconds ?? 0;
  if (isTrue(observed.trial.status?.conditions, 'EndpointsReady')) return null;
  const late = unreported(observed).find(
    (each) => !awaitsExplanation(each, now) && now - startedAt(observed, each, now) >= limit * SECOND,
  );
  return late === undefined ? null : silent(late, limit);
};

function silent({ endpoint, state }: Followed, limit: number): Finding {
  const { name, kind, object } = endpoint;
  if (state.state !== 'Running') {
    const guest = state.state === 'Starting' && state.stage === 'Starting';
    const why = guest
      ? ': its launcher pod runs, but KubeVirt did not start the guest, see the log of its compute'
      : '';
    return { reason: 'StartTimeout', message: `${name}: ${kind} ${object} was not running within ${limit} s${why}` };
  }
  if (kind === 'Pod' || state.booted === true) {
    const what = kind === 'Pod' ? 'runs' : 'has booted (its guest agent answers)';
    const where = kind === 'Pod' ? 'log' : 'console';
    return {
      reason: 'RegistrationTimeout',
      message: `${name}: ${object} ${what}, but did not report in within ${limit} s: check that it reaches the collector, and its ${where}`,
    };
  }
  return {
    reason: 'BootTimeout',
    message: `${name}: ${object} runs, but did not report in within ${limit} s: check that it reaches the collector, and its console`,
  };
}

const measureTimeout: Check = (observed, now) => {
  if (!isTrue(observed.trial.status?.conditions, 'EndpointsReady')) return null;
  const limit = plannedSeconds(observed.points) + (timeouts(observed)?.marginSeconds ?? 0);
  if (now - sinceOf(observed, 'EndpointsReady', now) < limit * SECOND) return null;
  const missing = endpointsOf(observed.trial)
    .filter((e) => !observed.reports.get(e.name)?.result)
    .map((e) => e.name);
  return { reason: 'MeasureTimeout', message: `No results from ${missing.join(', ')} within ${Math.round(limit)} s` };
};

export const WAITS: readonly Check[] = [heldUp, notPlaced, notRegistered, measureTimeout];

/** True while what says why a VM failed may still come. */
export function awaitsExplanation({ state }: Followed, now: number): boolean {
  if (state.state !== 'Failed' || state.unexplained === undefined) return false;
  return Math.abs(now - state.unexplained.since) < state.unexplained.ms;
}

/** Milliseconds until the next wait runs out, so that a silent trial is looked at again in time. */
export function nextDeadline(observed: TrialObserved, now: number): number | null {
  const limits = timeouts(observed);
  if (limits === null) return null;
  const { conditions } = observed.trial.status ?? {};
  const granted = sinceOf(observed, 'Granted', now);
  const all = states(observed);
  const starting = all.flatMap((each) => {
    const start = startedAt(observed, each, now);
    const wait = waitOf(observed, each, now);
    return [...(wait === null ? [] : [wait.until]), start + limits.startSeconds * SECOND];
  });
  const measuring = (plannedSeconds(observed.points) + limits.marginSeconds) * SECOND;
  const explanations = all.flatMap(({ state }) =>
    state.state === 'Failed' && state.unexplained !== undefined ? [state.unexplained.since + state.unexplained.ms] : [],
  );
  const deadlines = isTrue(conditions, 'EndpointsReady')
    ? [sinceOf(observed, 'EndpointsReady', now) + measuring]
    : [granted + limits.scheduleSeconds * SECOND, ...starting];
  const ahead = [...deadlines, ...explanations].map((at) => at - now).filter((ms) => ms > 0);
  return ahead.length === 0 ? null : Math.min(...ahead) + 50;
}
