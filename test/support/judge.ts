/**
 * Goes through a history revision by revision and notes each breach of what must hold at every one of them. Who holds a VF is
 * told by the pods and VMs that exist, not by what the operator says; its grants are held against that.
 */
import { LABEL_TRIAL_UID } from '../../src/api/labels.ts';
import { isTrue } from '../../src/api/conditions.ts';
import type { GrantedEndpoint, Trial } from '../../src/api/v1alpha1.ts';
import { type KubeObject, keyOf } from '../../src/kube/index.ts';
import type { Pod, Vmi } from '../../src/plan/observed.ts';
import type { Happening } from './history.ts';

type Seen = Trial & KubeObject;
type Thing = (Pod | Vmi) & KubeObject;

interface Standing {
  trial: string;
  /** Namespace of the Trial: each has one Testbed. */
  namespace: string;
  name: string;
  node: string;
  /** Resource to count. */
  devices: Map<string, number>;
  isLive: boolean;
}

export interface Law {
  /** Devices of each resource on each node. */
  devices: number;
  /** Trials at once on one Testbed. */
  concurrency: number;
}

function devicesOf(kind: string, spec: Pod['spec'] & NonNullable<Vmi['spec']>): Map<string, number> {
  const requests =
    kind === 'Pod' ? spec.containers.map((c) => c.resources?.requests) : [spec.domain?.resources?.requests];
  const devices = new Map<string, number>();
  for (const [resource, count] of requests.flatMap((list) => Object.entries(list ?? {})))
    if (resource.startsWith('example.com/')) devices.set(resource, (devices.get(resource) ?? 0) + Number(count));
  return devices;
}

function standing(kind: string, object: Thing): Standing {
  const { labels, ownerReferences, namespace = '', name } = object.metadata;
  const spec = object.spec as Pod['spec'] & NonNullable<Vmi['spec']>;
  return {
    trial: ownerReferences?.find((owner) => owner.kind === 'Trial')?.uid ?? labels?.[LABEL_TRIAL_UID] ?? '',
    namespace,
    name,
    node: spec.nodeName ?? /"values":\["([^"]+)"/.exec(JSON.stringify(spec.affinity ?? {}))?.[1] ?? '',
    devices: devicesOf(kind, spec),
    isLive: !['Succeeded', 'Failed'].includes(object.status?.phase ?? ''),
  };
}

const isHeld = ({ status }: Trial): boolean => status?.grant !== undefined && !isTrue(status.conditions, 'Finished');

export class Judge {
  readonly breaches: string[] = [];
  /** Most devices of one resource that were held at once on one node. */
  most = 0;
  grants = 0;
  /** Trials that were deleted while they held a grant. */
  cancelled = 0;
  finished = 0;
  /** Trials that neither ended nor were deleted. */
  readonly open: () => string[];
  readonly #law: Law;
  readonly #trials = new Map<string, Seen>();
  readonly #grants = new Map<string, GrantedEndpoint[]>();
  readonly #ends = new Map<string, string>();
  readonly #standing = new Map<string, Standing>();

  constructor(law: Law) {
    this.#law = law;
    this.open = () => [...this.#trials.values()].filter((t) => !isTrue(t.status?.conditions, 'Finished')).map(keyOf);
  }

  /** UIDs of what still stands. */
  get left(): string[] {
    return [...this.#standing.values()].map(({ name }) => name);
  }

  hear(events: readonly Happening[]): this {
    for (const event of events) {
      if (event.kind === 'Trial') this.#trial(event);
      else this.#thing(event);
      this.#holds(event.revision);
    }
    return this;
  }

  #breach({ revision }: { revision: number }, what: string): void {
    this.breaches.push(`@${revision} ${what}`);
  }

  #trial(event: Happening): void {
    const trial = event.object as Seen;
    const uid = trial.metadata.uid ?? '';
    const before = this.#trials.get(uid);
    if (event.type === 'DELETED') {
      if (before !== undefined && isHeld(before)) this.cancelled++;
      return void this.#trials.delete(uid);
    }
    this.#trials.set(uid, trial);
    const grant = trial.status?.grant;
    if (grant !== undefined && !this.#grants.has(uid)) {
      this.#grants.set(uid, grant.endpoints);
      this.grants++;
      this.#granted(event, trial);
    }
    this.#ended(event, trial);
  }

  #ended(event: Happening, trial: Seen): void {
    const uid = trial.metadata.uid ?? '';
    const end = this.#ends.get(uid);
    const now = JSON.stringify(trial.status);
    if (end !== undefined && end !== now) this.#breach(event, `${keyOf(trial)} changed after its end`);
    if (end !== undefined || !isTrue(trial.status?.conditions, 'Finished')) return;
    this.#ends.set(uid, now);
    this.finished++;
    const left = [...this.#standing.values()].filter((thing) => thing.trial === uid);
    if (left.length > 0) this.#breach(event, `${keyOf(trial)} ended, and ${left[0]?.name} is still there`);
  }

  /** Promised to all that hold a grant, and what is there of those that hold none any more: within what there is. */
  #granted(event: Happening, trial: Seen): void {
    const held = [...this.#trials.values()].filter(isHeld);
    const uids = new Set(held.map(({ metadata }) => metadata.uid));
    const promised = new Map<string, number>();
    const count = (key: string, n: number): void => void promised.set(key, (promised.get(key) ?? 0) + n);
    for (const { status } of held)
      for (const { node, resource } of status?.grant?.endpoints ?? [])
        if (resource !== undefined) count(`${node} ${resource}`, 1);
    for (const { trial: owner, node, devices, isLive } of this.#standing.values())
      if (isLive && !uids.has(owner)) for (const [resource, n] of devices) count(`${node} ${resource}`, n);
    for (const [key, n] of promised)
      if (n > this.#law.devices) this.#breach(event, `${keyOf(trial)} granted: ${n} promised of ${key}`);
    const addresses = held
      .filter(({ metadata }) => metadata.namespace === trial.metadata.namespace)
      .flatMap(({ status }) => status?.grant?.endpoints.map(({ address }) => address) ?? []);
    if (new Set(addresses).size < addresses.length)
      this.#breach(event, `${keyOf(trial)} granted: an address is given twice`);
  }

  #thing(event: Happening): void {
    const object = event.object as Thing;
    const uid = object.metadata.uid ?? '';
    if (event.type === 'DELETED') return void this.#standing.delete(uid);
    const now = standing(event.kind, object);
    if (!this.#standing.has(uid)) this.#born(event, now);
    this.#standing.set(uid, now);
  }

  /** What is created was granted before, as it is. */
  #born(event: Happening, { trial, name, node, devices }: Standing): void {
    const granted = this.#grants.get(trial)?.find(({ object }) => object === name);
    if (granted === undefined) return this.#breach(event, `${name} was made without a grant`);
    const wanted = granted.resource === undefined ? '' : `${granted.resource}=1`;
    const asked = [...devices].map(([resource, n]) => `${resource}=${n}`).join();
    if (node !== granted.node || asked !== wanted)
      this.#breach(event, `${name} is ${asked} on ${node}, granted was ${wanted} on ${granted.node}`);
  }

  #holds(revision: number): void {
    const held = new Map<string, number>();
    const owners = new Map<string, Map<string, Set<string>>>();
    for (const { isLive, node, devices, namespace, trial } of this.#standing.values()) {
      if (!isLive) continue;
      for (const [resource, n] of devices) held.set(`${node} ${resource}`, (held.get(`${node} ${resource}`) ?? 0) + n);
      const beds = owners.get(node) ?? new Map<string, Set<string>>();
      owners.set(node, beds.set(namespace, (beds.get(namespace) ?? new Set()).add(trial)));
    }
    for (const [key, n] of held) {
      this.most = Math.max(this.most, n);
      if (n > this.#law.devices) this.#breach({ revision }, `${n} held of ${key}`);
    }
    for (const [node, beds] of owners) {
      if (beds.size > 1) this.#breach({ revision }, `${[...beds.keys()].join(' and ')} are both on ${node}`);
      for (const [namespace, trials] of beds)
        if (trials.size > this.#law.concurrency)
          this.#breach({ revision }, `${trials.size} trials of ${namespace} at once`);
    }
  }
}
