/** How a pod's network fails by fault: in the words of Multus and the CNI plugins, about the pod's own attachment. Pure. */
import type { Fault } from './faults.ts';
import { addError, type CniError, missingPlugin, notFound, selections, type Selection } from './multus.ts';
import type { Pod } from './objects.ts';
import { alreadyAllocated } from './pod-network.ts';

type Words = (pod: Pod, selection: Selection, vf: string) => CniError;

const WORDS: Partial<Record<Fault, Words>> = {
  'cni-failure': (pod, { name }) => addError(pod, name, 'sandbox.vfbench.io/fault: cni-failure'),
  'nad-missing': notFound,
  'plugin-missing': (pod, { name }) => addError(pod, name, missingPlugin('ovs')),
  'vf-locked': (pod, { name }, vf) => addError(pod, name, alreadyAllocated(vf)),
};

/** The error that a fault makes of a pod's network; undefined where none is on. `vf`: PCI address of its first VF. */
export function networkFault(pod: Pod, has: (fault: Fault) => boolean, vf: string | undefined): CniError | undefined {
  const fault = (Object.keys(WORDS) as Fault[]).find(has);
  const [selection] = selections(pod);
  if (fault === undefined || selection === undefined) return undefined;
  return WORDS[fault]?.(pod, selection, vf ?? 'none');
}
