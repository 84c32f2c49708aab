/**
 * Every fault that can be switched on, for tests of what the operator makes of it: as the value of the
 * annotation `sandbox.vfbench.io/fault` on a Pod, a VMI or a Node (several: separated by commas), or in process,
 * with `Faults.set`, for objects that are yet to come.
 */
import type { Meta } from './objects.ts';

export const ANNOTATION_FAULT = 'sandbox.vfbench.io/fault';

export const FAULTS = {
  'image-pull': 'Pod, VMI: its image cannot be pulled (ErrImagePull, then ImagePullBackOff)',
  'cni-failure': 'Pod, VMI: its network is never made (FailedCreatePodSandBox)',
  'nad-missing': 'Pod, VMI: Multus does not find the attachment, as when it was deleted meanwhile',
  'vf-locked': 'Pod, VMI: sriov-cni has its VF for another pod still, as after a forced deletion',
  'plugin-missing': 'Pod, VMI: the node has no such CNI plugin',
  'no-devices': 'Pod, VMI: its VFs are gone between scheduler and kubelet (UnexpectedAdmissionError)',
  'mount-failure': 'Pod: its Secret is not found (FailedMount)',
  refuse: "VMI: is refused by KubeVirt's admission",
  'no-controller': 'VMI: virt-controller makes no launcher pod',
  'no-handler': 'VMI: virt-handler does nothing: no guest, and nobody notices how the launcher ends',
  'no-network': 'Pod: the data NIC is missing; VMI: the guest finds none with its MAC',
  'wrong-mtu': 'Pod: its data NIC has an MTU of 1280 bytes',
  'cut-wire': 'Pod, VMI: no frame passes between its data NIC and the others, though its link is up',
  'narrow-wire': 'Pod, VMI: no frame above 1280 bytes does',
  'never-boots': 'VMI: phase Running, and no guest behind it',
  crash: 'Pod: the runner is killed half a second after its start; VMI: QEMU is',
  'launcher-crash': 'VMI: the launcher dies before the guest starts (Scheduled, then Failed)',
  slow: 'Pod, VMI: its network takes three seconds longer',
  evict: 'Pod: is evicted half a second after its start',
  'no-tools': 'Pod: the PATH of the runner leads nowhere',
  'double-vf': 'VMI: its launcher pod asks for twice the VFs',
  'no-vf': 'VMI: its launcher pod asks for no VF',
  stuck: 'Pod: its object stays when it is deleted; VMI: its finalizer does',
  'lose-node': 'Node: is not heard of any more; what runs on it goes on unseen',
} as const;

export type Fault = keyof typeof FAULTS;
export type Victims = (object: Meta) => boolean;

/** The faults that are on. */
export class Faults {
  readonly #rules = new Set<{ fault: Fault; victims: Victims }>();
  readonly #listeners = new Set<() => void>();

  /** Switches a fault on for all objects that `victims` names by their metadata; the result switches it off. */
  set(fault: Fault, victims: Victims): () => void {
    const rule = { fault, victims };
    this.#rules.add(rule);
    this.#tell();
    return () => {
      this.#rules.delete(rule);
      this.#tell();
    };
  }

  /** True where the fault is on for the object, by annotation or by rule. */
  has(meta: Meta, fault: Fault): boolean {
    const asked = meta.annotations?.[ANNOTATION_FAULT]?.split(',').map((each) => each.trim()) ?? [];
    if (asked.includes(fault)) return true;
    return [...this.#rules].some((rule) => rule.fault === fault && rule.victims(meta));
  }

  /** Calls `listener` whenever a rule comes or goes; the result ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
