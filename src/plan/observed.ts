/** The fields of other systems' objects that decisions rest on; all else of them is ignored. */
import type { Condition, ObjectMeta } from '../api/v1alpha1.ts';

export type ResourceList = Record<string, string | number>;

export interface Container {
  name: string;
  /** Of init containers alone: `Always` makes one a sidecar. */
  restartPolicy?: string;
  resources?: { requests?: ResourceList; limits?: ResourceList };
}

export interface ContainerStatus {
  name: string;
  state?: {
    waiting?: { reason?: string; message?: string };
    terminated?: { exitCode?: number; reason?: string; message?: string };
  };
}

export interface PodCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string | null;
}

export interface Affinity {
  nodeAffinity?: {
    requiredDuringSchedulingIgnoredDuringExecution?: {
      nodeSelectorTerms?: { matchFields?: { key?: string; values?: string[] }[] }[];
    };
  };
}

export interface Pod {
  metadata: ObjectMeta;
  spec: {
    nodeName?: string;
    hostNetwork?: boolean;
    affinity?: Affinity;
    containers: Container[];
    initContainers?: Container[];
    volumes?: { secret?: { secretName?: string } }[];
  };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    podIPs?: { ip?: string }[];
    conditions?: PodCondition[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
}

export interface Vmi {
  metadata: ObjectMeta;
  spec?: {
    affinity?: Affinity;
    domain?: { resources?: { requests?: ResourceList } };
    volumes?: { cloudInitNoCloud?: { secretRef?: { name?: string } } }[];
  };
  status?: {
    phase?: string;
    reason?: string;
    nodeName?: string;
    conditions?: PodCondition[];
    phaseTransitionTimestamps?: { phase: string; phaseTransitionTimestamp: string }[];
  };
}

export interface Node {
  metadata: ObjectMeta;
  spec?: { unschedulable?: boolean; taints?: { key: string; effect: string }[] };
  status?: {
    capacity?: ResourceList;
    allocatable?: ResourceList;
    conditions?: PodCondition[];
    nodeInfo?: { kernelVersion?: string };
  };
}

export interface NetworkAttachment {
  metadata: ObjectMeta;
  spec?: { config?: string };
}

/** An event that says why a pod or VMI does not start, or why it failed. */
export interface ObjectEvent {
  /** Of the pod or VMI it speaks of. */
  uid: string;
  reason: string;
  message: string;
  /** When it happened last, milliseconds since the epoch. */
  lastSeen: number;
}

export const TERMINAL_PHASES: ReadonlySet<string> = new Set(['Succeeded', 'Failed']);

/** True while the pod holds its resources: bound or not, it has not ended. */
export function isLive(object: Pod | Vmi): boolean {
  return !TERMINAL_PHASES.has(object.status?.phase ?? '');
}

/** Asked to go; it stays until its finalizers are gone. */
export const isDeleting = ({ metadata }: { metadata: ObjectMeta }): boolean => metadata.deletionTimestamp !== undefined;

export function isReady(node: Node): boolean {
  return node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
}

export type Finding = Pick<Condition, 'reason' | 'message'>;
