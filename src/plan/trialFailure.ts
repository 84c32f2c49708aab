/** Why a granted trial cannot go on: a chain of checks, the first finding wins. Each wait is bounded by its own limit. */
import type { Registration } from '../api/protocol.ts';
import { isTrue } from '../api/conditions.ts';
import type { GrantedEndpoint, Timeouts, Trial } from '../api/v1alpha1.ts';
import { attest } from './attest.ts';
import { plannedSeconds } from './expand.ts';
import { type EndpointState, follow, objectsOf } from './follow.ts';
import { type Finding, isReady } from './observed.ts';
import { guestOf } from './render/guest.ts';
import { since } from './status.ts';
import type { EndpointReport, TrialObserved } from './trialObserved.ts';

const SECOND = 1000;

type Check = (observed: TrialObserved, now: number) => Finding | null;

export function endpointsOf(trial: Trial): GrantedEndpoint[] {
  return trial.status?.grant?.endpoints ?? [];
}

export function states(observed: TrialObserved): { endpoint: GrantedEndpoint; state: EndpointState }[] {
  return endpointsOf(observed.trial).map((endpoint) => ({
    endpoint,
    state: follow(endpoint, objectsOf(endpoint, observed)),
  }));
}

function timeouts(observed: TrialObserved): Timeouts | null {
  return observed.testbed?.spec.timeouts ?? null;
}

const secondsSince = (observed: TrialObserved, type: string, now: number): number =>
  (now - (since(observed.trial.status?.conditions, type) ?? now)) / SECOND;

const specGone: Check = ({ experiment, testbed, mode, trial }) => {
  if (experiment === null) return { reason: 'Cancelled', message: `Experiment ${trial.spec.experiment} is gone` };
  if (testbed === null)
    return { reason: 'TestbedNotFound', message: `Testbed ${trial.spec.testbed} was deleted while the trial ran` };
  if (mode === null)
    return {
      reason: 'ModeNotFound',
      message: `Experiment ${trial.spec.experiment} has no mode ${trial.spec.mode} any more`,
    };
  const vm = endpointsOf(trial).find(({ kind }) => kind === 'VirtualMachineInstance');
  if (vm === undefined || guestOf(testbed, mode) !== null) return null;
  return {
    reason: 'NoVMTemplate',
    message: `${vm.name} is a VM, and Testbed ${testbed.metadata.name} has no spec.vm any more`,
  };
};

/** Trying again would be answered the same way. */
const creationRefused: Check = ({ refused }) => refused ?? null;

const endpointReportedProblem: Check = ({ reports }) => {
  for (const [name, { result, fault }] of reports) {
    const problem = result?.error ?? fault;
    if (problem) return { reason: problem.reason, message: `${name}: ${problem.message}` };
  }
  return null;
};

const nodeLost: Check = ({ trial, nodes }) => {
  const bad = endpointsOf(trial).find(({ node }) => {
    const found = nodes.get(node);
    return found === undefined || !isReady(found);
  });
  return bad === undefined
    ? null
    : { reason: 'NodeLost', message: `Node ${bad.node} of endpoint ${bad.name} is gone or not Ready` };
};

const endpointFailed: Check = (observed) => {
  for (const { endpoint, state } of states(observed)) {
    if (state.state === 'Failed') return { ...state.finding, message: `${endpoint.name}: ${state.finding.message}` };
    if (state.state === 'Deleting')
      return { reason: 'EndpointLost', message: `${endpoint.kind} ${endpoint.object} was deleted by somebody else` };
    if (
      state.state === 'Absent' &&
      (observed.seen.has(endpoint.name) || isTrue(observed.trial.status?.conditions, 'EndpointsReady'))
    ) {
      return {
        reason: 'EndpointLost',
        message: `${endpoint.kind} ${endpoint.object} is gone: it was deleted or evicted`,
      };
    }
    if (state.state === 'Ended' && !observed.reports.get(endpoint.name)?.result) {
      return {
        reason: 'ResultLost',
        message: `${endpoint.kind} ${endpoint.object} ended without delivering its results: see its log or console`,
      };
    }
  }
  return null;
};

/** Not started for a known cause: unschedulable, image, CNI. Some pass by themselves, so each gets the scheduling wait. */
const heldUp: Check = (observed, now) => {
  const limit = timeouts(observed)?.scheduleSeconds ?? 0;
  if (secondsSince(observed, 'Granted', now) < limit) return null;
  for (const { endpoint, state } of states(observed)) {
    if (state.state !== 'Starting' || state.finding === null) continue;
    return { ...state.finding, message: `${endpoint.name}: ${state.finding.message} (waited ${limit} s)` };
  }
  return null;
};

/** Not placed, and nobody says why. */
const notPlaced: Check = (observed, now) => {
  const limit = timeouts(observed)?.scheduleSeconds ?? 0;
  if (secondsSince(observed, 'Granted', now) < limit) return null;
  const lost = states(observed).find(({ state }) => state.state === 'Starting' && state.stage === 'Scheduling');
  if (lost === undefined) return null;
  const { name, kind, object, node } = lost.endpoint;
  return {
    reason: 'Unschedulable',
    message: `${name}: ${kind} ${object} was not placed on node ${node} within ${limit} s`,
  };
};

const notRegistered: Check = (observed, now) => {
  const limit = timeouts(observed)?.startSeconds ?? 0;
  if (isTrue(observed.trial.status?.conditions, 'EndpointsReady')) return null;
  if (secondsSince(observed, 'Granted', now) < limit) return null;
  const missing = states(observed).find(({ endpoint }) => !observed.reports.get(endpoint.name)?.registration);
  if (missing === undefined) return null;
  const { endpoint, state } = missing;
  if (state.state !== 'Running')
    return {
      reason: 'StartTimeout',
      message: `${endpoint.name}: ${endpoint.kind} ${endpoint.object} was not running within ${limit} s`,
    };
  const reason = endpoint.kind === 'Pod' ? 'RegistrationTimeout' : 'BootTimeout';
  return {
    reason,
    message: `${endpoint.name}: ${endpoint.object} runs, but did not report in within ${limit} s: check that it reaches the collector, and its ${endpoint.kind === 'Pod' ? 'log' : 'console'}`,
  };
};

/** What an endpoint said it is, when it reported in and with its results: both must hold. */
function registrationsOf(report: EndpointReport | undefined): Registration[] {
  return [report?.registration, report?.result?.registration].filter(
    (registration) => registration !== null && registration !== undefined,
  );
}

const wrongDataPath: Check = (observed) => {
  const { trial, testbed, mode } = observed;
  if (testbed === null || mode === null) return null;
  for (const endpoint of endpointsOf(trial)) {
    for (const registration of registrationsOf(observed.reports.get(endpoint.name))) {
      const problem = attest(registration, {
        mode: endpoint.kind === 'Pod' ? 'Native' : mode.type,
        ...(endpoint.mac === undefined ? {} : { mac: endpoint.mac }),
        mtu: testbed.spec.link.mtu,
        address: endpoint.address,
      });
      if (problem !== null) return { reason: problem.reason, message: `${endpoint.name}: ${problem.message}` };
    }
  }
  return null;
};

/** A tool that is missing in the image is named before anything is measured. */
const toolMissing: Check = (observed) => {
  for (const [name, report] of observed.reports) {
    const missing = registrationsOf(report).flatMap((r) =>
      observed.tools.filter((tool) => (r.tools[tool] ?? null) === null),
    )[0];
    if (missing !== undefined) return { reason: 'ToolMissing', message: `${name}: ${missing} is not in the image` };
  }
  return null;
};

const measureTimeout: Check = (observed, now) => {
  if (!isTrue(observed.trial.status?.conditions, 'EndpointsReady')) return null;
  const limit = plannedSeconds(observed.points) + (timeouts(observed)?.marginSeconds ?? 0);
  if (secondsSince(observed, 'EndpointsReady', now) < limit) return null;
  const missing = endpointsOf(observed.trial)
    .filter((e) => !observed.reports.get(e.name)?.result)
    .map((e) => e.name);
  return { reason: 'MeasureTimeout', message: `No results from ${missing.join(', ')} within ${Math.round(limit)} s` };
};

const CHAIN: readonly Check[] = [
  specGone,
  creationRefused,
  endpointReportedProblem,
  nodeLost,
  endpointFailed,
  wrongDataPath,
  toolMissing,
  heldUp,
  notPlaced,
  notRegistered,
  measureTimeout,
];

/** Once every result is in, neither time nor what becomes of endpoints and nodes can spoil it. */
const DELIVERED: readonly Check[] = [specGone, creationRefused, endpointReportedProblem, wrongDataPath, toolMissing];

/** True once every endpoint's results are here, stored or not. */
export function isDelivered({ trial, reports }: TrialObserved): boolean {
  const endpoints = endpointsOf(trial);
  return endpoints.length > 0 && endpoints.every(({ name }) => reports.get(name)?.result);
}

/** The first reason for which the trial cannot go on, or null. */
export function failureOf(observed: TrialObserved, now: number): Finding | null {
  for (const check of isDelivered(observed) ? DELIVERED : CHAIN) {
    const finding = check(observed, now);
    if (finding !== null) return finding;
  }
  return null;
}

/** Milliseconds until the next wait runs out, so that a silent trial is looked at again in time. */
export function nextDeadline(observed: TrialObserved, now: number): number | null {
  const limits = timeouts(observed);
  if (limits === null) return null;
  const granted = since(observed.trial.status?.conditions, 'Granted') ?? now;
  const ready = isTrue(observed.trial.status?.conditions, 'EndpointsReady')
    ? since(observed.trial.status?.conditions, 'EndpointsReady')
    : null;
  const deadlines =
    ready === null
      ? [granted + limits.scheduleSeconds * SECOND, granted + limits.startSeconds * SECOND]
      : [ready + (plannedSeconds(observed.points) + limits.marginSeconds) * SECOND];
  const ahead = deadlines.map((at) => at - now).filter((ms) => ms > 0);
  return ahead.length === 0 ? null : Math.min(...ahead) + 50;
}
