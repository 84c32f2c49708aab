/** Data addresses in use, whichever Testbed's: their networks may be one, and their subnets overlap. */
import { type Address, hostNumber, parseAddress, type Subnet } from './addresses.ts';

interface View {
  subnet: Subnet;
  /** Number of a host to who has it. */
  hosts: Map<number, string>;
}

function note({ subnet, hosts }: View, address: Address, who: string): void {
  const number = hostNumber(subnet, address);
  if (number !== null) hosts.set(number, who);
}

export class TakenAddresses {
  readonly #all: { address: Address; who: string }[] = [];
  /** Of each subnet that was asked for. */
  readonly #views = new Map<string, View>();

  /** `text`: with or without a prefix length; what is no address takes none. */
  add(text: string, who: string): void {
    const address = parseAddress(text.split('/')[0] ?? '');
    if (address === null) return;
    this.#all.push({ address, who });
    for (const view of this.#views.values()) note(view, address, who);
  }

  /** Hosts of a subnet that are taken: number to who has it. Kept up to date. */
  in(subnet: Subnet): ReadonlyMap<number, string> {
    const key = `${subnet.family}/${subnet.base}/${subnet.prefix}`;
    const known = this.#views.get(key);
    if (known !== undefined) return known.hosts;
    const view: View = { subnet, hosts: new Map() };
    for (const { address, who } of this.#all) note(view, address, who);
    this.#views.set(key, view);
    return view.hosts;
  }
}
