/**
 * The refusals of KubeVirt v1.9.0's validating admission that a benchmark's VMIs can meet, in its words.
 * What KubeVirt accepts although it is wrong (duplicate MACs, missing attachments) is accepted here too.
 */
import type { Vmi, VmInterface, VmVolume } from './vmi.ts';
import { parseQuantity } from './quantity.ts';

export interface Cause {
  reason: string;
  message: string;
  field: string;
}

const BINDINGS = ['bridge', 'masquerade', 'sriov', 'passtBinding', 'binding'] as const;
const MODELS = ['virtio', 'e1000', 'e1000e', 'igb', 'ne2k_pci', 'pcnet', 'rtl8139'];
const INLINE_LIMIT = 2048;

/** Why KubeVirt would refuse this VMI; empty where it accepts it. */
export function refusals(vmi: Vmi): Cause[] {
  return [
    ...networkCauses(vmi),
    ...(vmi.spec.domain.devices.interfaces ?? []).flatMap(interfaceCauses),
    ...cpuCauses(vmi),
    ...memoryCauses(vmi),
    ...kernelCauses(vmi),
    ...(vmi.spec.volumes ?? []).flatMap(seedCauses),
  ];
}

const invalid = (field: string, message: string): Cause => ({
  reason: 'FieldValueInvalid',
  field,
  message,
});

function networkCauses(vmi: Vmi): Cause[] {
  const nics = vmi.spec.domain.devices.interfaces ?? [];
  const networks = vmi.spec.networks ?? [];
  const onPod = networks.filter(({ name, pod }) => pod !== undefined && nics.some((nic) => nic.name === name));
  const several = 'more than one interface is connected to a pod network in spec.interfaces';
  const taken = 'Only one interface can be connected to one specific network';
  return [
    ...(onPod.length > 1 ? [invalid('spec.interfaces', several)] : []),
    ...networks.flatMap(({ name }, index) =>
      nics.some((nic) => nic.name === name)
        ? []
        : [invalid(`spec.networks[${index}].name`, `spec.networks[${index}].name '${name}' not found.`)],
    ),
    ...nics.flatMap(({ name }, index) =>
      nics.findIndex((nic) => nic.name === name) === index ? [] : [invalid(nicField(index, 'name'), taken)],
    ),
  ];
}

const nicField = (index: number, field?: string): string =>
  `spec.domain.devices.interfaces[${index}]${field === undefined ? '' : `.${field}`}`;

function interfaceCauses(nic: VmInterface, index: number): Cause[] {
  const causes: Cause[] = [];
  const where = nicField(index, 'name');
  if (BINDINGS.filter((binding) => nic[binding] !== undefined).length !== 1) {
    const message = `logical ${nic.name} interface must have exactly one binding method or binding plugin`;
    causes.push(invalid(nicField(index), message));
  }
  if (!/^[A-Za-z0-9-_]+$/.test(nic.name)) {
    const message =
      'Network interface name can only contain alphabetical characters, numbers, dashes (-) or underscores (_)';
    causes.push(invalid(where, message));
  }
  if (nic.macAddress !== undefined && !/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(nic.macAddress)) {
    const message = `interface ${where} has malformed MAC address (${nic.macAddress}).`;
    causes.push(invalid(nicField(index, 'macAddress'), message));
  }
  if (nic.model !== undefined && !MODELS.includes(nic.model)) {
    const message = `interface ${where} uses model ${nic.model} that is not supported.`;
    causes.push(invalid(nicField(index, 'model'), message));
  }
  return causes;
}

function cpuCauses(vmi: Vmi): Cause[] {
  const { cpu, memory } = vmi.spec.domain;
  const causes: Cause[] = [];
  if (cpu?.isolateEmulatorThread === true && cpu.dedicatedCpuPlacement !== true) {
    const message = 'IsolateEmulatorThread should be only set in combination with DedicatedCPUPlacement';
    causes.push(invalid('spec.domain.cpu.isolateEmulatorThread', message));
  }
  if (cpu?.numa?.guestMappingPassthrough !== undefined && memory?.hugepages === undefined) {
    const field = 'spec.domain.cpu.numa.guestMappingPassthrough';
    const message = `spec.domain.memory.hugepages must be requested when NUMA topology strategy is set in ${field}`;
    causes.push(invalid(field, message));
  }
  return [...causes, ...cpuAmountCauses(vmi)];
}

function cpuAmountCauses(vmi: Vmi): Cause[] {
  const { cpu, resources } = vmi.spec.domain;
  const request = resources?.requests?.['cpu'];
  const limit = resources?.limits?.['cpu'];
  const causes: Cause[] = [];
  if (request !== undefined && limit !== undefined && parseQuantity(request) > parseQuantity(limit)) {
    const field = 'spec.domain.resources.requests.cpu';
    const message = `${field} '${request}' is greater than spec.domain.resources.limits.cpu '${limit}'`;
    causes.push(invalid(field, message));
  }
  if (cpu?.dedicatedCpuPlacement === true && cpu.cores !== undefined && differs(cpu.cores, request, limit)) {
    const message =
      'spec.domain.resources.requests.cpu or spec.domain.resources.limits.cpu must not be provided at the same time ' +
      'with spec.domain.cpu.cores when DedicatedCPUPlacement is true';
    causes.push(invalid('spec.domain.cpu.dedicatedCpuPlacement', message));
  }
  return causes;
}

function differs(cores: number, ...given: (string | number | undefined)[]): boolean {
  return given.some((each) => each !== undefined && parseQuantity(each) !== cores);
}

function memoryCauses(vmi: Vmi): Cause[] {
  const { memory, resources } = vmi.spec.domain;
  const request = resources?.requests?.['memory'];
  const page = memory?.hugepages?.pageSize;
  if (memory?.guest === undefined && page === undefined && request === undefined) {
    const message =
      "no memory requested, at least one of 'spec.domain.memory.guest', 'spec.domain.memory.hugepages.pageSize' or 'spec.domain.resources.requests.memory' must be set";
    return [invalid('', message)];
  }
  if (page === undefined) return [];
  const guest = request ?? memory?.guest ?? 0;
  if (parseQuantity(guest) % parseQuantity(page) === 0) return [];
  const field = 'spec.domain.resources.requests.memory';
  const size = 'spec.domain.memory.hugepages.pageSize';
  const message = `${field} '${request ?? 0}' is not a multiple of the page size ${size} '${page}'`;
  return [invalid(field, message)];
}

function kernelCauses(vmi: Vmi): Cause[] {
  const boot = vmi.spec.domain.firmware?.kernelBoot;
  if (boot === undefined) return [];
  const causes: Cause[] = [];
  const root = 'spec.domain.firmware.kernelBoot';
  if (boot.kernelArgs !== undefined && boot.container?.kernelPath === undefined) {
    const message = 'kernel arguments cannot be provided without an external kernel';
    causes.push(invalid(`${root}.kernelArgs`, message));
  }
  for (const part of ['kernelPath', 'initrdPath'] as const) {
    const path = boot.container?.[part];
    if (path === undefined || (path.startsWith('/') && !path.split('/').includes('..'))) continue;
    const field = `${root}.container.${part}`;
    causes.push(invalid(field, `${field} must be an absolute path to a file without relative components`));
  }
  return causes;
}

function seedCauses(volume: VmVolume, index: number): Cause[] {
  const seed = volume.cloudInitNoCloud;
  if (seed === undefined) return [];
  const field = `spec.volumes[${index}].cloudInitNoCloud`;
  const causes: Cause[] = [];
  const users = [seed.secretRef, seed.userData, seed.userDataBase64].filter((each) => each !== undefined);
  if (users.length > 1) causes.push(invalid(field, `${field} must have only one userdatasource set.`));
  const tooLong = (what: string, hint: string): Cause =>
    invalid(field, `${field} ${what} exceeds ${INLINE_LIMIT} byte limit. Should use ${hint} for larger data.`);
  if (bytes(seed.userData) > INLINE_LIMIT) causes.push(tooLong('userdata', 'UserDataSecretRef'));
  if (bytes(seed.networkData) > INLINE_LIMIT) causes.push(tooLong('networkdata', 'NetworkDataSecretRef'));
  return causes;
}

function bytes(text: string | undefined): number {
  return Buffer.byteLength(text ?? '');
}
