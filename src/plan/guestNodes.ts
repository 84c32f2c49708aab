/** Whether KubeVirt puts the VMs of a mode on a node. Pure. */
import type { Mode, Testbed } from '../api/v1alpha1.ts';
import { CPU_MANAGER, HAS_KVM, SCHEDULABLE } from './nodeNeeds.ts';
import type { Finding, Node } from './observed.ts';
import { guestOf } from './render/guest.ts';

/** As the Testbed's preflight found it. */
const isEmulated = ({ status }: Testbed): boolean =>
  status?.findings?.some(({ reason }) => reason === 'Emulation') ?? false;

/** @returns the first thing that the node lacks for VMs of that mode; null where it has all, or the mode has no VM. */
export function guestNodeFinding(testbed: Testbed, mode: Mode, node: Node): Finding | null {
  const guest = mode.type === 'Native' ? null : guestOf(testbed, mode);
  if (guest === null) return null;
  const needs = [SCHEDULABLE, ...(guest.dedicatedCPU ? [CPU_MANAGER] : []), ...(isEmulated(testbed) ? [] : [HAS_KVM])];
  const unmet = needs.find(({ isMet }) => !isMet(node));
  if (unmet === undefined) return null;
  return { reason: unmet.reason, message: `Mode ${mode.name}: ${unmet.what}, not so on ${unmet.text(node)}` };
}
