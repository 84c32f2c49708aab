/** What Multus says of a pod's data network in its network-status annotation: MAC, MTU, and the device behind it. */
import { ANNOTATION_NETWORK_STATUS, DATA_INTERFACE } from '../api/labels.ts';
import type { GrantedEndpoint } from '../api/v1alpha1.ts';
import type { Pod } from './observed.ts';

export interface Attached {
  mac?: string;
  /** PCI addresses on the node, of the device and, where the device plugin tells, of its PF. */
  pciAddress?: string;
  pfPciAddress?: string;
}

/** More than 64 networks of one pod take. */
const LONGEST = 64 * 1024;
const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;
const PCI_ADDRESS = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const like = (value: unknown, pattern: RegExp): string | undefined => {
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  return pattern.test(text) ? text : undefined;
};

function entries(pod: Pod): Json[] {
  const text = pod.metadata.annotations?.[ANNOTATION_NETWORK_STATUS] ?? '';
  if (text === '' || text.length > LONGEST) return [];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.filter(isObject) : [];
  } catch {
    return [];
  }
}

/**
 * The entry of the data network; null while Multus has not written it, or where it cannot be read. In a pod of ours the
 * interface has our name; in a launcher pod it has KubeVirt's, and the attachment's name tells.
 */
export function attached(pod: Pod | undefined, endpoint: GrantedEndpoint): Attached | null {
  if (pod === undefined) return null;
  const name = `${pod.metadata.namespace}/${endpoint.attachment}`;
  const isData = (entry: Json): boolean =>
    endpoint.kind === 'Pod' ? entry['interface'] === DATA_INTERFACE : entry['name'] === name;
  const entry = entries(pod).find(isData);
  if (entry === undefined) return null;
  const info = isObject(entry['device-info']) ? entry['device-info'] : {};
  const pci = isObject(info['pci']) ? info['pci'] : {};
  const mac = like(entry['mac'], MAC);
  const pciAddress = like(pci['pci-address'], PCI_ADDRESS);
  const pfPciAddress = like(pci['pf-pci-address'], PCI_ADDRESS);
  return {
    ...(mac === undefined ? {} : { mac }),
    ...(pciAddress === undefined ? {} : { pciAddress }),
    ...(pfPciAddress === undefined ? {} : { pfPciAddress }),
  };
}
