/** What a rule for networks is given, and how it says what is wrong. */
import type { ModeType, Network, TestbedFinding } from '../../api/v1alpha1.ts';
import type { Role } from '../../results/endpointKind.ts';
import type { Attachment } from './attachment.ts';
import type { failure, Reason } from './finding.ts';
import type { NodePool } from './pools.ts';

export interface Judged {
  network: Network;
  type: ModeType;
  attachment: Attachment;
  /** The attachment's annotation. */
  annotated: string | undefined;
  /** Resource that each endpoint asks for. */
  resource: string | undefined;
  /** What its VFs are bound to on each candidate node. */
  pools: readonly NodePool[];
  /** Roles of the endpoints that would use it. */
  roles: readonly Role[];
  /** Whether it has to do for all of them, or for one. */
  isForAllRoles: boolean;
  /** The other network of the Testbed that takes the same resource for pods, of a Passthrough network. */
  sharedWith: string | undefined;
  /** The Testbed's wire: bit/s, bytes. */
  link: { rate: number | null; mtu: number };
}

export type Rule = (judged: Judged) => TestbedFinding | null;

export function say(
  make: typeof failure,
  reason: Reason,
  { network, type }: Pick<Judged, 'network' | 'type'>,
  text: string,
): TestbedFinding {
  return make(reason, `network ${network.name} for mode ${type}: ${text}`, { network: network.name, modes: [type] });
}
