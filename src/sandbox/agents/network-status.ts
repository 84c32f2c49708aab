/** The annotations that tell which networks a pod got: Multus' network-status, and KubeVirt's network-info from it. */
import type { Delegate } from './multus.ts';
import type { Vmi } from './vmi.ts';
import { podInterfaceName } from './launcher.ts';

export interface NetworkStatus {
  name: string;
  interface: string;
  ips?: string[];
  mac?: string;
  mtu?: number;
  default?: boolean;
  dns: object;
  gateway?: string[];
  'device-info'?: { type: 'pci'; version: string; pci: { 'pci-address': string } };
}

/** Entry of the default network. */
export function defaultStatus(ip: string, mac: string): NetworkStatus {
  return { name: 'cbr0', interface: 'eth0', ips: [ip], mac, default: true, dns: {}, gateway: ['<nil>'] };
}

/** Entry of an attachment; only VFs tell MTU and device. */
export function attachmentStatus(delegate: Delegate, made: { mac: string; mtu: number }): NetworkStatus {
  const { selection, device, addresses } = delegate;
  const ips = addresses.map((address) => address.replace(/\/.*$/, ''));
  return {
    name: `${selection.namespace}/${selection.name}`,
    interface: selection.interface,
    ...(ips.length === 0 ? {} : { ips }),
    mac: made.mac,
    ...(device === undefined ? {} : { mtu: made.mtu }),
    dns: {},
    ...(device === undefined
      ? {}
      : { 'device-info': { type: 'pci', version: '1.1.0', pci: { 'pci-address': device.address } } }),
  };
}

/** The annotation's text, laid out and escaped as Multus does. */
export function formatStatus(entries: NetworkStatus[]): string {
  const text = entries.map((entry) => JSON.stringify(entry, null, 4)).join(',');
  return `[${text.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e')}]`;
}

/** Reads the annotation; empty where it is missing or no list. */
export function parseStatus(text: string | undefined): NetworkStatus[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(list) ? (list as NetworkStatus[]) : [];
  } catch {
    return [];
  }
}

/** KubeVirt's `kubevirt.io/network-info`: the devices of the VMI's SR-IOV NICs. */
export function networkInfo(vmi: Vmi, status: NetworkStatus[]): string {
  const vfs = (vmi.spec.domain.devices.interfaces ?? []).filter((nic) => nic.sriov !== undefined);
  const interfaces = vfs.flatMap(({ name }) => {
    const entry = status.find((each) => each.interface === podInterfaceName(name));
    if (entry?.['device-info'] === undefined) return [];
    const { mac, mtu } = entry;
    return [
      {
        network: name,
        deviceInfo: entry['device-info'],
        ...(mac === undefined ? {} : { mac }),
        ...(mtu === undefined ? {} : { mtu }),
      },
    ];
  });
  return JSON.stringify({ interfaces });
}
