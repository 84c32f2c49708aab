/** What a Testbed is judged by: the cluster as the stores have it, in the few fields that matter. */
import type { Experiment, Testbed } from '../../api/v1alpha1.ts';
import type { NetworkAttachment, Node, Pod, PodCondition } from '../observed.ts';
import type { ClusterRead } from './clusterReads.ts';
import type { RulesReview } from './permissions.ts';

/** KubeVirt's own object, kind KubeVirt: one for each installation. */
export interface KubeVirt {
  metadata: { name: string; namespace?: string };
  spec?: { configuration?: { developerConfiguration?: { useEmulation?: boolean; memoryOvercommit?: number } } };
  status?: { phase?: string; observedKubeVirtVersion?: string; conditions?: PodCondition[] };
}

/** VFs of one PF that belong to one pool of the device plugin; `resourceName` comes without its prefix. */
export interface VfGroup {
  resourceName?: string;
  /** `netdevice` (also where absent) or `vfio-pci`. */
  deviceType?: string;
  mtu?: number;
}

/** A VF as the operator's daemon last saw it; the spelling is its own. */
export interface VfState {
  pciAddress?: string;
  Vlan?: number;
}

/** The SR-IOV network operator's view of a node; its name is the node's. */
export interface SriovNodeState {
  metadata: { name: string; namespace?: string };
  spec?: { interfaces?: { name?: string; pciAddress: string; mtu?: number; vfGroups?: VfGroup[] }[] };
  status?: {
    /** `linkSpeed` as in `10000 Mb/s`; `-1 Mb/s` where the link is down. */
    interfaces?: { name?: string; pciAddress: string; mtu?: number; linkSpeed?: string; Vfs?: VfState[] }[];
    syncStatus?: string;
    lastSyncError?: string;
  };
}

export interface TestbedObserved {
  testbed: Testbed;
  nodes: ReadonlyMap<string, Node>;
  /** By `namespace/name`; null where the kind is not installed. */
  attachments: ReadonlyMap<string, NetworkAttachment> | null;
  /** KubeVirt's objects; null where VirtualMachineInstances are no kind of this cluster. */
  kubevirt: readonly KubeVirt[] | null;
  /** Pods on the candidate nodes. */
  pods: readonly Pod[];
  /** By name of the node; empty where there is no SR-IOV network operator. */
  sriovStates: ReadonlyMap<string, SriovNodeState>;
  /** IP address by which endpoints reach the collector; null where the operator knows a name only. */
  collector: string | null;
  /** Experiments of this Testbed that are not finished. */
  experiments: readonly Experiment[];
  /** What the operator may do in the Testbed's namespace; null where it has not been asked yet. */
  rights: RulesReview | null;
  /** What of the cluster the API server keeps from the operator, with its words. */
  kept: ReadonlyMap<ClusterRead, string>;
}
