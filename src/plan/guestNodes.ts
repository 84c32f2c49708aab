/** Whether the nodes of an Experiment have what a mode's own VM asks for: the preflight judges the Testbed's alone. Pure. */
import { LABEL_CPU_MANAGER } from '../api/labels.ts';
import type { ExperimentStatus, Mode, Testbed } from '../api/v1alpha1.ts';
import { isPodAt, type Role } from '../results/endpointKind.ts';
import { cpuManagerCure, hasCpuManager, HUGEPAGES_CURE } from './nodeNeeds.ts';
import type { Finding, Node } from './observed.ts';
import { parseQuantity } from './quantity.ts';
import { type Guest, guestOf } from './render/guest.ts';

const ROLES: readonly Role[] = ['server', 'client'];

function cpuFault(guest: Guest, node: Node): Finding | null {
  if (!guest.dedicatedCPU) return null;
  const { name } = node.metadata;
  if (!hasCpuManager(node))
    return {
      reason: 'NodeCPUManager',
      message: `dedicatedCPU takes nodes labelled ${LABEL_CPU_MANAGER}=true only, and ${name} is not: ${cpuManagerCure(node)}`,
    };
  const has = parseQuantity(node.status?.allocatable?.['cpu']) ?? Infinity;
  if (has >= guest.cores) return null;
  return {
    reason: 'InsufficientCompute',
    message: `${guest.cores} dedicated cores, and node ${name} has ${has} to give: ask for fewer in vm of the mode`,
  };
}

function pageFault({ hugepages, memory }: Guest, { metadata, status }: Node): Finding | null {
  if (hugepages === undefined) return null;
  const resource = `hugepages-${hugepages}`;
  const has = status?.allocatable?.[resource] ?? '0';
  if ((parseQuantity(has) ?? 0) >= (parseQuantity(memory) ?? 0)) return null;
  return {
    reason: 'InsufficientHugepages',
    message: `a VM takes ${memory} of ${resource}, and node ${metadata.name} has ${has}: ${HUGEPAGES_CURE}`,
  };
}

/**
 * @param nodes the Experiment's, by name; one that is not there is not judged.
 * @returns the first thing that is missing for a mode that changes the Testbed's VM; null where all is there.
 */
export function guestNodeFinding(
  testbed: Testbed,
  mode: Mode,
  chosen: NonNullable<ExperimentStatus['nodes']>,
  nodes: ReadonlyMap<string, Node>,
): Finding | null {
  const guest = mode.vm === undefined ? null : guestOf(testbed, mode);
  if (guest === null) return null;
  for (const role of ROLES.filter((end) => !isPodAt(mode, end))) {
    const node = nodes.get(chosen[role]);
    const fault = node === undefined ? null : (cpuFault(guest, node) ?? pageFault(guest, node));
    if (fault !== null) return { ...fault, message: `Mode ${mode.name}: ${fault.message}` };
  }
  return null;
}
