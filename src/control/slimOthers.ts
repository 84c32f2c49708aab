/** What the cache keeps of others' large objects: the fields that the preflight reads. */
import type { KubeObject } from '../kube/index.ts';
import type { KubeVirt, SriovNodeState } from '../plan/preflight/observed.ts';

/** Of one PF; PCI allows 65,535, no NIC has as many. */
const MOST_VFS = 1024;

const identity = ({ metadata }: KubeObject): KubeObject['metadata'] => {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
};

export function slimKubeVirt<T extends KubeVirt & KubeObject>(object: T): T {
  const { phase, observedKubeVirtVersion, conditions } = object.status ?? {};
  const { useEmulation, memoryOvercommit } = object.spec?.configuration?.developerConfiguration ?? {};
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: identity(object),
    spec: { configuration: { developerConfiguration: { useEmulation, memoryOvercommit } } },
    status: {
      phase,
      observedKubeVirtVersion,
      conditions: (conditions ?? []).filter(({ type }) => type === 'Available'),
    },
  } as T;
}

export function slimSriovState<T extends SriovNodeState & KubeObject>(object: T): T {
  const { interfaces: found, syncStatus, lastSyncError } = object.status ?? {};
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: identity(object),
    spec: {
      interfaces: (object.spec?.interfaces ?? []).map(({ name, pciAddress, mtu, vfGroups }) => ({
        name,
        pciAddress,
        mtu,
        vfGroups: vfGroups?.map(({ resourceName, deviceType, mtu: own }) => ({ resourceName, deviceType, mtu: own })),
      })),
    },
    status: {
      interfaces: (found ?? []).map(({ name, pciAddress, mtu, linkSpeed, Vfs }) => ({
        name,
        pciAddress,
        mtu,
        linkSpeed,
        ...(Vfs === undefined
          ? {}
          : {
              Vfs: Vfs.slice(0, MOST_VFS).map(({ pciAddress: at, Vlan }) => ({
                pciAddress: at,
                ...(Vlan ? { Vlan } : {}),
              })),
            }),
      })),
      syncStatus,
      lastSyncError,
    },
  } as T;
}
