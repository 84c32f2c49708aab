/** Data addresses: hosts of a subnet, IPv4 or IPv6, by number. */

export interface Address {
  family: 4 | 6;
  value: bigint;
}

export interface Subnet {
  family: 4 | 6;
  /** The network's address as a number of 32 or 128 bits. */
  base: bigint;
  prefix: number;
}

const bitsOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);

function parseIPv4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parseGroups(text: string): bigint[] | null {
  if (text === '') return [];
  const groups = text.split(':');
  return groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) ? groups.map((group) => BigInt(`0x${group}`)) : null;
}

function parseIPv6(text: string): bigint | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = [parseGroups(halves[0] ?? ''), parseGroups(halves[1] ?? '')];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...Array<bigint>(Math.max(missing, 0)).fill(0n), ...tail];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

function formatIPv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

function formatIPv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => (value >> BigInt(16 * (7 - i))) & 0xffffn);
  return groups.map((group) => group.toString(16)).join(':');
}

/** Without a prefix length, however it is written; null where the text is no address. */
export function parseAddress(text: string): Address | null {
  const family = text.includes(':') ? 6 : 4;
  const value = family === 4 ? parseIPv4(text) : parseIPv6(text);
  return value === null ? null : { family, value };
}

/** `192.168.50.0/24` or `fd00::/64`; host bits are ignored. Null where the text is no subnet. */
export function parseSubnet(text: string): Subnet | null {
  const match = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text);
  if (match === null) return null;
  const [, network = '', length = ''] = match;
  const address = parseAddress(network);
  const prefix = Number(length);
  if (address === null || prefix > bitsOf(address.family)) return null;
  const hostBits = BigInt(bitsOf(address.family) - prefix);
  return { family: address.family, base: (address.value >> hostBits) << hostBits, prefix };
}

export function overlap(a: Subnet, b: Subnet): boolean {
  const [wide, narrow] = a.prefix <= b.prefix ? [a, b] : [b, a];
  const hostBits = BigInt(bitsOf(wide.family) - wide.prefix);
  return wide.family === narrow.family && wide.base >> hostBits === narrow.base >> hostBits;
}

/** Hosts that may be handed out: without the network's own address and the broadcast address. */
export function capacity(subnet: Subnet): number {
  const hostBits = bitsOf(subnet.family) - subnet.prefix;
  return hostBits >= 31 ? 2 ** 31 : Math.max(0, 2 ** hostBits - 2);
}

/** The `n`th host, from 1, without prefix length. */
export function host(subnet: Subnet, n: number): string {
  return subnet.family === 4 ? formatIPv4(Number(subnet.base) + n) : formatIPv6(subnet.base + BigInt(n));
}

/** Which host of the subnet an address is, the inverse of `host`; null where it is none that may be handed out. */
export function hostNumber(subnet: Subnet, { family, value }: Address): number | null {
  const n = value - subnet.base;
  return family === subnet.family && n >= 1n && n <= BigInt(capacity(subnet)) ? Number(n) : null;
}

/**
 * `count` free hosts. They start at the 11th where the subnet has room, since gateways sit on the first ones.
 * Null where fewer are free.
 * @param taken numbers of hosts of this subnet.
 */
export function freeHosts(
  subnet: Subnet,
  count: number,
  taken: Pick<ReadonlySet<number>, 'has' | 'size'>,
): string[] | null {
  const size = capacity(subnet);
  const first = size >= count + taken.size + 10 ? 11 : 1;
  const out: string[] = [];
  for (let n = first; n <= size && out.length < count; n++) if (!taken.has(n)) out.push(host(subnet, n));
  return out.length === count ? out : null;
}
