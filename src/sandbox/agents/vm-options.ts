/** What a VMI means for QEMU: size, NICs, and the NoCloud seed out of its Secrets. */
import type { VmOptions } from '../substrate/types.ts';
import { podInterfaceName } from './launcher.ts';
import { vcpus } from './launcher-resources.ts';
import type { ReadData } from './mounts.ts';
import type { NetworkStatus } from './network-status.ts';
import type { CloudInitSource, Vmi } from './vmi.ts';
import { parseQuantity } from './quantity.ts';

const MIB = 2 ** 20;

export interface VmContext {
  read: ReadData;
  /** What Multus made for the launcher pod. */
  network: NetworkStatus[];
  /** The data NIC gets another MAC than the guest is told, so that it is not found. */
  hideNic: boolean;
}

/** Everything about a guest but where its console goes. Rejects where the VMI has no data NIC or a Secret is missing. */
export async function vmOptions(vmi: Vmi, context: VmContext): Promise<Omit<VmOptions, 'onConsole'>> {
  const { domain } = vmi.spec;
  const management = domain.devices.interfaces?.find((nic) => nic.masquerade !== undefined)?.macAddress;
  return {
    cores: vcpus(domain.cpu),
    memoryMiB: Math.floor(
      parseQuantity(domain.memory?.guest ?? domain.resources?.requests?.['memory'] ?? '256Mi') / MIB,
    ),
    data: dataNic(vmi, context),
    ...(management === undefined ? {} : { managementMac: management }),
    ...furtherDisks(vmi),
    ...(await seed(vmi, context.read)),
  };
}

/** Images beside the one it boots from: here each of them is the guest's. */
function furtherDisks(vmi: Vmi): Pick<VmOptions, 'disks'> {
  const images = (vmi.spec.volumes ?? []).filter(({ containerDisk }) => containerDisk !== undefined);
  const disks = images.slice(1).map(({ name }) => {
    const serial = vmi.spec.domain.devices.disks?.find((disk) => disk.name === name)?.['serial'];
    return { serial: typeof serial === 'string' ? serial : '' };
  });
  return disks.length === 0 ? {} : { disks };
}

function dataNic(vmi: Vmi, { network, hideNic }: VmContext): VmOptions['data'] {
  const networks = vmi.spec.networks ?? [];
  const { interfaces = [], networkInterfaceMultiqueue: multiqueue = false } = vmi.spec.domain.devices;
  const nic = interfaces.find(({ name }) => networks.some((each) => each.name === name && each.multus !== undefined));
  if (nic === undefined) throw new Error('The sandbox boots guests with a Multus network only');
  const made = network.find((each) => each.interface === podInterfaceName(nic.name))?.mac;
  const mac = nic.macAddress ?? made ?? '02:00:00:00:00:01';
  const real = hideNic ? anotherMac(mac) : mac;
  return nic.sriov === undefined ? { kind: 'Virtio', mac: real, multiqueue } : { kind: 'Vf', mac: real };
}

function anotherMac(mac: string): string {
  const last = Number.parseInt(mac.slice(-2), 16) ^ 0xff;
  return `${mac.slice(0, -2)}${last.toString(16).padStart(2, '0')}`;
}

async function seed(vmi: Vmi, read: ReadData): Promise<{ userData: string; networkData: string }> {
  const source = vmi.spec.volumes?.find((volume) => volume.cloudInitNoCloud !== undefined)?.cloudInitNoCloud ?? {};
  return {
    userData: await part(source, read, ['secretRef', 'userData', 'userDataBase64'], ['userdata', 'userData']),
    networkData: await part(
      source,
      read,
      ['networkDataSecretRef', 'networkData', 'networkDataBase64'],
      ['networkdata', 'networkData'],
    ),
  };
}

async function part(
  source: CloudInitSource,
  read: ReadData,
  [ref, inline, base64]:
    ['secretRef', 'userData', 'userDataBase64'] | ['networkDataSecretRef', 'networkData', 'networkDataBase64'],
  keys: [string, string],
): Promise<string> {
  const secret = source[ref];
  if (secret === undefined) return source[inline] ?? Buffer.from(source[base64] ?? '', 'base64').toString('utf8');
  const data = await read('secret', secret.name);
  const text = data?.[keys[0]] ?? data?.[keys[1]];
  if (text === undefined) throw new Error(`no cloud-init ${keys[0]} found in secret ${secret.name}`);
  return text;
}
