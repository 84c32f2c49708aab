/**
 * What KubeVirt v1.9's virt-controller makes a launcher pod ask for: the guest's memory plus its own
 * overhead, a tenth of a CPU per vCPU (or whole ones where dedicated), its devices, and the VFs that the
 * VMI names itself: it does not read the resource of an attachment.
 */
import type { Quantities, Resources } from './objects.ts';
import type { VmCpu, Vmi } from './vmi.ts';
import { formatBytes, parseQuantity } from './quantity.ts';

const MIB = 2 ** 20;
/** Launcher, monitor, virtlogd, virtqemud, QEMU and one I/O thread, in MiB. */
const STATIC_MIB = 228;
const VCPU_MIB = 8;
const VIDEO_MIB = 32;
const VFIO_MIB = 1024;
const DEDICATED_MIB = 100;
const DEVICES: Quantities = {
  'devices.kubevirt.io/kvm': '1',
  'devices.kubevirt.io/tun': '1',
  'devices.kubevirt.io/vhost-net': '1',
};

/** vCPUs of a guest; every factor that is missing counts as one. */
export function vcpus(cpu: VmCpu | undefined): number {
  return (cpu?.cores || 1) * (cpu?.sockets || 1) * (cpu?.threads || 1);
}

export function hasVf(vmi: Vmi): boolean {
  return (vmi.spec.domain.devices.interfaces ?? []).some((nic) => nic.sriov !== undefined);
}

/** Bytes that a launcher pod needs beyond its guest's memory. */
export function memoryOverhead(vmi: Vmi): number {
  const { cpu, devices, resources } = vmi.spec.domain;
  const pageTables = parseQuantity(resources?.requests?.['memory'] ?? 0) / 512;
  const mib =
    STATIC_MIB +
    VCPU_MIB * vcpus(cpu) +
    (devices.autoattachGraphicsDevice === false ? 0 : VIDEO_MIB) +
    (hasVf(vmi) ? VFIO_MIB : 0) +
    (isDedicated(vmi) ? DEDICATED_MIB : 0);
  return mib * MIB + pageTables;
}

export function isDedicated(vmi: Vmi): boolean {
  return vmi.spec.domain.cpu?.dedicatedCpuPlacement === true;
}

/** Requests and limits of the `compute` container. */
export function computeResources(vmi: Vmi): Resources {
  const asked = vmi.spec.domain.resources ?? {};
  const memory = memoryOf(vmi);
  const cpu = cpuOf(vmi);
  const limits: Quantities = { ...asked.limits, ...DEVICES, ...memory.huge };
  const requests: Quantities = {
    ...extended(asked.limits),
    ...asked.requests,
    ...DEVICES,
    ...memory.huge,
    cpu,
    memory: memory.plain,
    'ephemeral-storage': '50M',
  };
  if (!isDedicated(vmi)) return { requests, limits };
  return { requests, limits: { ...limits, cpu, memory: memory.plain } };
}

function memoryOf(vmi: Vmi): { plain: string; huge: Quantities } {
  const { memory, resources } = vmi.spec.domain;
  const guest = memory?.guest ?? resources?.requests?.['memory'] ?? 0;
  const overhead = memoryOverhead(vmi);
  const page = memory?.hugepages?.pageSize;
  if (page === undefined) {
    return { plain: formatBytes(parseQuantity(guest) + overhead), huge: {} };
  }
  return { plain: formatBytes(overhead), huge: { [`hugepages-${page}`]: String(guest) } };
}

function cpuOf(vmi: Vmi): string {
  const { cpu, resources } = vmi.spec.domain;
  const count = vcpus(cpu);
  if (!isDedicated(vmi)) return String(resources?.requests?.['cpu'] ?? `${count * 100}m`);
  return String(count + (cpu?.isolateEmulatorThread === true ? 1 : 0));
}

/** The API server copies limits of extended resources into the requests; we render what it stores. */
function extended(limits: Quantities | undefined): Quantities {
  return Object.fromEntries(Object.entries(limits ?? {}).filter(([name]) => name.includes('/')));
}
