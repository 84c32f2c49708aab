/** Networks by which one Experiment takes VFs of one pool for pods and for VMs alike, under whatever names. */
import type { Testbed } from '../../api/v1alpha1.ts';
import { resourceOf } from '../endpoints.ts';
import type { NetworkAttachment } from '../observed.ts';
import type { PlacedUse } from '../uses.ts';
import type { NodePool } from './pools.ts';

interface Pools {
  testbed: Testbed;
  attachments: ReadonlyMap<string, NetworkAttachment>;
  poolsOf?: (resource: string) => readonly NodePool[];
}

export type ModeUse = PlacedUse & { mode: string };

/** Pool, use that passes VFs through, and one of an interface on the same node. */
export interface SharedPool {
  resource: string;
  guest: ModeUse;
  host: ModeUse;
}

/** Only where nobody tells what VFs are bound to; else each use is judged by that. */
export function sharedPools({ testbed, attachments, poolsOf }: Pools, uses: readonly ModeUse[]): SharedPool[] {
  const isKnown = (resource: string, { role }: ModeUse): boolean =>
    poolsOf?.(resource).some((pool) => pool.role === role && pool.device !== undefined) === true;
  return uses.flatMap((guest) => {
    const resource = guest.type === 'Passthrough' ? resourceOf(testbed, guest.network, attachments) : undefined;
    if (resource === undefined || isKnown(resource, guest)) return [];
    const host = uses.find(
      ({ type, role, network }) =>
        type !== 'Passthrough' && role === guest.role && resourceOf(testbed, network, attachments) === resource,
    );
    return host === undefined ? [] : [{ resource, guest, host }];
  });
}

export const sharedText = ({ resource, guest, host }: SharedPool): string =>
  `mode ${guest.mode} takes VFs of ${resource} by network ${guest.network} to pass them through, and mode ${host.mode} by network ${host.network} for an interface: a VF is bound to vfio-pci or to a network driver, so give each a pool of its own`;
