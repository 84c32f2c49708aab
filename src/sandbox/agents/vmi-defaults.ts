/** What KubeVirt v1.9.0's mutating admission adds to a VMI when it is created. Pure. */
import { vcpus } from './launcher-resources.ts';
import { timestamp } from './objects.ts';
import type { VmCpu, VmDomain, Vmi, VmVolume } from './vmi.ts';
import { formatBytes, parseQuantity } from './quantity.ts';

export const FINALIZER = 'kubevirt.io/foregroundDeleteVirtualMachine';
/** How far KubeVirt lets a guest grow while it runs, unless told otherwise. */
const HOTPLUG_RATIO = 4;
const GIB = 2 ** 30;

/** The VMI as it is stored: defaults filled in, finalizer set, status begun. `uuid` is the firmware's, if none is given. */
export function withDefaults(vmi: Vmi, now: Date, uuid: string): Vmi {
  const { metadata, spec } = vmi;
  const domain = defaultDomain(spec.domain, uuid);
  return {
    ...vmi,
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, 'kubevirt.io/pci-topology-version': 'v3' },
      finalizers: [...(metadata.finalizers ?? []).filter((each) => each !== FINALIZER), FINALIZER],
    },
    spec: {
      architecture: 'amd64',
      evictionStrategy: 'None',
      ...spec,
      domain,
      ...(spec.volumes === undefined ? {} : { volumes: spec.volumes.map(defaultVolume) }),
    },
    status: {
      currentCPUTopology: topology(domain.cpu),
      guestOSInfo: {},
      memory: memoryStatus(domain),
      phase: 'Pending',
      phaseTransitionTimestamps: [{ phase: 'Pending', phaseTransitionTimestamp: timestamp(now) }],
      runtimeUser: 107,
    },
  };
}

function defaultDomain(domain: VmDomain, uuid: string): VmDomain {
  const cpu: VmCpu = { model: 'host-model', ...(domain.cpu ?? { cores: 1, sockets: 1, threads: 1 }) };
  const maxSockets = cpu.maxSockets ?? (cpu.sockets ?? 0) * HOTPLUG_RATIO;
  return {
    ...domain,
    cpu: maxSockets === 0 ? cpu : { ...cpu, maxSockets },
    features: { ...domain.features, acpi: { enabled: true, ...domain.features?.acpi } },
    firmware: { uuid, ...domain.firmware },
    machine: domain.machine ?? { type: 'q35' },
    ...maxGuest(domain),
    resources: domain.resources ?? {},
  };
}

/** Memory can grow only from 1 GiB on, and not where the guest's NUMA mirrors the host's. */
function maxGuest(domain: VmDomain): Pick<VmDomain, 'memory'> {
  const { memory, cpu } = domain;
  if (memory === undefined) return {};
  const bytes = parseQuantity(memory.guest ?? 0);
  const fixed = cpu?.numa?.guestMappingPassthrough !== undefined || memory.maxGuest !== undefined;
  if (fixed || bytes < GIB) return { memory };
  return { memory: { ...memory, maxGuest: formatBytes(bytes * HOTPLUG_RATIO) } };
}

function defaultVolume(volume: VmVolume): VmVolume {
  const disk = volume.containerDisk;
  if (disk === undefined || disk.imagePullPolicy !== undefined) return volume;
  const latest = !disk.image.includes('@') && !/:(?!latest$)[^/]+$/.test(disk.image);
  return {
    ...volume,
    containerDisk: { ...disk, imagePullPolicy: latest ? 'Always' : 'IfNotPresent' },
  };
}

function topology(cpu: VmCpu | undefined): Record<string, number> {
  const given = { cores: cpu?.cores, sockets: cpu?.sockets, threads: cpu?.threads };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, count]) => (count === undefined ? [] : [[name, count]])),
  );
}

function memoryStatus(domain: VmDomain): Record<string, string | number> {
  const guest = domain.memory?.guest ?? domain.resources?.requests?.['memory'];
  if (guest === undefined) return {};
  return { guestAtBoot: guest, guestCurrent: guest, guestRequested: guest };
}

/** Queues of a virtio NIC: one per vCPU where the VMI asks for several, at most 256. */
export function queueCount(vmi: Vmi): number {
  const { cpu, devices } = vmi.spec.domain;
  return devices.networkInterfaceMultiqueue === true ? Math.min(vcpus(cpu), 256) : 1;
}
