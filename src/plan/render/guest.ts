/** The guest that a mode wants: the Testbed's VM with what the mode changes, and whether the two fit together. Pure. */
import type { Mode, Testbed, VmTemplate } from '../../api/v1alpha1.ts';
import type { Finding } from '../observed.ts';
import { parseQuantity } from '../quantity.ts';

export interface Guest extends VmTemplate {
  /** Off unless the mode asks: it puts all of vhost on one CPU, and leaves a VF alone. */
  isolateEmulatorThread: boolean;
}

/** Null where the Testbed describes no VM. */
export function guestOf(testbed: Testbed, mode: Mode): Guest | null {
  if (testbed.spec.vm === undefined) return null;
  const { hugepages: own, ...vm } = testbed.spec.vm;
  const { hugepages: wanted = own ?? 'None', isolateEmulatorThread = false, ...changes } = mode.vm ?? {};
  return { ...vm, ...changes, isolateEmulatorThread, ...(wanted === 'None' ? {} : { hugepages: wanted }) };
}

/** What KubeVirt would refuse, or accept and never start, of Testbed and mode taken together; null where they fit. */
export function guestFinding(testbed: Testbed, mode: Mode): Finding | null {
  if (mode.type === 'Native') return null;
  const guest = guestOf(testbed, mode);
  const at = `Testbed ${testbed.metadata.name}`;
  if (guest === null) return { reason: 'NoVMTemplate', message: `Mode ${mode.name} is a VM: give ${at} a spec.vm` };
  const fault = cpuFault(guest) ?? memoryFault(guest);
  if (fault === null) return null;
  return { reason: 'InvalidVM', message: `Mode ${mode.name} on ${at}: ${fault}` };
}

function cpuFault(guest: Guest): string | null {
  if (guest.isolateEmulatorThread && !guest.dedicatedCPU) {
    return 'isolateEmulatorThread needs dedicatedCPU: set dedicatedCPU to true in vm of the mode or of the Testbed';
  }
  if (guest.numaPassthrough !== true || (guest.dedicatedCPU && guest.hugepages !== undefined)) return null;
  return 'numaPassthrough needs dedicatedCPU and hugepages: set both, or numaPassthrough to false in vm of the mode';
}

function memoryFault({ memory, hugepages }: Guest): string | null {
  if (hugepages === undefined || (parseQuantity(memory) ?? 0) % (parseQuantity(hugepages) ?? 1) === 0) return null;
  return `memory ${memory} is not a multiple of hugepages ${hugepages}: change one of them in vm of the mode`;
}
