/** Whether a tool's server really listens, read from procfs: nothing is sent to it. */
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { pause } from './wait.ts';

/** State column: TCP_LISTEN, and what an unconnected UDP socket shows (TCP_CLOSE). */
const STATE = { tcp: '0A', udp: '07' } as const;
const POLL_MS = 20;

/** Resolves to true once a socket listens on `address:port`, to false after `timeoutMs`. */
export async function listens(
  protocol: 'tcp' | 'udp',
  at: { address: string; port: number },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const tables = await Promise.all(['', '6'].map((family) => table(`/proc/net/${protocol}${family}`)));
    if (tables.some((text) => hasSocket(text, STATE[protocol], at))) return true;
    if (Date.now() > deadline) return false;
    await pause(POLL_MS, signal);
  }
}

/** True where a table in the format of /proc/net/tcp holds a socket on the address, or on any address. */
export function hasSocket(text: string, state: string, at: { address: string; port: number }): boolean {
  const port = at.port.toString(16).toUpperCase().padStart(4, '0');
  const own = hex(at.address);
  return text.split('\n').some((line) => {
    const [, local = '', , found] = line.trim().split(/\s+/);
    const [address = '', at] = local.split(':');
    return found === state && at === port && (address === own || /^0+$/.test(address));
  });
}

/** An address as procfs prints it on little-endian machines: 32 bit words, each with its bytes reversed. */
function hex(address: string): string {
  const words = isIPv6(address) ? words6(address) : [address.split('.').map(Number)];
  return words
    .map((bytes) => Buffer.from(bytes.toReversed()).toString('hex'))
    .join('')
    .toUpperCase();
}

function words6(address: string): number[][] {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  const bytes = [...left, ...zeros, ...right].map((group) => parseInt(group, 16)).flatMap((n) => [n >> 8, n & 255]);
  return [0, 4, 8, 12].map((from) => bytes.slice(from, from + 4));
}

function table(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
