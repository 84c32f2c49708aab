/** Why a granted trial cannot go on: a chain of checks, the first finding wins. Each wait is bounded by its own limit. */
import type { Registration } from '../api/protocol.ts';
import { isTrue } from '../api/conditions.ts';
import { attest } from './attest.ts';
import { type Finding, isReady } from './observed.ts';
import { guestOf } from './render/guest.ts';
import type { EndpointReport, TrialObserved } from './trialObserved.ts';
import { type Check, endpointsOf, states } from './trialStates.ts';
import { awaitsExplanation, WAITS } from './trialWaits.ts';

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

const CHAIN: readonly Check[] = [
  specGone,
  creationRefused,
  endpointReportedProblem,
  nodeLost,
  endpointFailed,
  wrongDataPath,
  toolMissing,
  ...WAITS,
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
