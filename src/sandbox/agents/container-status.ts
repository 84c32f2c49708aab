/** The status of one container of a pod at each stage of the pod's life. Pure. */
import { createHash } from 'node:crypto';
import { type Container, type ContainerState, type ContainerStatus, type Pod, timestamp } from './objects.ts';

/** Creating: no network yet. Sandboxed: network made. Exited: the main container ended, the pod's phase not yet. */
export type Stage = 'Creating' | 'Sandboxed' | 'Initializing' | 'Started' | 'Exited' | 'Ended';

type Terminated = NonNullable<ContainerState['terminated']>;

export interface Exit {
  code: number;
  /** Default: Completed for code 0, else Error. */
  reason?: string;
  message?: string;
}

export interface ContainerSeen {
  stage: Stage;
  now: Date;
  startedAt?: Date;
  exit?: Exit;
  /** The container that cannot start, and why. */
  waiting?: { container: string; reason: string; message: string };
  /** Devices that the pod holds, by resource. */
  devices: Record<string, string[]>;
}

/** Status of a container; init containers and sidecars included. */
export function containerStatus(container: Container, pod: Pod, seen: ContainerSeen): ContainerStatus {
  const state = stateOf(container, pod, seen);
  const begun = state.waiting === undefined;
  const running = state.running !== undefined;
  const done = isInit(container, pod) && state.terminated?.exitCode === 0;
  const { resources } = container;
  const devices = begun && !running ? [] : Object.entries(seen.devices);
  const own = devices.filter(([name]) => resources?.limits?.[name] !== undefined);
  return {
    ...(begun && resources?.requests !== undefined ? { allocatedResources: resources.requests, resources } : {}),
    ...(own.length === 0 ? {} : { allocatedResourcesStatus: own.map(deviceHealth) }),
    ...(begun ? { containerID: containerId(pod, container.name) } : {}),
    image: container.image,
    imageID: begun ? imageId(container.image) : '',
    lastState: {},
    name: container.name,
    ready: running || done,
    restartCount: 0,
    started: running,
    state,
    volumeMounts: (container.volumeMounts ?? []).map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly === true ? { readOnly, recursiveReadOnly: 'Disabled' } : {}),
    })),
  };
}

function isInit(container: Container, pod: Pod): boolean {
  return pod.spec.initContainers?.includes(container) === true && container.restartPolicy !== 'Always';
}

function stateOf(container: Container, pod: Pod, seen: ContainerSeen): ContainerState {
  const { stage } = seen;
  if (seen.waiting?.container === container.name && stage !== 'Ended') {
    return { waiting: { reason: seen.waiting.reason, message: seen.waiting.message } };
  }
  const startedAt = timestamp(seen.startedAt ?? seen.now);
  if (isInit(container, pod)) return initState(pod, container, seen, startedAt);
  const sidecar = container.restartPolicy === 'Always';
  const up = sidecar ? ['Initializing', 'Started', 'Exited'] : ['Started'];
  if (up.includes(stage)) return { running: { startedAt } };
  if (stage === 'Ended' || stage === 'Exited') return { terminated: terminated(pod, container, seen, sidecar) };
  return notYet(pod);
}

function initState(pod: Pod, container: Container, { stage }: ContainerSeen, at: string): ContainerState {
  if (stage === 'Creating' || stage === 'Sandboxed' || stage === 'Initializing') return notYet(pod);
  const containerID = containerId(pod, container.name);
  return { terminated: { containerID, exitCode: 0, finishedAt: at, reason: 'Completed', startedAt: at } };
}

function terminated(pod: Pod, container: Container, seen: ContainerSeen, sidecar: boolean): Terminated {
  const exit = sidecar ? { code: 0 } : (seen.exit ?? { code: 0 });
  const started = seen.startedAt === undefined ? null : timestamp(seen.startedAt);
  return {
    containerID: containerId(pod, container.name),
    exitCode: exit.code,
    finishedAt: timestamp(seen.now),
    reason: exit.reason ?? (exit.code === 0 ? 'Completed' : 'Error'),
    startedAt: started,
    ...(exit.message === undefined ? {} : { message: exit.message }),
  };
}

function notYet(pod: Pod): ContainerState {
  const inits = pod.spec.initContainers ?? [];
  return { waiting: { reason: inits.length === 0 ? 'ContainerCreating' : 'PodInitializing' } };
}

function deviceHealth([name, addresses]: [string, string[]]): object {
  return { name, resources: addresses.map((resourceID) => ({ health: 'Healthy', resourceID })) };
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

function containerId(pod: Pod, name: string): string {
  return `containerd://${hash(`${pod.metadata.uid ?? ''}/${name}`)}`;
}

const imageId = (image: string): string => `sha256:${hash(image)}`;
