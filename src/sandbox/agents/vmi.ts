/** The parts of KubeVirt's VirtualMachineInstance that the agents read and write, as they are in JSON. */
import type { Condition, Meta, Resources } from './objects.ts';

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
