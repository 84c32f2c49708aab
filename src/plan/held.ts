/** What live trials hold, found without searching: by Testbed, by node, by device, by address and MAC. */
import { push } from './group.ts';
import { type Holder, ledger, type Ledger, type Use } from './inventory.ts';
import type { Pod } from './observed.ts';
import { TakenAddresses } from './takenAddresses.ts';

/** A grant still in force, with the Testbed it was made on. */
export interface LiveGrant extends Holder {
  testbed: string;
}

/** Starts from what was observed; grants made since are added one by one. */
export class Held {
  readonly addresses = new TakenAddresses();
  readonly #byTestbed = new Map<string, LiveGrant[]>();
  /** Of each node and Testbed the first grant. */
  readonly #byNode = new Map<string, Map<string, LiveGrant>>();
  readonly #macs = new Set<string>();
  readonly #devices: Ledger;

  constructor(pods: readonly Pod[], live: readonly LiveGrant[]) {
    this.#devices = ledger(pods, live);
    for (const grant of live) this.#index(grant);
  }

  add(grant: LiveGrant): void {
    this.#devices.add(grant);
    this.#index(grant);
  }

  of(testbed: string): readonly LiveGrant[] {
    return this.#byTestbed.get(testbed) ?? [];
  }

  /** A grant of another Testbed that uses one of the nodes. */
  otherOn(nodes: Iterable<string>, testbed: string): LiveGrant | undefined {
    for (const node of nodes) {
      for (const [owner, grant] of this.#byNode.get(node) ?? []) if (owner !== testbed) return grant;
    }
    return undefined;
  }

  /** By whatever Testbed: their networks may be one. */
  hasMac(mac: string): boolean {
    return this.#macs.has(mac);
  }

  use(node: string, resource: string): Use {
    return this.#devices.use(node, resource);
  }

  #index(grant: LiveGrant): void {
    const { testbed, trial } = grant;
    push(this.#byTestbed, testbed, grant);
    for (const { node, address, mac, managementMac } of grant.grant.endpoints) {
      this.addresses.add(address, `trial ${trial}`);
      for (const own of [mac, managementMac]) if (own !== undefined) this.#macs.add(own);
      const owners = this.#byNode.get(node) ?? new Map<string, LiveGrant>();
      this.#byNode.set(node, owners);
      if (!owners.has(testbed)) owners.set(testbed, grant);
    }
  }
}
