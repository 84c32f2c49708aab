/** Says whether this machine can hold a substrate, and where not, what is missing and how to get it. */
import { readFile } from 'node:fs/promises';
import { Namespaces } from './namespaces.ts';
import type { HostTools } from './types.ts';

export interface SubstrateCheck {
  ok: boolean;
  /** One sentence each: what is missing, and how to get it. Empty when ok. */
  missing: string[];
  /** What is slower or less than it could be; the sandbox works all the same. */
  notes: string[];
  accelerator: 'kvm' | 'tcg';
  dataPath: 'tap' | 'packet';
}

/** Makes namespaces once, looks, and ends them. */
export async function checkSubstrate(tools: HostTools): Promise<SubstrateCheck> {
  if (process.platform !== 'linux') return refused(['The sandbox needs Linux.']);
  if (process.arch !== 'x64')
    return refused(['The sandbox needs an x86-64 machine: its emulated SR-IOV NIC is for that.']);
  try {
    const namespaces = await Namespaces.create(tools);
    const found = await probe(namespaces, tools);
    await namespaces.close();
    return { ok: true, missing: [], notes: notesFor(found), ...found };
  } catch (error) {
    return refused(whyRefused(error instanceof Error ? error.message : String(error), await readSettings()));
  }
}

type Found = Pick<SubstrateCheck, 'accelerator' | 'dataPath'>;

/** Tries the real thing, since device files may be there and not work. */
export async function probe(namespaces: Namespaces, tools: HostTools): Promise<Found> {
  const tap = await namespaces.run([...tools.ip, '-batch', '-'], 'tuntap add name probe mode tap\nlink del probe\n');
  const quit = '{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n';
  const machine = ['-machine', 'q35', '-cpu', 'max', '-nodefaults', '-display', 'none', '-S', '-qmp', 'stdio'];
  const kvm = await namespaces.run([...tools.qemu, '-accel', 'kvm', ...machine], quit);
  return { accelerator: kvm.code === 0 ? 'kvm' : 'tcg', dataPath: tap.code === 0 ? 'tap' : 'packet' };
}

function notesFor(found: Found): string[] {
  const notes: string[] = [];
  if (found.accelerator === 'tcg') {
    notes.push('KVM does not work here (/dev/kvm is missing, closed to you, or broken): guests are emulated, slowly.');
  }
  if (found.dataPath === 'packet') {
    notes.push('/dev/net/tun cannot be opened: the data NICs of guests go through packet sockets, which is slower.');
  }
  return notes;
}

/** Values of the kernel's switches for user namespaces; null where the kernel has no such switch. */
export interface NamespaceSettings {
  unprivilegedClone: string | null;
  apparmorRestricts: string | null;
  maxUserNamespaces: string | null;
}

async function readSettings(): Promise<NamespaceSettings> {
  const read = (name: string): Promise<string | null> =>
    readFile(`/proc/sys/${name}`, 'utf8').then(
      (text) => text.trim(),
      () => null,
    );
  return {
    unprivilegedClone: await read('kernel/unprivileged_userns_clone'),
    apparmorRestricts: await read('kernel/apparmor_restrict_unprivileged_userns'),
    maxUserNamespaces: await read('user/max_user_namespaces'),
  };
}

/** The refusal in words, from what the kernel said and how its switches stand. */
export function whyRefused(said: string, settings: NamespaceSettings): string[] {
  if (settings.maxUserNamespaces === '0') {
    return ['User namespaces are switched off; to allow them: sudo sysctl user.max_user_namespaces=15000'];
  }
  if (settings.unprivilegedClone === '0') {
    const how = 'sudo sysctl kernel.unprivileged_userns_clone=1, or run as root';
    return [`User namespaces are for root only here; to allow them: ${how}`];
  }
  if (settings.apparmorRestricts === '1') {
    const how = 'sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run as root';
    return [`AppArmor restricts user namespaces here; to allow them: ${how}`];
  }
  if (/mount.*proc/.test(said)) {
    const how =
      'in a container, --privileged, or --security-opt seccomp=unconfined --security-opt systempaths=unconfined';
    return [`A fresh /proc may not be mounted here (${how}): ${said}`];
  }
  const how = 'in a container, run it with --privileged; on a machine, see user_namespaces(7)';
  return [`This system refuses the namespaces that the sandbox lives in (${how}): ${said}`];
}

const refused = (missing: string[]): SubstrateCheck => ({
  ok: false,
  missing,
  notes: [],
  accelerator: 'tcg',
  dataPath: 'packet',
});
