/**
 * What is behind a data NIC that is a virtual function: its NUMA node, its PF, and the settings that the PF keeps for
 * it. Those can be read only where the PF's own interface is in this network namespace: not in an ordinary pod.
 */
import { readFile, readdir, readlink, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DeviceFacts, VfSettings } from '../api/protocol.ts';
import { run } from './child.ts';

const COMMAND_MS = 10_000;
const PCI_ADDRESS = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;
const VIRTFN = /^virtfn(\d{1,4})$/;

/** Facts of the device behind interface `name`; what is not known, or not so, is absent. */
export async function deviceFacts(name: string, signal: AbortSignal, sysfs = '/sys'): Promise<DeviceFacts> {
  const device = join(sysfs, 'class/net', name, 'device');
  const numa = Number(await readFile(join(device, 'numa_node'), 'utf8').catch(() => '-1'));
  const known = Number.isSafeInteger(numa) && numa >= 0 ? { numaNode: numa } : {};
  const physical = await readlink(join(device, 'physfn')).catch(() => null);
  if (physical === null || !PCI_ADDRESS.test(basename(physical))) return known;
  const vf = await settings(device, signal);
  return { ...known, pfPciAddress: basename(physical), ...(vf === null ? {} : { vf }) };
}

async function settings(device: string, signal: AbortSignal): Promise<VfSettings | null> {
  const physical = join(device, 'physfn');
  const [pf] = await readdir(join(physical, 'net')).catch(() => []);
  const index = pf === undefined ? null : await indexOf(physical, device);
  if (pf === undefined || index === null) return null;
  const { stdout, exitCode } = await run(['ip', '-j', 'link', 'show', 'dev', pf], COMMAND_MS, signal);
  return exitCode === 0 ? parseVf(stdout, index) : null;
}

/** Which of the PF's functions this is: the link `virtfnN` that leads to it. */
async function indexOf(physical: string, device: string): Promise<number | null> {
  const own = await realpath(device).catch(() => null);
  for (const link of await readdir(physical).catch(() => [])) {
    const index = VIRTFN.exec(link)?.[1];
    if (index === undefined) continue;
    if ((await realpath(join(physical, link)).catch(() => null)) === own) return Number(index);
  }
  return null;
}

interface VfInfo {
  vf?: number;
  vlan_list?: { vlan?: number }[];
  rate?: { max_tx?: number; min_tx?: number };
  spoofchk?: boolean;
  trust?: boolean;
  link_state?: string;
}

/** One entry of `vfinfo_list` in what `ip -j link show dev PF` prints (iproute2). Null where there is none. */
export function parseVf(json: string, index: number): VfSettings | null {
  try {
    const [link] = JSON.parse(json) as { vfinfo_list?: VfInfo[] }[];
    const info = link?.vfinfo_list?.find(({ vf }) => vf === index);
    if (info === undefined) return null;
    return {
      index,
      vlan: info.vlan_list?.[0]?.vlan ?? 0,
      maxTxMbps: info.rate?.max_tx ?? 0,
      minTxMbps: info.rate?.min_tx ?? 0,
      ...(info.spoofchk === undefined ? {} : { spoofCheck: info.spoofchk }),
      ...(info.trust === undefined ? {} : { trust: info.trust }),
      ...(info.link_state === undefined ? {} : { linkState: info.link_state.slice(0, 16) }),
    };
  } catch {
    return null;
  }
}
