/** QEMU's command line for a guest. Pure. */
import type { VmOptions } from './types.ts';

/** Where the data NIC's frames go: a TAP of the pod, or datagrams on two unix sockets. */
export type FramePath = { kind: 'tap'; name: string } | { kind: 'datagram'; local: string; remote: string };

export interface Machine {
  accelerator: 'kvm' | 'tcg';
  kernel: string;
  initrd: string;
  rootImage: string;
  /** ISO 9660 image with the NoCloud files. */
  seed: string;
  /** Path of the control socket that QEMU makes. */
  qmp: string;
  frames: FramePath;
  /** Bytes, of the data NIC. */
  mtu: number;
}

type Vm = Pick<VmOptions, 'cores' | 'memoryMiB' | 'data' | 'managementMac' | 'disks'>;

/** Speed only: the guest measures in a sandbox and runs nothing but its runner. */
const FAST = ['mitigations=off', 'nokaslr', 'no_timer_check', 'cryptomgr.notests'];

/** Arguments after `qemu-system-x86_64`. The console is on standard output. */
export function qemuArguments(machine: Machine, vm: Vm): string[] {
  return [
    ['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-vga', 'none'],
    ['-machine', 'q35', '-cpu', 'max', '-smp', String(vm.cores), '-m', String(vm.memoryMiB)],
    ['-accel', machine.accelerator === 'kvm' ? 'kvm' : 'tcg,thread=multi'],
    ['-kernel', machine.kernel, '-initrd', machine.initrd, '-append', kernelCommandLine(vm)],
    ['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
    ['-qmp', `unix:${machine.qmp},server=on,wait=off`],
    ['-device', 'virtio-rng-pci'],
    disk('root', machine.rootImage),
    ...(vm.disks ?? []).map(({ serial }, index) => disk(`disk${index}`, machine.rootImage, serial)),
    disk('seed', machine.seed),
    managementNic(vm.managementMac),
    dataNic(machine, vm),
  ].flat();
}

/** The kernel's command line; a VF guest makes its VF by it (see the guest's init). */
export function kernelCommandLine(vm: Pick<Vm, 'data'>): string {
  const vf = vm.data.kind === 'Vf' ? [`vfbench.vf=${vm.data.mac}`] : [];
  return ['console=ttyS0', 'quiet', 'panic=-1', ...FAST, ...vf].join(' ');
}

/** Several guests share the root image, hence no locks. */
function disk(id: string, file: string, serial?: string): string[] {
  const drive = `id=${id},file=${escape(file)},if=none,format=raw,readonly=on,file.locking=off`;
  const named = serial === undefined ? '' : `,serial=${escape(serial)}`;
  return ['-drive', drive, '-device', `virtio-blk-pci,drive=${id}${named}`];
}

/** User-mode network: the guest reaches what the pod reaches, under the pod's address, as with `masquerade`. */
function managementNic(mac: string | undefined): string[] {
  const device = `virtio-net-pci,netdev=mgmt,romfile=${mac === undefined ? '' : `,mac=${mac}`}`;
  return ['-netdev', 'user,id=mgmt,ipv6=off', '-device', device];
}

function dataNic(machine: Machine, vm: Vm): string[] {
  if (vm.data.kind === 'Vf') return sriovNic(machine, vm.data.mac);
  const queues = vm.data.multiqueue && machine.frames.kind === 'tap' ? vm.cores : 1;
  const multiqueue = queues > 1 ? `,mq=on,vectors=${2 * queues + 2}` : '';
  const device = `virtio-net-pci,netdev=data,mac=${vm.data.mac},host_mtu=${machine.mtu},romfile=${multiqueue}`;
  return [...netdev(machine.frames, queues), '-device', device];
}

/** A physical function behind a root port; the guest's own VF is made on it. The two must differ in MAC. */
function sriovNic(machine: Machine, vfMac: string): string[] {
  const port = ['-device', 'pcie-root-port,id=rp1,chassis=1,slot=1'];
  const device = `igb,netdev=data,bus=rp1,mac=${physicalFunctionMac(vfMac)},romfile=`;
  return [...netdev(machine.frames, 1), ...port, '-device', device];
}

function netdev(frames: FramePath, queues: number): string[] {
  if (frames.kind === 'tap') {
    const many = queues > 1 ? `,queues=${queues}` : '';
    return ['-netdev', `tap,id=data,ifname=${frames.name},script=no,downscript=no,vhost=off${many}`];
  }
  const local = `local.type=unix,local.path=${escape(frames.local)}`;
  return ['-netdev', `dgram,id=data,${local},remote.type=unix,remote.path=${escape(frames.remote)}`];
}

/** Another MAC than the VF's, derived from it. */
export function physicalFunctionMac(vfMac: string): string {
  const bytes = vfMac.split(':').map((byte) => Number.parseInt(byte, 16));
  bytes[4] = (bytes[4] ?? 0) ^ 0x80;
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Commas separate options in QEMU's arguments; a doubled one is itself. */
const escape = (path: string): string => path.replaceAll(',', ',,');
