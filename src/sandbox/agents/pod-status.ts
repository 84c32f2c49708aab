/**
 * The status that a kubelet writes for a pod, stage by stage, as recorded on a real node (1.36.3). Pure.
 * `terminated` comes before the pod's phase ends, conditions of others are kept.
 */
import { type ContainerSeen, containerStatus, type Stage } from './container-status.ts';
import { type Condition, type Container, type Pod, type PodStatus, timestamp } from './objects.ts';
import { allocated } from './pod-resources.ts';

/** How far the kubelet has come with a pod, and what it knows. */
export interface PodProgress extends ContainerSeen {
  stage: Stage;
  hostIP: string;
  podIP?: string;
  /** When the kubelet took the pod. */
  acceptedAt: Date;
  now: Date;
}

/** Types of the conditions that are the kubelet's to write. */
export const KUBELET_CONDITIONS = [
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
];

/** Status of a pod at a stage. */
export function podStatus(pod: Pod, progress: PodProgress): PodStatus {
  const { stage, hostIP, podIP, acceptedAt } = progress;
  const inits = pod.spec.initContainers ?? [];
  const single = pod.spec.containers.length === 1 && inits.length === 0 ? pod.spec.containers[0] : undefined;
  const hasIP =
    podIP !== undefined && stage !== 'Creating' && (stage !== 'Sandboxed' || progress.waiting !== undefined);
  return {
    observedGeneration: pod.metadata.generation ?? 1,
    phase: phaseOf(progress),
    conditions: conditions(pod, progress),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(hasIP ? { podIP, podIPs: [{ ip: podIP }] } : {}),
    startTime: timestamp(acceptedAt),
    qosClass: pod.status?.qosClass ?? 'BestEffort',
    ...allocated(pod.spec),
    ...(single === undefined ? {} : { resources: single.resources ?? {} }),
    ...(inits.length === 0 ? {} : { initContainerStatuses: inits.map((each) => containerStatus(each, pod, progress)) }),
    containerStatuses: pod.spec.containers.map((each) => containerStatus(each, pod, progress)),
  };
}

/** Status of a pod that the kubelet does not take, such as one whose devices are not free. */
export function rejectedStatus(pod: Pod, reason: string, message: string, now: Date): PodStatus {
  return {
    observedGeneration: pod.metadata.generation ?? 1,
    phase: 'Failed',
    reason,
    message: `Pod was rejected: ${message}`,
    startTime: timestamp(now),
    ...(pod.status?.qosClass === undefined ? {} : { qosClass: pod.status.qosClass }),
  };
}

/** Why a pod asked for more devices than are free, in the kubelet's words. */
export function unavailable(resource: string, requested: number, available: number): string {
  return (
    `Allocate failed due to requested number of devices unavailable for ${resource}. ` +
    `Requested: ${requested}, Available: ${available}, which is unexpected`
  );
}

function phaseOf({ stage, exit }: PodProgress): PodStatus['phase'] & string {
  if (stage === 'Ended') return exit?.code === 0 ? 'Succeeded' : 'Failed';
  return stage === 'Started' || stage === 'Exited' ? 'Running' : 'Pending';
}

function conditions(pod: Pod, progress: PodProgress): Condition[] {
  const before = pod.status?.conditions ?? [];
  const foreign = before.filter((each) => !KUBELET_CONDITIONS.includes(each.type));
  const gates = (pod.spec.readinessGates ?? []).every((gate) =>
    before.some((each) => each.type === gate.conditionType && each.status === 'True'),
  );
  const containers = readiness(pod, progress);
  const ready: Verdict =
    containers.status === 'True' && !gates
      ? { status: 'False', reason: 'ReadinessGatesNotReady', message: 'the status of pod readiness gate is not "True"' }
      : containers;
  const sandboxed = !['Creating', 'Ended'].includes(progress.stage);
  const verdicts: [string, Verdict][] = [
    ['PodReadyToStartContainers', { status: sandboxed ? 'True' : 'False' }],
    ['Initialized', initialized(pod, progress)],
    ['Ready', ready],
    ['ContainersReady', containers],
    ['PodScheduled', { status: 'True' }],
  ];
  const generation = pod.metadata.generation ?? 1;
  const unchanged = ({ type, status }: Condition): string | null | undefined =>
    before.find((each) => each.type === type && each.status === status)?.lastTransitionTime;
  const own = verdicts.map(([type, verdict]): Condition => {
    const fresh = { type, lastProbeTime: null, observedGeneration: generation, ...verdict };
    return { ...fresh, lastTransitionTime: unchanged(fresh) ?? timestamp(progress.now) };
  });
  return [...foreign, ...own];
}

interface Verdict {
  status: 'True' | 'False';
  reason?: string;
  message?: string;
}

function initialized(pod: Pod, { stage, exit }: PodProgress): Verdict {
  const inits = pod.spec.initContainers ?? [];
  if (isOver(pod, stage)) return { status: 'True', ...(exit?.code === 0 ? { reason: 'PodCompleted' } : {}) };
  if (inits.length === 0 || stage === 'Started' || stage === 'Exited') return { status: 'True' };
  const waiting = stage === 'Initializing' ? inits.filter((each) => !isSidecar(each)) : inits;
  return {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${namesOf(waiting)}]`,
  };
}

function readiness(pod: Pod, { stage, exit }: PodProgress): Verdict {
  if (stage === 'Started') return { status: 'True' };
  if (isOver(pod, stage)) return { status: 'False', reason: exit?.code === 0 ? 'PodCompleted' : 'PodFailed' };
  const early = stage === 'Creating' || stage === 'Sandboxed';
  const sidecars = early ? (pod.spec.initContainers ?? []).filter(isSidecar) : [];
  return {
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${namesOf([...sidecars, ...pod.spec.containers])}]`,
  };
}

/** All containers have ended: with sidecars that is a stage later than the end of the main container. */
function isOver(pod: Pod, stage: Stage): boolean {
  return stage === 'Ended' || (stage === 'Exited' && (pod.spec.initContainers ?? []).length === 0);
}

const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';
const namesOf = (containers: Container[]): string => containers.map((each) => each.name).join(' ');
