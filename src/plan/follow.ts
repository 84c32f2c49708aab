/**
 * What became of an endpoint: reads a pod, or a VMI with its launcher pod and events, and says whether
 * it is on its way, up, ended, gone or failed, and why. A VMI being deleted passes through Failed:
 * that is no failure.
 */
import { LABEL_CREATED_BY, LABEL_ENDPOINT } from '../api/labels.ts';
import type { GrantedEndpoint } from '../api/v1alpha1.ts';
import { requested } from './inventory.ts';
import type { ContainerStatus, Finding, Pod, PodCondition, PodEvent, Vmi } from './observed.ts';

export type EndpointState =
  /** No object of that name. */
  | { state: 'Absent' }
  /** Not running yet; `finding` is what holds it up, where known: fatal once its wait is over. */
  | { state: 'Starting'; finding: Finding | null; stage: 'Scheduling' | 'Creating' }
  | { state: 'Running' }
  /** Ended by itself, as it should after its results. */
  | { state: 'Ended' }
  | { state: 'Deleting' }
  | { state: 'Failed'; finding: Finding };

export interface EndpointObjects {
  pod?: Pod;
  vmi?: Vmi;
  launcher?: Pod;
  events: readonly PodEvent[];
}

const IMAGE_REASONS: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
]);
const CONTAINER_REASONS: ReadonlySet<string> = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CrashLoopBackOff',
]);

const condition = (conditions: readonly PodCondition[] | undefined, type: string): PodCondition | undefined =>
  conditions?.find((candidate) => candidate.type === type);

function containerFinding(statuses: readonly ContainerStatus[]): Finding | null {
  for (const status of statuses) {
    const { reason = '', message = '' } = status.state?.waiting ?? {};
    if (IMAGE_REASONS.has(reason)) return { reason: 'ImagePullFailed', message: `${reason}: ${message}` };
    if (CONTAINER_REASONS.has(reason)) return { reason: 'ContainerFailed', message: `${reason}: ${message}` };
  }
  return null;
}

function unschedulable(conditions: readonly PodCondition[] | undefined): Finding | null {
  const scheduled = condition(conditions, 'PodScheduled');
  if (scheduled?.status !== 'False') return null;
  return { reason: 'Unschedulable', message: scheduled.message ?? scheduled.reason ?? 'no node takes the pod' };
}

function podFailure(pod: Pod): Finding {
  const statuses = pod.status?.containerStatuses ?? [];
  const ended = statuses.map((s) => s.state?.terminated).find((t) => t !== undefined && t.exitCode !== 0);
  const how = ended === undefined ? '' : ` exit code ${ended.exitCode}${ended.reason ? ` (${ended.reason})` : ''}`;
  const why = pod.status?.message ?? ended?.message ?? '';
  const reason = pod.status?.reason === 'UnexpectedAdmissionError' ? 'InsufficientVFs' : 'EndpointFailed';
  return {
    reason,
    message: `Pod ${pod.metadata.name} failed:${how} ${pod.status?.reason ?? ''} ${why}`.replaceAll(/\s+/g, ' ').trim(),
  };
}

/** What keeps a pod from running, where it is known. */
function podFinding({ metadata, status = {} }: Pod, events: readonly PodEvent[]): Finding | null {
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const finding = unschedulable(status.conditions) ?? containerFinding(statuses);
  if (finding !== null) return finding;
  const [latest] = events.filter((e) => e.podUid === metadata.uid).sort((a, b) => b.firstSeen - a.firstSeen);
  return latest === undefined ? null : { reason: 'NetworkAttachFailed', message: latest.message };
}

const stageOf = (pod: Pod | undefined): 'Scheduling' | 'Creating' =>
  pod?.spec.nodeName === undefined ? 'Scheduling' : 'Creating';

function podState(pod: Pod, events: readonly PodEvent[]): EndpointState {
  const phase = pod.status?.phase ?? 'Pending';
  if (phase === 'Succeeded') return { state: 'Ended' };
  if (pod.metadata.deletionTimestamp !== undefined) return { state: 'Deleting' };
  if (phase === 'Failed') return { state: 'Failed', finding: podFailure(pod) };
  if (phase === 'Running') return { state: 'Running' };
  return { state: 'Starting', stage: stageOf(pod), finding: podFinding(pod, events) };
}

function synchronizedFinding(vmi: Vmi): Finding | null {
  const sync = condition(vmi.status?.conditions, 'Synchronized');
  if (sync?.status !== 'False') return null;
  const reason = IMAGE_REASONS.has(sync.reason ?? '') ? 'ImagePullFailed' : 'VMNotSynchronized';
  return { reason, message: `${sync.reason}: ${sync.message ?? ''}` };
}

function launcherConflict(launcher: Pod, endpoint: GrantedEndpoint): Finding | null {
  if (endpoint.resource === undefined) return null;
  const count = requested(launcher, endpoint.resource);
  if (count === 1) return null;
  return {
    reason: 'InjectorConflict',
    message: `Launcher pod ${launcher.metadata.name} asks for ${count} of ${endpoint.resource}, granted is 1: a network resources injector changed it; exclude namespace ${launcher.metadata.namespace} or turn off honouring existing resources`,
  };
}

/** Why a VM that is not being deleted will not run any more. */
function vmFailure(vmi: Vmi, launcher: Pod | undefined, endpoint: GrantedEndpoint): Finding | null {
  const { name } = vmi.metadata;
  if (vmi.status?.phase === 'Failed') {
    const why = vmi.status.reason ?? 'its launcher crashed or lost its pod; see its events';
    return { reason: 'EndpointFailed', message: `VM ${name} failed: ${why}` };
  }
  if (condition(vmi.status?.conditions, 'Ready')?.reason === 'PodTerminating') {
    return { reason: 'EndpointFailed', message: `The launcher pod of VM ${name} ended` };
  }
  return launcher === undefined ? null : launcherConflict(launcher, endpoint);
}

function vmiState(vmi: Vmi, { launcher, events }: EndpointObjects, endpoint: GrantedEndpoint): EndpointState {
  const phase = vmi.status?.phase;
  if (phase === 'Succeeded') return { state: 'Ended' };
  if (vmi.metadata.deletionTimestamp !== undefined) return { state: 'Deleting' };
  const failure = vmFailure(vmi, launcher, endpoint);
  if (failure !== null) return { state: 'Failed', finding: failure };
  if (phase === 'Running') return { state: 'Running' };
  const own = synchronizedFinding(vmi) ?? unschedulable(vmi.status?.conditions);
  const starting = launcher === undefined ? null : podState(launcher, events);
  const finding = own ?? (starting?.state === 'Starting' ? starting.finding : null);
  return { state: 'Starting', finding, stage: stageOf(launcher) };
}

/** The state of one granted endpoint. */
export function follow(endpoint: GrantedEndpoint, objects: EndpointObjects): EndpointState {
  if (endpoint.kind === 'Pod')
    return objects.pod === undefined ? { state: 'Absent' } : podState(objects.pod, objects.events);
  return objects.vmi === undefined ? { state: 'Absent' } : vmiState(objects.vmi, objects, endpoint);
}

/** Picks an endpoint's objects out of all children of its Trial. */
export function objectsOf(
  endpoint: GrantedEndpoint,
  all: { pods: readonly Pod[]; vmis: readonly Vmi[]; events: readonly PodEvent[] },
): EndpointObjects {
  if (endpoint.kind === 'Pod') {
    const pod = all.pods.find((candidate) => candidate.metadata.name === endpoint.object);
    return { ...(pod ? { pod } : {}), events: all.events };
  }
  const vmi = all.vmis.find((candidate) => candidate.metadata.name === endpoint.object);
  const launcher =
    all.pods.find((pod) => vmi !== undefined && pod.metadata.labels?.[LABEL_CREATED_BY] === vmi.metadata.uid) ??
    all.pods.find(
      (pod) => pod.metadata.name !== endpoint.object && pod.metadata.labels?.[LABEL_ENDPOINT] === endpoint.name,
    );
  return { ...(vmi ? { vmi } : {}), ...(launcher ? { launcher } : {}), events: all.events };
}
