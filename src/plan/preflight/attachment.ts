/** A NetworkAttachmentDefinition's CNI configuration, as far as it decides what can be measured over it. */
import { parseQuantity } from '../quantity.ts';
import type { NetworkAttachment } from '../observed.ts';
import { clip } from './finding.ts';

export interface Attachment {
  /** Name of the CNI plugin that makes the interface: the first of a chain. */
  plugin: string;
  /** Whether addresses asked for in the pod's annotation reach it (capability `ips`). */
  takesAddresses: boolean;
  /** Type of the IPAM plugin; null without. */
  ipam: string | null;
  /** Whether the IPAM has addresses of its own in the configuration. */
  hasOwnAddresses: boolean;
  /** Bytes. */
  mtu?: number;
  /** What sriov is told to set on the VF; absent keys leave it as it is. */
  vf: VfKeys;
  /** bit/s; from sriov's `max_tx_rate` or the bandwidth plugin. */
  rateLimit?: number;
  /** Name of the bridge, of plugin bridge. */
  bridge?: string;
  /** Whether the plugin moves one given device into the pod: one endpoint of a node at a time. */
  isExclusive: boolean;
}

/** sriov-cni's keys, in its words. */
export interface VfKeys {
  vlan?: number;
  /** Mbit/s. 0: none. */
  maxTxMbps?: number;
  minTxMbps?: number;
  /** on or off */
  spoofCheck?: string;
  trust?: string;
  /** auto, enable or disable */
  linkState?: string;
}

/** `none`: the configuration is a file on the nodes, which cannot be read from here. */
export type Parsed = { attachment: Attachment } | { problem: string } | 'none';

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** Objects do not change, and each is looked at for every mode of every Experiment that waits. */
const known = new WeakMap<NetworkAttachment, Parsed>();

/** Never throws, whatever the text holds. */
export function parseAttachment(nad: NetworkAttachment): Parsed {
  const before = known.get(nad);
  if (before !== undefined) return before;
  const parsed = parse(nad);
  known.set(nad, parsed);
  return parsed;
}

/** Null where there is no attachment, or none that can be read from here. */
export function configurationOf(nad: NetworkAttachment | undefined): Attachment | null {
  const parsed = nad === undefined ? 'none' : parseAttachment(nad);
  return parsed !== 'none' && 'attachment' in parsed ? parsed.attachment : null;
}

function parse(nad: NetworkAttachment): Parsed {
  const text = nad.spec?.config?.trim() ?? '';
  if (text === '') return 'none';
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    return { problem: `spec.config is no JSON (${clip(error instanceof Error ? error.message : '', 120)})` };
  }
  if (!isObject(config)) return { problem: 'spec.config is no JSON object' };
  const chain = 'plugins' in config ? config['plugins'] : [config];
  if (!Array.isArray(chain) || !chain.every(isObject))
    return { problem: 'plugins of spec.config is no list of objects' };
  const [main, ...chained] = chain as Json[];
  if (main === undefined) return { problem: 'plugins of spec.config is empty' };
  const plugin = main['type'];
  if (typeof plugin !== 'string' || plugin === '') return { problem: 'spec.config names no type of CNI plugin' };
  return { attachment: describe(plugin, main, chained) };
}

function describe(plugin: string, main: Json, chained: readonly Json[]): Attachment {
  const ipam = isObject(main['ipam']) ? main['ipam'] : {};
  const { addresses } = ipam;
  const capabilities = isObject(main['capabilities']) ? main['capabilities'] : {};
  const all = [main, ...chained];
  const mtu = all.map((one) => number(one['mtu'])).findLast((value) => value !== undefined && value > 0);
  const rate = rateLimit(all);
  return {
    plugin: clip(plugin, 64),
    takesAddresses: capabilities['ips'] === true,
    ipam: typeof ipam['type'] === 'string' && ipam['type'] !== '' ? clip(ipam['type'], 64) : null,
    hasOwnAddresses: Array.isArray(addresses) && addresses.length > 0,
    vf: vfKeys(main),
    isExclusive: plugin === 'host-device' && ['device', 'hwaddr', 'kernelpath', 'pciBusID'].some((key) => key in main),
    ...(mtu === undefined ? {} : { mtu }),
    ...(rate === undefined ? {} : { rateLimit: rate }),
    ...(typeof main['bridge'] === 'string' ? { bridge: clip(main['bridge'], 64) } : {}),
  };
}

function vfKeys(main: Json): VfKeys {
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' && value !== '' ? clip(value, 16) : undefined;
  const all = {
    vlan: number(main['vlan']),
    maxTxMbps: number(main['max_tx_rate']),
    minTxMbps: number(main['min_tx_rate']),
    spoofCheck: text(main['spoofchk']),
    trust: text(main['trust']),
    linkState: text(main['link_state']),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as VfKeys;
}

/** sriov-cni's `max_tx_rate` is in Mbit/s, 0 means none; the bandwidth plugin's rates are in bit/s. */
function rateLimit(plugins: readonly Json[]): number | undefined {
  const rates = plugins.flatMap((one) => {
    const vf = (number(one['max_tx_rate']) ?? 0) * 1e6;
    const shaped = [one['ingressRate'], one['egressRate']].map((rate) => parseQuantity(rate as number) ?? 0);
    return [vf, ...shaped].filter((rate) => rate > 0);
  });
  return rates.length === 0 ? undefined : Math.min(...rates);
}
