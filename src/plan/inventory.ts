/** What a node has of a device resource, what is in use, and by whom. */
import type { Grant } from '../api/v1alpha1.ts';
import { LABEL_ENDPOINT, LABEL_TRIAL_UID } from '../api/labels.ts';
import { isLive, type Node, type Pod } from './observed.ts';
import { parseQuantity } from './quantity.ts';

/** Allocatable of a resource; it counts devices in use, so what pods hold must be taken off. 0 where unknown. */
export function allocatable(node: Node | undefined, resource: string): number {
  return parseQuantity(node?.status?.allocatable?.[resource]) ?? 0;
}

/** What a pod asks for: the sum of its containers, or its largest init container where that is more. */
export function requested(pod: Pod, resource: string): number {
  const of = (c: { resources?: { requests?: Record<string, string | number> } }): number =>
    parseQuantity(c.resources?.requests?.[resource]) ?? 0;
  const running = pod.spec.containers.reduce((sum, container) => sum + of(container), 0);
  return Math.max(running, ...(pod.spec.initContainers ?? []).map(of));
}

/** A live grant: whose it is, and what it was given. */
export interface Holder {
  trial: string;
  uid: string;
  grant: Grant;
}

export interface Use {
  count: number;
  /** `3 by trial ns/a`, `1 by pod ns/b`: for messages. */
  holders: string[];
}

/**
 * Devices in use on a node: requests of live pods bound there, plus grants whose endpoint is not
 * visible as a bound pod yet. A grant and its pod are never both counted.
 */
export function inUse(node: string, resource: string, pods: readonly Pod[], grants: readonly Holder[]): Use {
  const bound = pods.filter((pod) => pod.spec.nodeName === node && isLive(pod));
  const visible = new Set(
    bound.map((pod) => `${pod.metadata.labels?.[LABEL_TRIAL_UID]}/${pod.metadata.labels?.[LABEL_ENDPOINT]}`),
  );
  const use: Use = { count: 0, holders: [] };
  for (const pod of bound) {
    const count = requested(pod, resource);
    if (count === 0) continue;
    use.count += count;
    use.holders.push(`${count} by pod ${pod.metadata.namespace}/${pod.metadata.name}`);
  }
  for (const holder of grants) {
    const waiting = holder.grant.endpoints.filter(
      (e) => e.node === node && e.resource === resource && !visible.has(`${holder.uid}/${e.name}`),
    );
    if (waiting.length === 0) continue;
    use.count += waiting.length;
    use.holders.push(`${waiting.length} by trial ${holder.trial}`);
  }
  return use;
}
