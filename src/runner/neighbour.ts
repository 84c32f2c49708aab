/**
 * Whether the peer's data NIC is a neighbour on the wire: what ARP or ND found for its address must be the MAC that the
 * peer itself says it has. Else a router, a proxy or another host of that address is in between.
 */
import { readFile } from 'node:fs/promises';
import { firstLine } from '../results/parse/outcome.ts';
import { run } from './child.ts';
import { EndpointError } from './failure.ts';

const COMMAND_MS = 10_000;
/** Interface flags (linux/if.h) of NICs that resolve no neighbours. */
const [IFF_LOOPBACK, IFF_NOARP] = [0x8, 0x80];
const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;

export interface Expected {
  /** Interface of the data NIC. */
  nic: string;
  /** The peer's data address without prefix length. */
  address: string;
  /** The MAC that the peer told, if it did. */
  mac: string | undefined;
}

/**
 * To be asked right after packets went to and fro. Null where the neighbour is the peer; else why it could not be seen: it
 * is then recorded as unchecked, since a measurement is not wrong for want of `ip`. Throws EndpointError
 * `NeighbourMissing` or `WrongNeighbour`.
 */
export async function demandNeighbour(expected: Expected, signal: AbortSignal, sysfs = '/sys'): Promise<string | null> {
  const { nic, address, mac } = expected;
  if (mac === undefined || !MAC.test(mac)) return 'the peer told no MAC to hold its neighbour entry against';
  if (!(await resolvesNeighbours(nic, sysfs))) return `${nic} resolves no neighbours`;
  const command = ['ip', '-j', 'neigh', 'show', 'to', address, 'dev', nic];
  const { stdout, stderr, exitCode, failure } = await run(command, COMMAND_MS, signal);
  signal.throwIfAborted();
  if (exitCode !== 0) return `${command.join(' ')}: ${failure ?? (firstLine(stderr) || `exit code ${exitCode}`)}`;
  const problem = judge(expected, parseNeighbours(stdout));
  if (problem !== null) throw problem;
  return null;
}

/** Null where the neighbour is the peer. */
export function judge({ nic, address, mac }: Expected, found: readonly string[]): EndpointError | null {
  if (found.length === 0) {
    const message = `${address} answers, but is no neighbour on ${nic}: a router is in between, or traffic leaves by another NIC`;
    return new EndpointError('NeighbourMissing', message);
  }
  if (mac === undefined || found.includes(mac)) return null;
  const message = `${address} is at ${found.join(', ')} on ${nic}; its data NIC has ${mac}: another host has that address, or a proxy answers for it`;
  return new EndpointError('WrongNeighbour', message);
}

/** Link-layer addresses in what `ip -j neigh show` prints, those aside that were not resolved. */
export function parseNeighbours(json: string): string[] {
  try {
    const list = JSON.parse(json === '' ? '[]' : json) as { lladdr?: string; state?: string[] }[];
    return list
      .filter(({ state }) => !(state ?? []).some((each) => each === 'FAILED' || each === 'INCOMPLETE'))
      .flatMap(({ lladdr }) => lladdr?.toLowerCase() ?? []);
  } catch {
    return [];
  }
}

async function resolvesNeighbours(nic: string, sysfs: string): Promise<boolean> {
  const flags = Number(await readFile(`${sysfs}/class/net/${nic}/flags`, 'utf8').catch(() => NaN));
  return Number.isInteger(flags) && (flags & (IFF_LOOPBACK | IFF_NOARP)) === 0;
}
