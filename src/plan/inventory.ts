/** What a node has of a device resource, what is in use, and by whom. */
import type { Grant } from '../api/v1alpha1.ts';
import { LABEL_ENDPOINT, LABEL_TRIAL_UID } from '../api/labels.ts';
import { isLive, type Node, type Pod } from './observed.ts';
import { groupBy, push } from './group.ts';
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

/** Devices in use by node and resource, kept up to date as grants are made. */
export interface Ledger {
  use(node: string, resource: string): Use;
  add(grant: Holder): void;
}

/**
 * Devices in use on a node: requests of live pods bound there, plus what grants hold whose endpoint is not
 * visible as such a pod: not made yet, not bound yet, or ended and not cleaned up. A grant and its pod are
 * never both counted; a pod that asks for nothing does not stand for a grant.
 */
export function ledger(pods: readonly Pod[], grants: readonly Holder[]): Ledger {
  const podsByNode = groupBy(pods.filter(isLive), (pod) => pod.spec.nodeName ?? '');
  const claims = new Map<string, { holder: Holder; endpoints: string[] }[]>();
  const known = new Map<string, Use & { visible: Set<string> }>();

  const count = (
    use: Use & { visible: Set<string> },
    { holder, endpoints }: { holder: Holder; endpoints: string[] },
  ): void => {
    const waiting = endpoints.filter((name) => !use.visible.has(`${holder.uid}/${name}`)).length;
    if (waiting === 0) return;
    use.count += waiting;
    use.holders.push(`${waiting} by trial ${holder.trial}`);
  };

  const add = (holder: Holder): void => {
    const devices = holder.grant.endpoints.filter((endpoint) => endpoint.resource !== undefined);
    for (const [key, endpoints] of groupBy(devices, ({ node, resource }) => `${node}|${resource}`)) {
      const claim = { holder, endpoints: endpoints.map(({ name }) => name) };
      push(claims, key, claim);
      const use = known.get(key);
      if (use !== undefined) count(use, claim);
    }
  };

  const use = (node: string, resource: string): Use => {
    const key = `${node}|${resource}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const now = ofPods(podsByNode.get(node) ?? [], resource);
    for (const claim of claims.get(key) ?? []) count(now, claim);
    known.set(key, now);
    return now;
  };

  for (const grant of grants) add(grant);
  return { use, add };
}

function ofPods(pods: readonly Pod[], resource: string): Use & { visible: Set<string> } {
  const use = { count: 0, holders: [] as string[], visible: new Set<string>() };
  for (const pod of pods) {
    const count = requested(pod, resource);
    if (count === 0) continue;
    use.count += count;
    use.holders.push(`${count} by pod ${pod.metadata.namespace}/${pod.metadata.name}`);
    const { labels } = pod.metadata;
    use.visible.add(`${labels?.[LABEL_TRIAL_UID]}/${labels?.[LABEL_ENDPOINT]}`);
  }
  return use;
}
