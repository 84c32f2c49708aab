/** The data NIC: found by MAC or name, configured where nobody else does, described from sysfs. */
import { readFile, readdir, readlink, realpath } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { DataNic, NicFacts } from '../api/protocol.ts';
import { run } from './child.ts';
import { EndpointError } from './failure.ts';
import { deviceFacts } from './vf.ts';
import { pause } from './wait.ts';

const POLL_MS = 100;
const COMMAND_MS = 10_000;
const PCI_ADDRESS = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;
const LOOPBACK_TYPE = '772';

/** Interface names by MAC in lower case, those with a device behind them first come. */
export async function interfacesByMac(sysfs = '/sys'): Promise<Map<string, string>> {
  const names = await readdir(join(sysfs, 'class/net')).catch(() => []);
  const found = new Map<string, string>();
  for (const name of names) {
    const mac = await attribute(sysfs, name, 'address');
    const physical = (await link(sysfs, name, 'device')) !== null;
    if (mac !== null && (physical || !found.has(mac))) found.set(mac, name);
  }
  return found;
}

/** The data NIC's interface name, once it is there. Throws EndpointError `DataNicMissing` after `timeoutMs`. */
export async function findNic(nic: DataNic, timeoutMs: number, signal: AbortSignal, sysfs = '/sys'): Promise<string> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const name = await present(nic, sysfs);
    if (name !== undefined) return name;
    if (Date.now() > deadline) throw missing(nic, await interfacesByMac(sysfs), timeoutMs);
    await pause(POLL_MS, signal);
  }
}

/** Sets MTU, address and link by iproute2 and waits for the carrier. Throws EndpointError `DataNicFailed`. */
export async function configureNic(nic: DataNic, name: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  await ip(['link', 'set', 'dev', name, 'mtu', `${nic.mtu}`], signal);
  const nodad = nic.address.includes(':') ? ['nodad'] : [];
  await ip(['address', 'replace', nic.address, 'dev', name, ...nodad], signal);
  await ip(['link', 'set', 'dev', name, 'up'], signal);
  const deadline = Date.now() + timeoutMs;
  while ((await attribute('/sys', name, 'carrier')) !== '1') {
    if (Date.now() > deadline) throw failed(`Data NIC ${name} has no carrier after ${timeoutMs / 1000} s`);
    await pause(POLL_MS, signal);
  }
}

/** What the data NIC is. `wanted` picks among several addresses; an empty NIC gives `0.0.0.0/0`. */
export async function nicFacts(name: string, wanted: string, signal: AbortSignal, sysfs = '/sys'): Promise<NicFacts> {
  const device = await link(sysfs, name, 'device');
  const addresses = (networkInterfaces()[name] ?? []).map(({ cidr }) => cidr).filter((cidr) => cidr !== null);
  return {
    interface: name,
    mac: (await attribute(sysfs, name, 'address')) ?? '',
    driver: await driver(sysfs, name, signal),
    ...(await bus(sysfs, name, device)),
    mtu: Number((await attribute(sysfs, name, 'mtu')) ?? 0),
    address: addresses.find((cidr) => cidr === wanted) ?? addresses[0] ?? '0.0.0.0/0',
    ...(await deviceFacts(name, signal, sysfs)),
  };
}

async function present(nic: DataNic, sysfs: string): Promise<string | undefined> {
  if (nic.mac !== undefined) return (await interfacesByMac(sysfs)).get(nic.mac.toLowerCase());
  const name = nic.interface ?? '';
  return (await attribute(sysfs, name, 'address')) === null ? undefined : name;
}

function missing(nic: DataNic, present: ReadonlyMap<string, string>, timeoutMs: number): EndpointError {
  const wanted = nic.mac === undefined ? `named ${nic.interface}` : `with MAC ${nic.mac}`;
  const others = [...present].map(([mac, name]) => `${name} (${mac})`).join(', ');
  return new EndpointError('DataNicMissing', `No NIC ${wanted} after ${timeoutMs / 1000} s; there are: ${others}`);
}

/** By sysfs; a NIC without a device behind it (veth, bridge, macvlan) is asked by ethtool. */
async function driver(sysfs: string, name: string, signal: AbortSignal): Promise<string> {
  const known = await link(sysfs, name, 'device/driver');
  if (known !== null) return basename(known);
  const { stdout } = await run(['ethtool', '-i', name], COMMAND_MS, signal);
  const told = /^driver: (\S+)$/m.exec(stdout)?.[1];
  if (told !== undefined) return told;
  return (await attribute(sysfs, name, 'type')) === LOOPBACK_TYPE ? 'loopback' : 'unknown';
}

/** A virtio device hangs below the PCI function that carries it; an auxiliary device (mlx5 SF) likewise. */
async function bus(sysfs: string, name: string, device: string | null): Promise<Pick<NicFacts, 'bus' | 'pciAddress'>> {
  if (device === null) return { bus: 'virtual', pciAddress: null };
  const path = await realpath(join(sysfs, 'class/net', name, 'device')).catch(() => device);
  const pciAddress = ancestor(path);
  const subsystem = basename((await link(sysfs, name, 'device/subsystem')) ?? '');
  if (subsystem === 'virtio') return { bus: 'virtio', pciAddress };
  return { bus: pciAddress === null ? 'virtual' : 'pci', pciAddress };
}

function ancestor(path: string): string | null {
  for (let at = path; at !== dirname(at); at = dirname(at)) if (PCI_ADDRESS.test(basename(at))) return basename(at);
  return null;
}

async function attribute(sysfs: string, name: string, key: string): Promise<string | null> {
  if (name === '' || name.includes('/')) return null;
  const text = await readFile(join(sysfs, 'class/net', name, key), 'utf8').catch(() => null);
  return text === null ? null : text.trim();
}

function link(sysfs: string, name: string, key: string): Promise<string | null> {
  return readlink(join(sysfs, 'class/net', name, key)).catch(() => null);
}

async function ip(args: string[], signal: AbortSignal): Promise<void> {
  const command = ['ip', ...args];
  const { exitCode, stderr, failure, timedOut } = await run(command, COMMAND_MS, signal);
  if (exitCode === 0) return;
  const why = timedOut ? `it did not end within ${COMMAND_MS / 1000} s` : stderr.trim().slice(0, 500);
  throw failed(`${command.join(' ')}: ${failure ?? why}`);
}

const failed = (message: string): EndpointError => new EndpointError('DataNicFailed', message);
