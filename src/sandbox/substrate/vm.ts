/** One guest in a pod: seed, TAP and bridge as KubeVirt's bridge binding makes them, QEMU. */
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { inNamespace, ipBatch, type Context } from './context.ts';
import { isoImage } from './iso9660.ts';
import { packetPodBatch, VM_NIC, VM_TAP, vmPodBatch } from './network.ts';
import { qemuArguments, type FramePath } from './qemu.ts';
import { pressPowerButton } from './qmp.ts';
import type { Child, VmOptions } from './types.ts';

const SOCKET_TIMEOUT_MS = 10_000;
/** Larger than any frame. */
const FRAME_BUFFER = 70_000;

interface Place {
  pod: number;
  namespace: string;
  folder: string;
}

/** The pod's data NIC must be there. `helpers` run beside QEMU and end when killed. */
export async function startVm(
  context: Context,
  place: Place,
  opts: VmOptions,
): Promise<{ vm: Child; helpers: Child[] }> {
  const { folder, namespace } = place;
  const seed = join(folder, 'seed.iso');
  await writeFile(seed, seedImage(place.pod, opts), { mode: 0o600 });
  const frames = framePath(context, folder);
  const batch = frames.kind === 'tap' ? vmPodBatch(context.options.mtu, isMultiqueue(opts)) : packetPodBatch();
  await ipBatch(context, namespace, batch);
  const { vmlinux, initrd } = context.options.guest;
  const { accelerator, rootImage } = context;
  const qmp = join(folder, 'qmp');
  const machine = { accelerator, kernel: vmlinux, initrd, rootImage, seed, qmp, frames, mtu: context.options.mtu };
  const argv = inNamespace(context, namespace, [...context.options.tools.qemu, ...qemuArguments(machine, opts)]);
  const env = { PATH: '/usr/sbin:/usr/bin', HOME: folder };
  const qemu = await context.namespaces.spawn(argv, {
    env,
    inner: false,
    onLine: (text) => opts.onConsole(plain(text)),
  });
  const helpers = frames.kind === 'tap' ? [] : [await joinFrames(context, place, frames)];
  const vm = { pid: qemu.pid, exited: qemu.exited, kill: () => qemu.kill(), powerDown: () => pressPowerButton(qmp) };
  return { vm, helpers };
}

function seedImage(pod: number, opts: VmOptions): Buffer {
  return isoImage('cidata', {
    'user-data': opts.userData,
    'meta-data': `instance-id: pod${pod}\n`,
    'network-config': opts.networkData,
  });
}

/** A console's line without what only a terminal understands. */
const plain = (text: string): string => stripVTControlCharacters(text).replaceAll(/[\p{Cc}]/gu, '');

/** As many queues as cores, and one queue is not many. */
const isMultiqueue = (opts: VmOptions): boolean =>
  opts.data.kind === 'Virtio' && opts.data.multiqueue && opts.cores > 1;

function framePath(context: Context, folder: string): FramePath {
  if (context.dataPath === 'tap') return { kind: 'tap', name: VM_TAP };
  return { kind: 'datagram', local: join(folder, 'guest'), remote: join(folder, 'wire') };
}

/** Without TAPs: a process that passes frames between a packet socket on the data NIC and QEMU's datagrams. */
async function joinFrames(context: Context, place: Place, frames: FramePath & { kind: 'datagram' }): Promise<Child> {
  await waitForFile(frames.local);
  const ends = [`UNIX-SENDTO:${frames.local},bind=${frames.remote}`, `INTERFACE:${VM_NIC}`];
  const argv = [...context.options.tools.socat, '-b', String(FRAME_BUFFER), ...ends];
  const env = { PATH: '/usr/sbin:/usr/bin' };
  const onLine = (text: string): void => context.options.log.debug({ text }, 'Frame path says');
  return context.namespaces.spawn(inNamespace(context, place.namespace, argv), { env, inner: false, onLine });
}

async function waitForFile(path: string): Promise<void> {
  const deadline = Date.now() + SOCKET_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return;
    await sleep(10);
  }
  throw new Error('QEMU did not open its data socket in time');
}
