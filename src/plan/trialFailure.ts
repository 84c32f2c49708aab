/** Why a granted trial cannot go on: a chain of checks, the first finding wins. Each wait is bounded by its own limit. */
import { isTrue } from '../api/conditions.ts';
import { DATA_PATH } from './dataPath.ts';
import { cutOff } from './deadline.ts';
import { failedPoint } from './measure.ts';
import { type Finding, isDeleting, isReady } from './observed.ts';
import { guestOf } from './render/guest.ts';
import type { TrialObserved } from './trialObserved.ts';
import { type Check, endpointsOf, states } from './trialStates.ts';
import { awaitsExplanation, WAITS } from './trialWaits.ts';

/**
 * Nobody wants the Trial any more. What is being deleted may stay for long, held by a finalizer or until all that it owns
 * is gone (`--cascade=foreground`): nothing is to be measured or held meanwhile.
 */
export function cancelled({ experiment, trial }: Pick<TrialObserved, 'experiment' | 'trial'>): Finding | null {
  const because = (message: string): Finding => ({ reason: 'Cancelled', message });
  if (experiment === null) return because(`Experiment ${trial.spec.experiment} is gone`);
  if (isDeleting(experiment)) return because(`Experiment ${trial.spec.experiment} is being deleted`);
  return isDeleting(trial) ? because(`Trial ${trial.metadata.name} is being deleted`) : null;
}

const specGone: Check = ({ testbed, mode, trial }) => {
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

const outOfTime: Check = ({ experiment }) => cutOff(experiment);

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

const endpointFailed: Check = (observed, now) => {
  const ready = isTrue(observed.trial.status?.conditions, 'EndpointsReady');
  for (const followed of states(observed)) {
    const { endpoint, state } = followed;
    const what = `${endpoint.kind} ${endpoint.object}`;
    if (state.state === 'Failed' && !awaitsExplanation(followed, now))
      return { ...state.finding, message: `${endpoint.name}: ${state.finding.message}` };
    if (state.state === 'Deleting') {
      const why = state.why === null ? '' : ` (${state.why})`;
      return { reason: 'EndpointLost', message: `${what} was deleted by somebody else${why}` };
    }
    if (state.state === 'Absent' && (observed.seen.has(endpoint.name) || ready))
      return { reason: 'EndpointLost', message: `${what} is gone: it was deleted or evicted` };
    if (state.state === 'Ended' && !observed.reports.get(endpoint.name)?.result) {
      const message = `${what} ended without delivering its results: see its log or console`;
      return { reason: 'ResultLost', message };
    }
  }
  return null;
};

const CHAIN: readonly Check[] = [
  cancelled,
  specGone,
  creationRefused,
  failedPoint,
  endpointReportedProblem,
  outOfTime,
  nodeLost,
  endpointFailed,
  ...DATA_PATH,
  ...WAITS,
];

/** Once every result is in, neither time nor what becomes of endpoints and nodes can spoil it. */
const DELIVERED: readonly Check[] = [cancelled, specGone, creationRefused, endpointReportedProblem, ...DATA_PATH];

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
