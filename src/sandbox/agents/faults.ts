/**
 * Every fault that can be switched on, for tests of what the operator makes of it. A fault is the value of the
 * annotation `sandbox.vfbench.io/fault` on a Pod, a VMI or a Node (several: separated by commas), or is set
 * in process with `Faults.set`.
 */
import type { Meta } from './objects.ts';

export const ANNOTATION_FAULT = 'sandbox.vfbench.io/fault';

export const FAULTS = {
  /** Pod, VMI: its image cannot be pulled. */
  'image-pull': 'ErrImagePull, then ImagePullBackOff',
  /** Pod, VMI: the network is never made. */
  'cni-failure': 'FailedCreatePodSandBox again and again',
  /** Pod, VMI: has its networks on paper, but no data NIC that works. */
  'no-network': 'the data NIC is not attached',
  /** VMI: the domain runs and the guest says nothing. */
  'never-boots': 'phase Running, no guest behind it',
  /** Pod: the runner is killed 0.5 s after it started. VMI: QEMU is. */
  crash: 'the process dies',
  /** VMI: the launcher pod's compute container dies before the domain starts. */
  'launcher-crash': 'launcher pod Failed while Scheduled',
  /** Pod, VMI: everything takes 3 s longer. */
  slow: 'late',
  /** Pod: evicted 0.5 s after it started. */
  evict: 'phase Failed, reason Evicted',
  /** Pod: iperf3 and sockperf are not on the PATH. */
  'no-tools': 'tools missing',
  /** VMI: the launcher pod asks for twice the VFs, as an injector in honor mode makes it. */
  'double-vf': 'InjectorConflict',
  /** Node: stops being heard of; its pods are left as they are. */
  'lose-node': 'Ready=Unknown, NodeStatusUnknown',
} as const;

export type Fault = keyof typeof FAULTS;

/** Faults that were set in process, by object (`namespace/name`, or a node's name), besides annotations. */
export class Faults {
  readonly #set = new Map<string, Set<Fault>>();

  set(key: string, fault: Fault): void {
    this.#set.set(key, (this.#set.get(key) ?? new Set()).add(fault));
  }

  clear(key: string): void {
    this.#set.delete(key);
  }

  has(object: { metadata: Meta }, fault: Fault): boolean {
    const { namespace, name, annotations } = object.metadata;
    const key = namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
    const asked = annotations?.[ANNOTATION_FAULT]?.split(',').map((each) => each.trim()) ?? [];
    return asked.includes(fault) || this.#set.get(key)?.has(fault) === true;
  }
}
