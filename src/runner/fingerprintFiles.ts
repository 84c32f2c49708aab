/** What files of /proc and /sys tell of the machine, bounded; what a machine does not have is left out. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the files are; tests have their own. */
export interface Roots {
  proc: string;
  sys: string;
  etc: string;
}

export const SYSTEM: Roots = { proc: '/proc', sys: '/sys', etc: '/etc' };

/** Fields by name; null where the machine does not tell. */
export type Facts = Record<string, string | null>;

const MITIGATIONS = 32;

/** The text of a small file without what surrounds it; null where it cannot be read or is empty. */
export async function fileText(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}

/** Kernel, its command line, operating system, firmware, clock, memory policy, the network stack's own settings. */
export async function systemFacts({ proc, sys, etc }: Roots): Promise<Facts> {
  const read = (root: string, path: string): Promise<string | null> => fileText(join(root, path));
  const files = {
    'kernel.build': read(proc, 'sys/kernel/version'),
    'kernel.cmdline': read(proc, 'cmdline').then(withoutAddresses),
    'os.name': read(etc, 'os-release').then((text) => assignment(text, 'PRETTY_NAME')),
    'firmware.vendor': read(sys, 'class/dmi/id/bios_vendor'),
    'firmware.version': read(sys, 'class/dmi/id/bios_version'),
    'machine.vendor': read(sys, 'class/dmi/id/sys_vendor'),
    'machine.product': read(sys, 'class/dmi/id/product_name'),
    'machine.version': read(sys, 'class/dmi/id/product_version'),
    'clock.source': read(sys, 'devices/system/clocksource/clocksource0/current_clocksource'),
    'memory.transparentHugepages': read(sys, 'kernel/mm/transparent_hugepage/enabled').then(chosen),
    'tcp.congestionControl': read(proc, 'sys/net/ipv4/tcp_congestion_control'),
    'tcp.receiveBuffer': read(proc, 'sys/net/ipv4/tcp_rmem').then(spaced),
    'tcp.sendBuffer': read(proc, 'sys/net/ipv4/tcp_wmem').then(spaced),
    'tcp.timestamps': read(proc, 'sys/net/ipv4/tcp_timestamps'),
    'socket.receiveLimit': read(proc, 'sys/net/core/rmem_max'),
    'socket.sendLimit': read(proc, 'sys/net/core/wmem_max'),
    'socket.busyPoll': read(proc, 'sys/net/core/busy_poll'),
    'queue.discipline': read(proc, 'sys/net/core/default_qdisc'),
  };
  return settled(files);
}

/** CPU model, microcode, number, frequency policy, idle driver, mitigations. */
export async function cpuFacts({ proc, sys }: Roots): Promise<Facts> {
  const cpu = join(sys, 'devices/system/cpu');
  const info = await fileText(join(proc, 'cpuinfo'));
  return {
    'cpu.model': cpuinfo(info, 'model name') ?? cpuinfo(info, 'CPU part'),
    'cpu.stepping': cpuinfo(info, 'stepping'),
    'cpu.microcode': cpuinfo(info, 'microcode'),
    ...(await settled({
      'cpu.online': fileText(join(cpu, 'online')),
      'cpu.smt': fileText(join(cpu, 'smt/active')),
      'cpu.isolated': fileText(join(cpu, 'isolated')),
      'cpu.governor': ofAllCpus(cpu, 'cpufreq/scaling_governor'),
      'cpu.frequencyDriver': ofAllCpus(cpu, 'cpufreq/scaling_driver'),
      'cpu.frequencyLimit': ofAllCpus(cpu, 'cpufreq/scaling_max_freq'),
      'cpu.noTurbo': fileText(join(cpu, 'intel_pstate/no_turbo')),
      'cpu.idleDriver': fileText(join(cpu, 'cpuidle/current_driver')),
      'cpu.haltPoll': fileText(join(sys, 'module/kvm/parameters/halt_poll_ns')),
    })),
    ...(await mitigationFacts(cpu)),
  };
}

/** What sysfs says of the data NIC beside its driver: identity, link, queues, place. */
export async function nicFiles({ sys }: Roots, nic: string): Promise<Facts> {
  const at = join(sys, 'class/net', nic);
  const read = (path: string): Promise<string | null> => fileText(join(at, path));
  const queues = await readdir(join(at, 'queues')).catch((): string[] => []);
  const count = (kind: string): string | null => {
    const found = queues.filter((name) => name.startsWith(`${kind}-`)).length;
    return found === 0 ? null : `${found}`;
  };
  return {
    'nic.receiveQueues': count('rx'),
    'nic.sendQueues': count('tx'),
    ...(await settled({
      'nic.vendor': read('device/vendor'),
      'nic.device': read('device/device'),
      'nic.subsystem': read('device/subsystem_device'),
      'nic.numaNode': read('device/numa_node'),
      'nic.linkSpeed': read('speed').then((speed) => (speed === '-1' ? null : speed)),
      'nic.duplex': read('duplex').then((duplex) => (duplex === 'unknown' ? null : duplex)),
      'nic.pciSpeed': read('device/current_link_speed'),
      'nic.pciWidth': read('device/current_link_width'),
      'nic.sendQueueLength': read('tx_queue_len'),
      'nic.groFlushTimeout': read('gro_flush_timeout'),
      'nic.deferHardIrqs': read('napi_defer_hard_irqs'),
    })),
  };
}

async function mitigationFacts(cpu: string): Promise<Facts> {
  const folder = join(cpu, 'vulnerabilities');
  const names = (await readdir(folder).catch((): string[] => [])).toSorted().slice(0, MITIGATIONS);
  return settled(Object.fromEntries(names.map((name) => [`mitigation.${name}`, fileText(join(folder, name))])));
}

/** The values that the CPUs have, each once. */
async function ofAllCpus(cpu: string, path: string): Promise<string | null> {
  const names = (await readdir(cpu).catch((): string[] => [])).filter((name) => /^cpu\d+$/.test(name));
  const values = await Promise.all(names.map((name) => fileText(join(cpu, name, path))));
  const found = [...new Set(values.filter((value) => value !== null))].toSorted();
  return found.length === 0 ? null : found.join(' ');
}

async function settled(files: Record<string, Promise<string | null>>): Promise<Facts> {
  const entries = Object.entries(files).map(async ([name, text]) => [name, await text] as const);
  return Object.fromEntries(await Promise.all(entries));
}

const cpuinfo = (text: string | null, key: string): string | null =>
  text === null ? null : (new RegExp(`^${key}\\s*:\\s*(.+)$`, 'm').exec(text)?.[1]?.trim() ?? null);

const assignment = (text: string | null, key: string): string | null =>
  text === null ? null : (new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? null);

/** Addresses on a kernel's command line are the machine's own: each trial's guest has others. */
const withoutAddresses = (text: string | null): string | null =>
  text
    ?.replaceAll(/\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b/gi, 'MAC')
    .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?(?![\w.])/g, 'ADDRESS') ?? null;

/** `always [madvise] never` is `madvise`. */
const chosen = (text: string | null): string | null => (text === null ? null : (/\[(\w+)\]/.exec(text)?.[1] ?? text));
const spaced = (text: string | null): string | null => (text === null ? null : text.replaceAll(/\s+/g, ' '));
