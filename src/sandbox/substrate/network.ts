/**
 * The sandbox's network as `ip -batch` texts: a management bridge that every pod has its eth0 on, and for each
 * node a data bridge in a namespace of its own, wired to the other nodes' bridges. Pure.
 */

import type { Wire } from './types.ts';

export const GATEWAY = '10.244.0.1';
const PREFIX = 16;
/** Pods count from here; what is below is the substrate's. */
const FIRST_POD_ADDRESS = 256;
export const MANAGEMENT_BRIDGE = 'mgmt';
export const NODE_BRIDGE = 'br-data';
/** Where nodes are wired together when there are more than two. */
const SWITCH = 'wires';
/** Data NIC of a VM's pod, and what KubeVirt puts between it and the guest. */
export const VM_NIC = 'net1';
export const VM_BRIDGE = 'k6t-net1';
export const VM_TAP = 'tap1';

/** No spanning tree, no snooping, nothing to wait for: a frame passes from the first moment. */
const BRIDGE = 'type bridge stp_state 0 forward_delay 0 mcast_snooping 0';
/** Keeps the kernel from sending IPv6 neighbour discovery of its own into the measured network. */
const QUIET = 'addrgenmode none';

export const nodeNamespace = (node: number): string => `node${node}`;
export const podNamespace = (pod: number): string => `pod${pod}`;
/** The management network's end outside the pod. */
export const managementLink = (pod: number): string => `m${pod}`;
/** The node's end of a pod's data NIC; `nic` counts the NICs of the pod. */
export const dataLink = (pod: number, nic: number): string => `d${pod}-${nic}`;

/** Address of a pod on the management network; throws when all are used. */
export function podAddress(pod: number): string {
  const host = FIRST_POD_ADDRESS + pod;
  if (host > 0xfffe) throw new RangeError('no management addresses left');
  return `10.244.${host >> 8}.${host & 0xff}`;
}

/** In the root network namespace, once. */
export function hubBatch(nodes: number, mtu: number): string {
  const lines = [
    'link set lo up',
    ...bridge(MANAGEMENT_BRIDGE, 1500, '02:76:66:00:00:01'),
    `addr add ${GATEWAY}/${PREFIX} dev ${MANAGEMENT_BRIDGE}`,
  ];
  for (let node = 0; node < nodes; node++) lines.push(`netns add ${nodeNamespace(node)}`);
  return batch([...lines, ...wires(nodes, mtu)]);
}

/** Two nodes are wired back to back; more meet at a switch. */
function wires(nodes: number, mtu: number): string[] {
  if (nodes === 2) {
    return [`link add wire netns node0 mtu ${mtu} type veth peer name wire netns node1 mtu ${mtu}`];
  }
  if (nodes < 2) return [];
  const lines = bridge(SWITCH, mtu, '02:76:66:00:00:02');
  for (let node = 0; node < nodes; node++) {
    lines.push(`link add w${node} mtu ${mtu} type veth peer name wire netns ${nodeNamespace(node)} mtu ${mtu}`);
    lines.push(`link set w${node} ${QUIET} master ${SWITCH} up`);
  }
  return lines;
}

/** In a node's namespace, once. */
export function nodeBatch(node: number, nodes: number, mtu: number): string {
  const mac = `02:76:66:01:${hex(node >> 8)}:${hex(node)}`;
  const wire = nodes < 2 ? [] : [`link set wire ${QUIET} master ${NODE_BRIDGE} up`];
  return batch(['link set lo up', ...bridge(NODE_BRIDGE, mtu, mac), ...wire]);
}

/** In the root namespace: a pod's namespace and its eth0. */
export function podHubBatch(pod: number): string {
  const outer = managementLink(pod);
  return batch([
    `netns add ${podNamespace(pod)}`,
    `link add ${outer} type veth peer name eth0 netns ${podNamespace(pod)}`,
    `link set ${outer} ${QUIET} master ${MANAGEMENT_BRIDGE} up`,
  ]);
}

/** In the pod's namespace. */
export function podBatch(pod: number): string {
  return batch([
    'link set lo up',
    `link set eth0 ${QUIET} up`,
    `addr add ${podAddress(pod)}/${PREFIX} dev eth0`,
    `route add default via ${GATEWAY}`,
  ]);
}

export interface DataNic {
  pod: number;
  nic: number;
  interface: string;
  mac: string;
  mtu: number;
}

/** In the node's namespace: a veth from its bridge into the pod. */
export function dataNodeBatch(data: DataNic): string {
  const outer = dataLink(data.pod, data.nic);
  const inner = `name ${data.interface} netns ${podNamespace(data.pod)} address ${data.mac} mtu ${data.mtu}`;
  return batch([
    `link add ${outer} mtu ${data.mtu} type veth peer ${inner}`,
    `link set ${outer} ${QUIET} master ${NODE_BRIDGE} up`,
  ]);
}

/** Bytes of the narrow wire's MTU; the least that IPv6 takes. */
const NARROW_MTU = 1280;

/**
 * In the node's namespace: what becomes of frames between a pod's data NIC and the node's bridge. The NIC itself keeps
 * link and MTU, as where a switch on the way is at fault; a port drops without a word what exceeds its MTU.
 */
export function wireNodeBatch(pod: number, nic: number, wire: Wire, mtu: number): string {
  const port = dataLink(pod, nic);
  const end = wire === 'Cut' ? 'nomaster' : `master ${NODE_BRIDGE}`;
  return batch([`link set ${port} mtu ${wire === 'Narrow' ? NARROW_MTU : mtu} ${end}`]);
}

/** Bytes both ways, of the JSON that `ip -s -j link show` prints of one link. */
export function carriedBytes(json: string): number {
  const [link] = JSON.parse(json) as { stats64: Record<'rx' | 'tx', { bytes: number }> }[];
  return link === undefined ? 0 : link.stats64.rx.bytes + link.stats64.tx.bytes;
}

/** In the namespace of a native pod: the data NIC with its addresses (prefix length included). */
export function dataPodBatch(nic: string, addresses: readonly string[]): string {
  const hasIpv6 = addresses.some((address) => address.includes(':'));
  return batch([
    `link set ${nic}${hasIpv6 ? '' : ` ${QUIET}`} up`,
    ...addresses.map((address) => `addr add ${address} dev ${nic}${address.includes(':') ? ' nodad' : ''}`),
  ]);
}

/** In the namespace of a VM's pod: what carries frames between its data NIC and the guest's. */
export function vmPodBatch(mtu: number, multiqueue: boolean): string {
  return batch([
    ...bridge(VM_BRIDGE, mtu, '02:76:66:02:00:00'),
    `link set ${VM_NIC} ${QUIET} master ${VM_BRIDGE} up`,
    `tuntap add name ${VM_TAP} mode tap vnet_hdr${multiqueue ? ' multi_queue' : ''}`,
    `link set ${VM_TAP} mtu ${mtu} ${QUIET} master ${VM_BRIDGE} up`,
  ]);
}

/** The same without TAPs: frames are taken from the data NIC itself. */
export const packetPodBatch = (): string => batch([`link set ${VM_NIC} ${QUIET} promisc on up`]);

function bridge(name: string, mtu: number, mac: string): string[] {
  return [`link add ${name} address ${mac} mtu ${mtu} ${BRIDGE}`, `link set ${name} ${QUIET} up`];
}

const batch = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
const hex = (value: number): string => (value & 0xff).toString(16).padStart(2, '0');
