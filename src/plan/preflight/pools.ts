/** What the SR-IOV network operator tells of a device pool on a node: driver, link and MTU of its PF. */
import type { DeviceKind, ModeType } from '../../api/v1alpha1.ts';
import type { Role } from '../../results/endpointKind.ts';
import type { SriovNodeState, VfGroup } from './observed.ts';

export interface Pool {
  /** Name of the PF, such as ens1f0. */
  pf: string;
  device: Exclude<DeviceKind, 'Mixed'>;
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

/** The groups of VFs behind a resource (`prefix/name`) on a node, each of one PF; empty where the operator knows none. */
export function poolsOf(state: SriovNodeState | undefined, resource: string): Pool[] {
  const pool = resource.slice(resource.indexOf('/') + 1);
  return (state?.spec?.interfaces ?? []).flatMap(({ name, pciAddress, vfGroups }) => {
    const groups = vfGroups?.filter(({ resourceName }) => resourceName === pool) ?? [];
    const found = state?.status?.interfaces?.find((one) => one.pciAddress === pciAddress);
    return groups.map((group) => poolOf(group, found?.name ?? name ?? pciAddress, found));
  });
}

/** What the VFs of a resource are bound to on a node; undefined where unknown. */
export function deviceOf(state: SriovNodeState | undefined, resource: string): DeviceKind | undefined {
  const [first, ...others] = poolsOf(state, resource);
  return others.some(({ device }) => device !== first?.device) ? 'Mixed' : first?.device;
}

/** A resource on a node that one role of endpoints may be placed on. */
export interface NodePool {
  node: string;
  role: Role;
  device: DeviceKind | undefined;
}

/** A node that tells nothing is taken to be as all others are, where those agree. */
export function presumed(pools: readonly NodePool[]): NodePool[] {
  const [first, ...others] = pools.flatMap(({ device }) => device ?? []);
  const agreed = others.every((device) => device === first) ? first : undefined;
  return pools.map((pool) => ({ ...pool, device: pool.device ?? agreed }));
}

/** What a type of mode needs VFs to be bound to. */
export const deviceFor = (type: ModeType): DeviceKind => (type === 'Passthrough' ? 'VFIO' : 'Netdevice');
