/** What the SR-IOV network operator tells of a device pool on a node: driver, link and MTU of its PF. */
import type { DeviceKind, ModeType } from '../../api/v1alpha1.ts';
import type { Role } from '../../results/endpointKind.ts';
import type { SriovNodeState, VfGroup } from './observed.ts';

export interface Pool {
  /** Name of the PF, such as ens1f0. */
  pf: string;
  device: DeviceKind;
  /** bit/s; 0 where the link is down, absent where unknown. */
  rate?: number;
  /** Bytes. */
  mtu?: number;
}

/** `10000 Mb/s`, as ethtool and the operator write it. */
function parseRate(text: string | undefined): number | undefined {
  const match = /^(-?\d+)\s*Mb\/s$/.exec(text?.trim() ?? '');
  if (match === null) return undefined;
  return Math.max(0, Number(match[1])) * 1e6;
}

type Interface = NonNullable<NonNullable<SriovNodeState['status']>['interfaces']>[number];

function poolOf(group: VfGroup, pf: string, found: Interface | undefined): Pool {
  const rate = parseRate(found?.linkSpeed);
  const mtu = [group.mtu, found?.mtu].find((value) => value !== undefined && value > 0);
  return {
    pf,
    device: group.deviceType === 'vfio-pci' ? 'VFIO' : 'Netdevice',
    ...(rate === undefined ? {} : { rate }),
    ...(mtu === undefined ? {} : { mtu }),
  };
}

/** The PFs behind a resource (`prefix/name`) on a node; empty where the operator knows none. */
export function poolsOf(state: SriovNodeState | undefined, resource: string): Pool[] {
  const pool = resource.slice(resource.indexOf('/') + 1);
  return (state?.spec?.interfaces ?? []).flatMap(({ name, pciAddress, vfGroups }) => {
    const group = vfGroups?.find(({ resourceName }) => resourceName === pool);
    if (group === undefined) return [];
    const found = state?.status?.interfaces?.find((one) => one.pciAddress === pciAddress);
    return [poolOf(group, found?.name ?? name ?? pciAddress, found)];
  });
}

/** What the VFs of a resource are bound to on a node; undefined where unknown, or where its PFs differ. */
export function deviceOf(state: SriovNodeState | undefined, resource: string): DeviceKind | undefined {
  return only(poolsOf(state, resource).map(({ device }) => device));
}

/** The one value of all, or undefined. */
function only<T>(values: readonly T[]): T | undefined {
  const [first] = values;
  return values.every((value) => value === first) ? first : undefined;
}

/** A resource on a node that one role of endpoints may be placed on. */
export interface NodePool {
  node: string;
  role: Role;
  device: DeviceKind | undefined;
}

/** A node that tells nothing is taken to be as all others are, where those agree. */
export function presumed(pools: readonly NodePool[]): NodePool[] {
  const agreed = only(pools.flatMap(({ device }) => device ?? []));
  return pools.map((pool) => ({ ...pool, device: pool.device ?? agreed }));
}

/** What a type of mode needs VFs to be bound to. */
export const deviceFor = (type: ModeType): DeviceKind => (type === 'Passthrough' ? 'VFIO' : 'Netdevice');
