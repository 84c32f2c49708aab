/** The preflight: is a Testbed fit to run anything, and what exactly is not? The next status of a Testbed. */
import { type ConditionUpdate, findCondition } from '../../api/conditions.ts';
import type { ModeType, NetworkStatus, Testbed, TestbedFinding, TestbedStatus } from '../../api/v1alpha1.ts';
import { candidates, ROLES } from '../candidates.ts';
import { same, withConditions } from '../status.ts';
import { emptyPlan, type EventNote, type Plan } from '../types.ts';
import { placedUses } from '../uses.ts';
import { clusterReadFindings } from './clusterReads.ts';
import { computeFindings } from './compute.ts';
import { deviceFindings } from './devices.ts';
import { arrange, concerns, failure, isError, MODE_TYPES } from './finding.ts';
import { kubevirtFindings, kubevirtStatus } from './kubevirt.ts';
import { linkFindings } from './link.ts';
import { managementFindings } from './management.ts';
import { type NetworkInput, networkFindings, offered, typeByName } from './networks.ts';
import { nodeFindings } from './nodes.ts';
import type { TestbedObserved } from './observed.ts';
import { permissionFindings } from './permissions.ts';
import { deviceOf, type NodePool, presumed } from './pools.ts';
import { networkStatuses, nodeStatuses } from './status.ts';
import { subnetFindings } from './subnet.ts';

/** Of a condition's message; below what conditions and events hold. */
const MESSAGE_LIMIT = 1800;

function networkInput({ testbed, attachments, nodes, sriovStates, experiments }: TestbedObserved): NetworkInput {
  const placed = ROLES.flatMap((role) =>
    candidates(testbed.spec.nodes[role], nodes).map(({ metadata }) => ({ node: metadata.name, role })),
  );
  const uses = [...experiments]
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .flatMap(({ metadata, spec }) =>
      spec.modes.flatMap((mode) =>
        placedUses(mode, spec.placements).map((use) => ({ ...use, experiment: metadata.name, mode: mode.name })),
      ),
    );
  const poolsOf = (resource: string): NodePool[] =>
    presumed(placed.map((at) => ({ ...at, device: deviceOf(sriovStates.get(at.node), resource) })));
  return { testbed, attachments: attachments ?? new Map(), poolsOf, uses };
}

function allFindings(observed: TestbedObserved, input: NetworkInput): TestbedFinding[] {
  const { testbed, attachments, rights } = observed;
  return arrange([
    ...permissionFindings(rights, testbed.metadata.namespace ?? '', testbed.spec.vm !== undefined),
    ...clusterReadFindings(observed),
    ...nodeFindings(observed),
    ...(attachments === null
      ? [failure('MultusNotInstalled', 'kind NetworkAttachmentDefinition is not installed: install Multus')]
      : networkFindings(input)),
    ...deviceFindings(observed),
    ...kubevirtFindings(observed),
    ...managementFindings(observed),
    ...computeFindings(observed),
    ...linkFindings(observed),
    ...subnetFindings(observed),
  ]);
}

/** All texts in one, as far as there is room. */
function tell(findings: readonly TestbedFinding[]): string {
  let text = '';
  for (const [index, { message }] of findings.entries()) {
    const next = index === 0 ? message : `${text}; ${message}`;
    if (next.length > MESSAGE_LIMIT) return `${text}; and ${findings.length - index} more in status.findings`;
    text = next;
  }
  return text;
}

/** One reason where all agree. */
function broken(type: string, errors: readonly TestbedFinding[]): ConditionUpdate {
  const reasons = new Set(errors.map(({ reason }) => reason));
  const [only = 'NotFit'] = reasons;
  return { type, status: 'False', reason: reasons.size === 1 ? only : 'NotFit', message: tell(errors) };
}

/** Networks by which a type is judged: the one of its name, else those that carry it. */
function networksOf(type: ModeType, testbed: Testbed, networks: readonly NetworkStatus[]): string[] {
  const own = testbed.spec.networks.find(({ name }) => typeByName(name) === type);
  return own === undefined ? networks.filter(({ modes }) => modes.includes(type)).map(({ name }) => name) : [own.name];
}

function modeCondition(
  type: ModeType,
  testbed: Testbed,
  { findings, networks }: { findings: readonly TestbedFinding[]; networks: readonly NetworkStatus[] },
): ConditionUpdate {
  const condition = `${type}Ready`;
  const notOffered = (message: string): ConditionUpdate => ({
    type: condition,
    status: 'False',
    reason: 'NotOffered',
    message,
  });
  if (!offered(testbed).includes(type)) return notOffered('spec.vm is not set: this Testbed runs Native modes only');
  const names = networksOf(type, testbed, networks);
  const [first] = names;
  if (first === undefined)
    return notOffered(`no network of this Testbed carries mode ${type}: add one named ${type.toLowerCase()}`);
  const errors = findings.filter((one) => isError(one) && concerns(one, { type, network: first }));
  if (errors.length > 0) return broken(condition, errors);
  return { type: condition, status: 'True', reason: 'Fit', message: `Modes can run on network ${names.join(', ')}` };
}

function readyCondition(findings: readonly TestbedFinding[], modes: readonly ConditionUpdate[]): ConditionUpdate {
  const errors = findings.filter(isError);
  if (errors.length > 0) return broken('Ready', errors);
  const able = modes.filter(({ status }) => status === 'True').map(({ type }) => type.replace(/Ready$/, ''));
  const doubts = findings.length === 0 ? '' : `; warnings: ${tell(findings)}`;
  return {
    type: 'Ready',
    status: 'True',
    reason: 'Fit',
    message: `Ready for ${able.join(', ')}${doubts}`.slice(0, 2048),
  };
}

/** An event when Ready turns, not when its words change. */
function events(testbed: Testbed, { status, reason, message }: ConditionUpdate): EventNote[] {
  if (findCondition(testbed.status?.conditions, 'Ready')?.status === status) return [];
  return [{ type: status === 'True' ? 'Normal' : 'Warning', reason, message: message.slice(0, 1000) }];
}

export function planTestbed(observed: TestbedObserved, now: number): Plan<TestbedStatus> {
  const { testbed } = observed;
  const { deletionTimestamp, generation } = testbed.metadata;
  if (deletionTimestamp !== undefined) return emptyPlan();
  const input = networkInput(observed);
  const findings = allFindings(observed, input);
  const networks = networkStatuses(observed, input, findings);
  const modes = MODE_TYPES.map((type) => modeCondition(type, testbed, { findings, networks }));
  const ready = readyCondition(findings, modes);
  const kubevirt = kubevirtStatus(observed);
  const { kubevirt: _gone, ...before } = testbed.status ?? {};
  const status = withConditions<TestbedStatus>(
    {
      ...before,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      nodes: nodeStatuses(observed),
      networks,
      findings,
      ...(kubevirt === undefined ? {} : { kubevirt }),
    },
    { now, generation },
    ready,
    ...modes,
  );
  return same(status, testbed.status) ? emptyPlan() : { ...emptyPlan(), status, events: events(testbed, ready) };
}
