/** What became of a pod, an endpoint's or a VM's launcher: on its way, up, ended, going or failed, and why. */
import { networkFailure } from './networkFailure.ts';
import {
  type ContainerStatus,
  type Finding,
  isDeleting,
  type ObjectEvent,
  type Pod,
  type PodCondition,
} from './observed.ts';

export type Stage =
  /** Not bound to a node. */
  | 'Scheduling'
  /** Bound: network, images, containers. */
  | 'Creating'
  /** VMs: the launcher runs, KubeVirt has the guest to start. */
  | 'Starting';

export type EndpointState =
  /** No object of that name. */
  | { state: 'Absent' }
  /**
   * Not running yet; `finding` is what holds it up, where known: fatal once its wait is over. `boundAt`: when it got its
   * node, milliseconds since the epoch, null where that is not told. `saidAt`: when it was said last, where no status says
   * it and nobody takes it back.
   */
  | { state: 'Starting'; finding: Finding | null; stage: Stage; boundAt: number | null; saidAt?: number }
  /** `booted`: its guest's agent answers, so that the guest at least is up. */
  | { state: 'Running'; boundAt: number | null; booted?: boolean }
  /** Ended by itself, as it should after its results. */
  | { state: 'Ended' }
  /** `why`: who takes it away, where that is told. */
  | { state: 'Deleting'; why: string | null }
  | { state: 'Failed'; finding: Finding; unexplained?: Unexplained };

/** What says why may still be on its way: for `ms` milliseconds from `since`, milliseconds since the epoch. */
export interface Unexplained {
  since: number;
  ms: number;
}

export const IMAGE_REASONS: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);
const CONTAINER_REASONS: ReadonlySet<string> = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CrashLoopBackOff',
]);
/** Kubelet would not have the pod: its own admission, after the scheduler's. */
const NODE_REFUSALS =
  /^(?:UnexpectedAdmissionError|TopologyAffinityError|SMTAlignmentError|NodeAffinity|OutOf\w+|InvalidNodeInfo)$/;
/** Whoever says so gave up waiting, and does not know for what. */
const RAN_OUT_OF_TIME = /context deadline exceeded|timed out waiting for the condition/;
const NO_DEVICE = /number of devices unavailable|Requested: \d+, Available: \d+/;

export const condition = (conditions: readonly PodCondition[] | undefined, type: string): PodCondition | undefined =>
  conditions?.find((candidate) => candidate.type === type);

export function unschedulable(conditions: readonly PodCondition[] | undefined): Finding | null {
  const scheduled = condition(conditions, 'PodScheduled');
  if (scheduled?.status !== 'False') return null;
  return { reason: 'Unschedulable', message: scheduled.message ?? scheduled.reason ?? 'no node takes the pod' };
}

function containerFinding(statuses: readonly ContainerStatus[]): Finding | null {
  for (const status of statuses) {
    const { reason = '', message = '' } = status.state?.waiting ?? {};
    if (IMAGE_REASONS.has(reason)) return { reason: 'ImagePullFailed', message: `${reason}: ${message}` };
    if (CONTAINER_REASONS.has(reason)) return { reason: 'ContainerFailed', message: `${reason}: ${message}` };
  }
  return null;
}

function failureReason(pod: Pod): string {
  const { reason = '', message = '' } = pod.status ?? {};
  if (!NODE_REFUSALS.test(reason)) return 'EndpointFailed';
  return NO_DEVICE.test(message) ? 'InsufficientVFs' : 'NodeRefused';
}

type Terminated = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

/** How a container of the pod ended that did not end well: kubelet says so seconds before the pod's phase does. */
export const badEnd = (pod: Pod | undefined): Terminated | undefined =>
  pod?.status?.containerStatuses?.map((s) => s.state?.terminated).find((t) => t !== undefined && t.exitCode !== 0);

/** Why a pod failed: kubelet's reason, how its container ended, who took it away. */
export function podFailure(pod: Pod): Finding {
  const ended = badEnd(pod);
  const how = ended === undefined ? '' : ` exit code ${ended.exitCode}${ended.reason ? ` (${ended.reason})` : ''}`;
  const why = pod.status?.message ?? ended?.message ?? disruption(pod) ?? '';
  return {
    reason: failureReason(pod),
    message: `Pod ${pod.metadata.name} failed:${how} ${pod.status?.reason ?? ''} ${why}`.replaceAll(/\s+/g, ' ').trim(),
  };
}

/**
 * What the events of a pod say, volumes and network: kubelet mounts, then makes the sandbox, so that both are over once
 * there is one. Of the step it is at, the latest event that tells a cause counts: the next try may run out of time before
 * it comes that far.
 */
function eventFinding({ metadata, status = {} }: Pod, events: readonly ObjectEvent[]): Finding | null {
  if (condition(status.conditions, 'PodReadyToStartContainers')?.status === 'True') return null;
  const own = events.filter(({ uid }) => uid === metadata.uid).sort((a, b) => b.lastSeen - a.lastSeen);
  const [latest] = own;
  if (latest === undefined) return null;
  const { reason, message } = own.find((e) => e.reason === latest.reason && !RAN_OUT_OF_TIME.test(e.message)) ?? latest;
  return reason === 'FailedMount' ? { reason: 'VolumeMountFailed', message } : networkFailure(message);
}

/** What keeps a pod from running, where it is known. */
function podFinding(pod: Pod, events: readonly ObjectEvent[]): Finding | null {
  const { status = {} } = pod;
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return unschedulable(status.conditions) ?? containerFinding(statuses) ?? eventFinding(pod, events);
}

export const stageOf = (pod: Pod | undefined): Stage => (pod?.spec.nodeName === undefined ? 'Scheduling' : 'Creating');

/** When the scheduler bound it. */
export function boundAt(pod: Pod | undefined): number | null {
  const scheduled = condition(pod?.status?.conditions, 'PodScheduled');
  const at = scheduled?.status === 'True' ? Date.parse(scheduled.lastTransitionTime ?? '') : NaN;
  return Number.isNaN(at) ? null : at;
}

/** Who takes a pod away, as an eviction, a drain or a preemption says of itself. */
export function disruption(pod: Pod): string | null {
  const target = condition(pod.status?.conditions, 'DisruptionTarget');
  return target?.status === 'True' ? `${target.reason ?? 'disrupted'}: ${target.message ?? ''}` : null;
}

export function podState(pod: Pod, events: readonly ObjectEvent[]): EndpointState {
  const phase = pod.status?.phase ?? 'Pending';
  if (phase === 'Succeeded') return { state: 'Ended' };
  if (isDeleting(pod)) return { state: 'Deleting', why: disruption(pod) };
  if (phase === 'Failed') return { state: 'Failed', finding: podFailure(pod) };
  if (phase === 'Running') return { state: 'Running', boundAt: boundAt(pod) };
  return { state: 'Starting', stage: stageOf(pod), boundAt: boundAt(pod), finding: podFinding(pod, events) };
}
