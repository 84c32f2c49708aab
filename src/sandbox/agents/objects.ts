/**
 * The parts of Kubernetes, Multus and KubeVirt objects that the agents read and write, as they are in JSON.
 * Loose on purpose: what an agent does not look at, it hands through.
 */

export interface Meta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generateName?: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** Amounts by resource name, as in `resources.requests`; numbers are accepted as users write them. */
export type Quantities = Record<string, string | number>;

export interface Resources {
  requests?: Quantities;
  limits?: Quantities;
}

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  lastProbeTime?: string | null;
  lastTransitionTime?: string | null;
  observedGeneration?: number;
}

export interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: {
    fieldRef?: { fieldPath: string };
    secretKeyRef?: { name: string; key: string; optional?: boolean };
    configMapKeyRef?: { name: string; key: string; optional?: boolean };
  };
}

export interface VolumeMount {
  name: string;
  mountPath: string;
  subPath?: string;
  readOnly?: boolean;
  mountPropagation?: string;
}

export interface Container {
  name: string;
  image: string;
  imagePullPolicy?: string;
  command?: string[];
  args?: string[];
  env?: EnvVar[];
  resources?: Resources;
  restartPolicy?: string;
  securityContext?: Record<string, unknown>;
  terminationMessagePolicy?: string;
  volumeMounts?: VolumeMount[];
}

export interface KeyToPath {
  key: string;
  path: string;
}

export interface Volume {
  name: string;
  secret?: { secretName: string; items?: KeyToPath[]; optional?: boolean; defaultMode?: number };
  configMap?: { name: string; items?: KeyToPath[]; optional?: boolean };
  emptyDir?: Record<string, unknown>;
  image?: { reference: string; pullPolicy?: string };
  downwardAPI?: unknown;
  projected?: unknown;
}

export interface PodSpec {
  nodeName?: string;
  nodeSelector?: Record<string, string>;
  affinity?: unknown;
  tolerations?: unknown[];
  containers: Container[];
  initContainers?: Container[];
  volumes?: Volume[];
  hostname?: string;
  restartPolicy?: string;
  terminationGracePeriodSeconds?: number;
  readinessGates?: { conditionType: string }[];
  [field: string]: unknown;
}

export interface ContainerState {
  waiting?: { reason: string; message?: string };
  running?: { startedAt: string };
  terminated?: {
    exitCode: number;
    reason: string;
    startedAt: string | null;
    finishedAt: string | null;
    message?: string;
    containerID?: string;
  };
}

export interface ContainerStatus {
  name: string;
  image: string;
  imageID: string;
  containerID?: string;
  ready: boolean;
  started: boolean;
  restartCount: number;
  state: ContainerState;
  lastState: ContainerState;
  [field: string]: unknown;
}

export interface PodStatus {
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  reason?: string;
  message?: string;
  conditions?: Condition[];
  hostIP?: string;
  podIP?: string;
  startTime?: string;
  qosClass?: string;
  containerStatuses?: ContainerStatus[];
  initContainerStatuses?: ContainerStatus[];
  [field: string]: unknown;
}

export interface Pod {
  apiVersion: 'v1';
  kind: 'Pod';
  metadata: Meta;
  spec: PodSpec;
  status?: PodStatus;
}

export interface Node {
  apiVersion: 'v1';
  kind: 'Node';
  metadata: Meta;
  spec?: Record<string, unknown>;
  status?: {
    capacity?: Record<string, string>;
    allocatable?: Record<string, string>;
    conditions?: NodeCondition[];
    [field: string]: unknown;
  };
}

export interface NodeCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastHeartbeatTime: string;
  lastTransitionTime: string;
}

export interface NetworkAttachment {
  apiVersion: 'k8s.cni.cncf.io/v1';
  kind: 'NetworkAttachmentDefinition';
  metadata: Meta;
  spec?: { config?: string };
}

export interface Secret {
  apiVersion: 'v1';
  kind: 'Secret';
  metadata: Meta;
  data?: Record<string, string>;
}

export interface VmInterface {
  name: string;
  macAddress?: string;
  model?: string;
  masquerade?: object;
  bridge?: object;
  sriov?: object;
  [field: string]: unknown;
}

export interface VmNetwork {
  name: string;
  pod?: object;
  multus?: { networkName: string };
}

export interface CloudInitSource {
  secretRef?: { name: string };
  networkDataSecretRef?: { name: string };
  userData?: string;
  userDataBase64?: string;
  networkData?: string;
  networkDataBase64?: string;
}

export interface VmVolume {
  name: string;
  containerDisk?: { image: string; imagePullPolicy?: string; path?: string };
  cloudInitNoCloud?: CloudInitSource;
  [field: string]: unknown;
}

export interface VmCpu {
  cores?: number;
  sockets?: number;
  maxSockets?: number;
  threads?: number;
  model?: string;
  dedicatedCpuPlacement?: boolean;
  isolateEmulatorThread?: boolean;
  numa?: { guestMappingPassthrough?: object };
  [field: string]: unknown;
}

export interface KernelBoot {
  kernelArgs?: string;
  container?: {
    image: string;
    kernelPath?: string;
    initrdPath?: string;
    imagePullPolicy?: string;
  };
}

export interface VmDomain {
  cpu?: VmCpu;
  memory?: {
    guest?: string | number;
    maxGuest?: string | number;
    hugepages?: { pageSize: string };
    [field: string]: unknown;
  };
  machine?: { type: string };
  features?: { acpi?: { enabled?: boolean }; [field: string]: unknown };
  firmware?: { uuid?: string; kernelBoot?: KernelBoot; [field: string]: unknown };
  resources?: Resources;
  devices: {
    interfaces?: VmInterface[];
    disks?: { name: string; [field: string]: unknown }[];
    autoattachGraphicsDevice?: boolean;
    logSerialConsole?: boolean;
    networkInterfaceMultiqueue?: boolean;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

export interface VmSpec {
  architecture?: string;
  domain: VmDomain;
  networks?: VmNetwork[];
  volumes?: VmVolume[];
  nodeSelector?: Record<string, string>;
  affinity?: { nodeAffinity?: NodeAffinity; [field: string]: unknown };
  tolerations?: unknown[];
  evictionStrategy?: string;
  terminationGracePeriodSeconds?: number;
  [field: string]: unknown;
}

export interface NodeAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: {
    nodeSelectorTerms: { matchExpressions?: unknown[]; [field: string]: unknown }[];
  };
  [field: string]: unknown;
}

export type VmPhase = 'Pending' | 'Scheduling' | 'Scheduled' | 'Running' | 'Succeeded' | 'Failed';

export interface VmInterfaceStatus {
  name: string;
  podInterfaceName: string;
  infoSource?: string;
  mac?: string;
  ipAddress?: string;
  ipAddresses?: string[];
  linkState?: string;
  queueCount?: number;
}

export interface VmStatus {
  phase?: VmPhase;
  phaseTransitionTimestamps?: { phase: VmPhase; phaseTransitionTimestamp: string }[];
  conditions?: Condition[];
  nodeName?: string;
  activePods?: Record<string, string>;
  interfaces?: VmInterfaceStatus[];
  memory?: Record<string, string | number>;
  qosClass?: string;
  [field: string]: unknown;
}

export interface Vmi {
  apiVersion: 'kubevirt.io/v1';
  kind: 'VirtualMachineInstance';
  metadata: Meta;
  spec: VmSpec;
  status?: VmStatus;
}

/** RFC 3339 in whole seconds, as the API server writes times. */
export function timestamp(now: Date): string {
  return `${now.toISOString().slice(0, 19)}Z`;
}
