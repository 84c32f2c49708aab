/** IP and MAC addresses replaced by names: the same address by the same name, so that what belongs together still does. */
import { isIPv4, isIPv6 } from 'node:net';

const MAC = /(?<![0-9a-f:])(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![0-9a-f:])/gi;
const V4 = /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)/g;
const V6 = /(?<![\w:.])[0-9a-f]*:[0-9a-f:]*:[0-9a-f:.]*(?![\w:])/gi;

export class Addresses {
  readonly #names = new Map<string, string>();
  readonly #counts: Record<string, number> = { mac: 0, ip: 0 };

  /** How many different ones were replaced. */
  get size(): number {
    return this.#names.size;
  }

  hide(text: string): string {
    return text
      .replace(MAC, (found) => this.#name('mac', found))
      .replace(V6, (found) => (isIPv6(found) && found !== '::' ? this.#name('ip', found) : found))
      .replace(V4, (found) => (isIPv4(found) ? this.#name('ip', found) : found));
  }

  #name(kind: 'mac' | 'ip', address: string): string {
    const key = address.toLowerCase();
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
    const name = `${kind}-${this.#counts[kind]}`;
    this.#names.set(key, name);
    return name;
  }
}
