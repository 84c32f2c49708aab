/** Why a node offers none of a device resource, and the cure: for the preflight and for admission. Pure. */
import type { Node } from './observed.ts';
import { some } from './preflight/finding.ts';
import { parseQuantity } from './quantity.ts';

const PLUGIN = 'the SR-IOV device plugin';

/** Device resources that a node offers, KubeVirt's own aside. */
function offers(node: Node): string[] {
  return Object.keys(node.status?.allocatable ?? {})
    .filter((name) => /^[^/]+\.[^/]+\//.test(name) && !name.startsWith('devices.kubevirt.io/'))
    .sort();
}

/** What to say after the node's name: it never had any, its device plugin has stopped, or its VFs are gone. */
export function hasNone(node: Node, resource: string): string {
  if (node.status?.allocatable?.[resource] === undefined) {
    const others = offers(node);
    const has = others.length === 0 ? 'no device resource' : some(others);
    return `does not know it and has ${has}: correct the name, or add the pool to the configuration of ${PLUGIN} and restart it there`;
  }
  const capacity = parseQuantity(node.status.capacity?.[resource]) ?? 0;
  if (capacity > 0)
    return `has 0 of ${capacity} left, since ${PLUGIN} stopped there or the VFs are gone (sriov_numvfs): make VFs where there are none, then restart it`;
  return `has 0: make VFs (sriov_numvfs), then restart ${PLUGIN} there, which does not see later ones`;
}
