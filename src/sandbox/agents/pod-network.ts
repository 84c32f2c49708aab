/** Multus and the CNI plugins at work on one pod: loads its attachments, makes them, and reports what it made. */
import { createHash } from 'node:crypto';
import type { AttachOptions, PodSandbox } from '../substrate/types.ts';
import type { DevicePool } from './devices.ts';
import { addError, type Delegate, loadDelegates, type NetworkContext } from './multus.ts';
import { attachmentStatus, defaultStatus, type NetworkStatus } from './network-status.ts';
import type { Pod } from './objects.ts';

export interface PodNetwork {
  pod: Pod;
  sandbox: PodSandbox;
  pools: DevicePool[];
  attachment: NetworkContext['attachment'];
  /** False for launcher pods, whose NICs belong to the guest, and where a fault keeps the NIC away. */
  wire: boolean;
  mtu: number;
  /** Told of each interface that was added: name, addresses with prefix, network. */
  onAdded(nic: string, addresses: string[], network: string): void;
}

/**
 * Attaches a pod to all its networks; the default one is there with the sandbox.
 * @throws CniError in the words of Multus where it cannot; attachments made before stay, and are not made again
 * (`done` remembers them by interface name).
 */
export async function makeNetwork(network: PodNetwork, done: Map<string, NetworkStatus>): Promise<NetworkStatus[]> {
  const { pod, sandbox } = network;
  const delegates = loadDelegates(pod, { attachment: network.attachment, devices: heldDevices(network) });
  done.set('eth0', defaultStatus(sandbox.ip, macOf(sandbox.ip)));
  // At each try: it is a new sandbox for a kubelet.
  network.onAdded('eth0', [`${sandbox.ip}/24`], 'cbr0');
  for (const load of delegates) {
    const delegate = load();
    const nic = delegate.selection.interface;
    if (done.has(nic)) continue;
    done.set(nic, await attach(network, delegate));
    network.onAdded(nic, delegate.addresses, `${delegate.selection.namespace}/${delegate.selection.name}`);
  }
  return [...done.values()];
}

function heldDevices({ pod, pools }: PodNetwork): NetworkContext['devices'] {
  return pools.flatMap((pool) =>
    pool.heldBy(pod.metadata.uid ?? '').map((address) => ({ resource: pool.resource, driver: pool.driver, address })),
  );
}

async function attach(network: PodNetwork, delegate: Delegate): Promise<NetworkStatus> {
  const { pod, pools, sandbox } = network;
  const mtu = delegate.mtu ?? network.mtu;
  lock(pod, pools, delegate);
  const mac = delegate.selection.mac ?? hashedMac(`${pod.metadata.uid ?? ''}/${delegate.selection.interface}`);
  if (!network.wire || delegate.device?.driver === 'vfio') return attachmentStatus(delegate, { mac, mtu });
  try {
    return attachmentStatus(delegate, await sandbox.attach(attachOptions(delegate, mtu)));
  } catch (error) {
    throw addError(pod, delegate.configName, error instanceof Error ? error.message : String(error));
  }
}

/** sriov-cni locks a VF's PCI address from ADD to DEL, whatever the device plugin believes. */
function lock(pod: Pod, pools: DevicePool[], { device, configName }: Delegate): void {
  if (device === undefined) return;
  const pool = pools.find((each) => each.heldBy(pod.metadata.uid ?? '').includes(device.address));
  if (pool?.lock(device.address, pod.metadata.uid ?? '') === true) return;
  throw addError(pod, configName, alreadyAllocated(device.address));
}

/** How sriov-cni refuses a VF that it has for another pod still. */
export const alreadyAllocated = (address: string): string =>
  `SRIOV-CNI failed to load netconf: pci address ${address} is already allocated`;

function attachOptions({ selection, type, addresses }: Delegate, mtu: number): AttachOptions {
  return {
    interface: selection.interface,
    kind: type === 'sriov' ? 'Vf' : 'Bridge',
    addresses,
    mtu,
    ...(selection.mac === undefined ? {} : { mac: selection.mac }),
  };
}

/** eth0's MAC holds its address, as some network plugins have it. */
function macOf(ip: string): string {
  const bytes = ip.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['0a', '58', ...bytes].join(':');
}

function hashedMac(seed: string): string {
  const hash = createHash('sha256').update(seed).digest('hex');
  return ['02', ...(hash.slice(0, 10).match(/../g) ?? [])].join(':');
}
