/** What a node has of a device resource, what is in use, and by whom. */
import type { Grant, GrantedEndpoint } from '../api/v1alpha1.ts';
import { LABEL_ENDPOINT, LABEL_TRIAL, LABEL_TRIAL_UID } from '../api/labels.ts';
import { trialUidOf } from './footprint.ts';
import { type Container, isLive, type Node, type Pod } from './observed.ts';
import { groupBy, push } from './group.ts';
import { parseQuantity } from './quantity.ts';

/** Allocatable of a resource; it counts devices in use, so what pods hold must be taken off. 0 where unknown. */
export function allocatable(node: Node | undefined, resource: string): number {
  return parseQuantity(node?.status?.allocatable?.[resource]) ?? 0;
}

const asked = ({ resources }: Container, resource: string): number =>
  parseQuantity(resources?.requests?.[resource]) ?? 0;

/**
 * What a pod asks for, as scheduler and kubelet count: its containers and sidecars (init containers that are restarted
 * always) together, or an init container beside the sidecars that start before it, where that is more. Source: Kubernetes,
 * Sidecar Containers, "Resource sharing within containers".
 */
export function requested({ spec }: Pod, resource: string): number {
  let sidecars = 0;
  let starting = 0;
  for (const init of spec.initContainers ?? []) {
    if (init.restartPolicy === 'Always') sidecars += asked(init, resource);
    else starting = Math.max(starting, sidecars + asked(init, resource));
  }
  const running = spec.containers.reduce((sum, container) => sum + asked(container, resource), sidecars);
  return Math.max(running, starting);
}

/** A live grant: whose it is, and what it was given. */
export interface Holder {
  trial: string;
  uid: string;
  grant: Grant;
}

export interface Use {
  count: number;
  /** Of those, held by pods that belong to no Trial: nothing of ours will free them. */
  foreign: number;
  /** `trial ns/a`, `pod ns/b`, with how many each has. */
  holders: Map<string, number>;
}

/** Devices in use by node and resource, kept up to date as grants are made. */
export interface Ledger {
  use(node: string, resource: string): Use;
  add(grant: Holder): void;
}

/** A Use with the endpoints that it counts as pods: as `uid/endpoint` and as `namespace/name`. */
type Count = Use & { visible: Set<string> };

interface Claim {
  holder: Holder;
  endpoints: readonly GrantedEndpoint[];
}

/**
 * Devices in use on a node: requests of live pods that are there or sent there, plus what grants hold whose endpoint is not
 * visible as such a pod: not made yet, or ended and not cleaned up. A grant and its pod are never both counted,
 * even where somebody changed the pod's labels; a pod that asks for nothing does not stand for a grant.
 */
export function ledger(pods: readonly Pod[], grants: readonly Holder[]): Ledger {
  const podsByNode = groupBy(pods.filter(isLive), (pod) => pod.spec.nodeName ?? '');
  const claims = new Map<string, Claim[]>();
  const known = new Map<string, Count>();

  const add = (holder: Holder): void => {
    const devices = holder.grant.endpoints.filter((endpoint) => endpoint.resource !== undefined);
    for (const [key, endpoints] of groupBy(devices, ({ node, resource }) => `${node}|${resource}`)) {
      const claim = { holder, endpoints };
      push(claims, key, claim);
      const use = known.get(key);
      if (use !== undefined) claimed(use, claim);
    }
  };

  const use = (node: string, resource: string): Use => {
    const key = `${node}|${resource}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const now = ofPods(podsByNode.get(node) ?? [], resource);
    for (const claim of claims.get(key) ?? []) claimed(now, claim);
    known.set(key, now);
    return now;
  };

  for (const grant of grants) add(grant);
  return { use, add };
}

function holds({ holders }: Use, who: string, count: number): void {
  holders.set(who, (holders.get(who) ?? 0) + count);
}

function claimed(use: Count, { holder, endpoints }: Claim): void {
  const [namespace] = holder.trial.split('/');
  const waiting = endpoints.filter(
    ({ name, object }) => !use.visible.has(`${holder.uid}/${name}`) && !use.visible.has(`${namespace}/${object}`),
  ).length;
  if (waiting === 0) return;
  use.count += waiting;
  holds(use, `trial ${holder.trial}`, waiting);
}

function ofPods(pods: readonly Pod[], resource: string): Count {
  const use: Count = { count: 0, foreign: 0, holders: new Map(), visible: new Set() };
  for (const pod of pods) {
    const count = requested(pod, resource);
    if (count === 0) continue;
    const { namespace, name, labels } = pod.metadata;
    const trial = labels?.[LABEL_TRIAL];
    use.count += count;
    if (trialUidOf(pod.metadata) === undefined) use.foreign += count;
    holds(use, trial === undefined ? `pod ${namespace}/${name}` : `trial ${namespace}/${trial}`, count);
    use.visible.add(`${labels?.[LABEL_TRIAL_UID]}/${labels?.[LABEL_ENDPOINT]}`).add(`${namespace}/${name}`);
  }
  return use;
}

/** Holders that a message names; of the others it says how much they have. */
const NAMED = 5;

/** `, in use: 2 by trial ns/a, 1 by pod ns/b`; empty where nobody holds any. */
export function inUseText(holders: ReadonlyMap<string, number>): string {
  if (holders.size === 0) return '';
  const all = [...holders].sort(([, a], [, b]) => b - a);
  const rest = all.slice(NAMED);
  const named = all.slice(0, NAMED).map(([who, count]) => `${count} by ${who}`);
  const more = rest.reduce((sum, [, count]) => sum + count, 0);
  return `, in use: ${named.join(', ')}${rest.length === 0 ? '' : ` and ${more} by ${rest.length} others`}`;
}
