/**
 * The device plugin of one node: which virtual functions it has, and which pod holds which. A VF is held
 * from the kubelet's admission of a pod until that pod is observed gone, and never by two.
 */

export interface DevicePoolOptions {
  /** Extended resource, such as `sandbox.vfbench.io/vfnet`. */
  resource: string;
  /** `netdevice` VFs move into a pod as an interface; `vfio` ones stay devices, for a VM. */
  driver: 'netdevice' | 'vfio';
  count: number;
  /** PCI bus and device of the pool's VFs, such as `0000:01:10`. */
  slot: string;
}

/** The VFs of one resource of one node. */
export class DevicePool {
  readonly resource: string;
  readonly driver: 'netdevice' | 'vfio';
  readonly #slot: string;
  readonly #holders = new Map<string, string>();
  /** What the CNI plugin has made and not yet undone; outlives the holder where a pod is deleted by force. */
  readonly #locks = new Map<string, string>();
  #count: number;

  constructor(options: DevicePoolOptions) {
    this.resource = options.resource;
    this.driver = options.driver;
    this.#slot = options.slot;
    this.#count = options.count;
  }

  /** What the node reports as allocatable: VFs in use count too. */
  get count(): number {
    return this.#count;
  }

  /** As when VFs are made or removed under the plugin: those in use stay with their pods. */
  resize(count: number): void {
    this.#count = count;
  }

  free(): string[] {
    return this.#all().filter((address) => !this.#holders.has(address));
  }

  /** PCI addresses held by a pod. */
  heldBy(podUid: string): string[] {
    return [...this.#holders].filter(([, holder]) => holder === podUid).map(([address]) => address);
  }

  /** Hands `count` VFs to a pod; the same ones again if it holds them already. Null where too few are free. */
  take(podUid: string, count: number): string[] | null {
    const held = this.heldBy(podUid);
    if (held.length > 0) return held;
    const free = this.free();
    if (free.length < count) return null;
    const taken = free.slice(0, count);
    for (const address of taken) this.#holders.set(address, podUid);
    return taken;
  }

  release(podUid: string): void {
    for (const address of this.heldBy(podUid)) this.#holders.delete(address);
  }

  /** The CNI plugin takes a VF for a pod; false where it still has it for another. */
  lock(address: string, podUid: string): boolean {
    const owner = this.#locks.get(address) ?? podUid;
    if (owner === podUid) this.#locks.set(address, podUid);
    return owner === podUid;
  }

  /** The CNI plugin has undone all it made for a pod. */
  unlock(podUid: string): void {
    for (const [address, owner] of this.#locks) if (owner === podUid) this.#locks.delete(address);
  }

  #all(): string[] {
    return Array.from({ length: this.#count }, (_, index) => pciAddress(this.#slot, index));
  }
}

/** igb lays its VFs on every second function, four to a device: 10.0, 10.2, 10.4, 10.6, 11.0 ... */
function pciAddress(slot: string, index: number): string {
  const colon = slot.lastIndexOf(':');
  const device = Number.parseInt(slot.slice(colon + 1), 16) + Math.floor(index / 4);
  return `${slot.slice(0, colon)}:${device.toString(16).padStart(2, '0')}.${(index % 4) * 2}`;
}

/** Environment that the device plugin gives to a container that holds these VFs. */
export function deviceEnv(pool: DevicePool, addresses: string[]): Record<string, string> {
  const name = `PCIDEVICE_${pool.resource.replaceAll(/[./]/g, '_').toUpperCase()}`;
  const info = addresses.map((address, index) => [
    address,
    { generic: { deviceID: address }, ...(pool.driver === 'vfio' ? vfio(index) : {}) },
  ]);
  return {
    [name]: addresses.join(','),
    [`${name}_INFO`]: JSON.stringify(Object.fromEntries(info)),
  };
}

function vfio(index: number): object {
  return { vfio: { 'dev-mount': `/dev/vfio/${10 + index}`, mount: '/dev/vfio/vfio' } };
}
