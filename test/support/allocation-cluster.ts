/**
 * A cluster in which Trials, pods, VMs and nodes come and go at random; only grants are decided by the allocator. After each
 * of its decisions it is held against a count of its own: nothing is given twice, and nothing is kept back.
 */
import { bed, holder, live, request, VF, vm } from './allocation.ts';
import { addsUp, COUNTED, hold, isUnique } from './allocation-refusals.ts';
import type { Step } from './allocation-steps.ts';
import { launcherPod, node } from './builders.ts';
import { LABEL_CREATED_BY, LABEL_TRIAL_UID } from '../../src/api/labels.ts';
import { allocate, type AllocationResult, type Request } from '../../src/plan/allocate.ts';
import { deviceCounts } from '../../src/plan/endpoints.ts';
import { footprints, lingeringNodes } from '../../src/plan/footprint.ts';
import type { LiveGrant } from '../../src/plan/held.ts';
import { isLive, type Pod, type Vmi } from '../../src/plan/observed.ts';
import { onNode } from '../../src/plan/render/placement.ts';
import { nodesOf } from '../../src/plan/turns.ts';

const NODES = ['node-a', 'node-b', 'node-c'];
/** Their subnets overlap, as where all are on one wire; the smaller ones run out of addresses. */
const BEDS = [
  bed('one'),
  bed('two', { subnet: '192.168.50.0/29' }),
  bed('many', { concurrency: 3, subnet: '192.168.50.0/28' }),
] as const;
const PLACES = NODES.flatMap((server) => NODES.filter((n) => n !== server).map((client) => ({ server, client })));
const MODES = ['Native', 'Virtio', 'Passthrough'] as const;
const RESOURCES = [VF, 'x/vfnet'];

export class Cluster {
  waiting: Request[] = [];
  live: LiveGrant[] = [];
  pods: Pod[] = [];
  vms: Vmi[] = [];
  nodes = new Map(NODES.map((name) => [name, node(name, { [VF]: '4', 'x/vfnet': '4' })]));
  /** Whose an object truly is, whatever its metadata says. */
  readonly #owner = new Map<string, string>();
  readonly #served = new Map<string, number>();
  #serial = 0;

  do({ what, n, count }: Step): void {
    const trial = this.live[n % Math.max(this.live.length, 1)];
    const name = NODES[n % NODES.length] ?? '';
    if (what === 'ask') this.#ask(n, count);
    else if (what === 'grant') this.grant();
    else if (what === 'bind') this.#bind(count);
    else if (what === 'removePods') this.#removeLeft();
    else if (what === 'allocatable') this.nodes.set(name, node(name, { [VF]: `${count}`, 'x/vfnet': `${4 - count}` }));
    else if (what === 'renameNode') this.nodes.delete(name);
    else if (what === 'others') this.#others(name, count);
    else if (what === 'othersEnd') this.pods = this.pods.filter((pod) => !pod.metadata.name.startsWith('other-'));
    else if (trial !== undefined) this.#happen(what, trial, count);
  }

  #happen(what: Step['what'], trial: LiveGrant, count: number): void {
    const own = this.#podsOf(trial.uid);
    if (what === 'pods') this.#makePods(trial, count, true);
    if (what === 'unbound') this.#makePods(trial, count, false);
    if (what === 'vms') this.#makeVms(trial, count);
    if (what === 'launch') this.#launch(trial);
    if (what === 'endPods') end(own);
    if (what === 'endVms') end(this.#vmsOf(trial.uid));
    if (what === 'relabel') for (const pod of own.filter(isEndpoint)) delete pod.metadata.labels;
    if (what === 'disown') for (const object of [...own, ...this.vms]) delete object.metadata.ownerReferences;
    if (what === 'cleanUp') this.#remove((uid) => uid === trial.uid);
    // The endpoints of a deleted trial stay for a while.
    if (what === 'cleanUp' || what === 'deleteTrial') this.live = this.live.filter(({ uid }) => uid !== trial.uid);
  }

  #remove(matches: (trialUid: string) => boolean): void {
    const stays = ({ metadata }: Pod | Vmi): boolean => {
      const owner = this.#owner.get(metadata.uid ?? '');
      return owner === undefined || !matches(owner);
    };
    this.pods = this.pods.filter(stays);
    this.vms = this.vms.filter(stays);
  }

  #removeLeft(): void {
    this.#remove((owner) => !this.live.some(({ uid }) => uid === owner));
  }

  #others(at: string, count: number): void {
    this.pods.push(holder(`other-${this.#serial++}`, at, { [RESOURCES[count % 2] ?? '']: count }));
  }

  #ask(n: number, count: number): void {
    const owner = BEDS[n % BEDS.length] as (typeof BEDS)[0];
    const places = PLACES[n % PLACES.length] as (typeof PLACES)[0];
    const placement = n % 4 === 0 ? 'SameNode' : 'CrossNode';
    const mode = MODES[n % MODES.length] ?? 'Native';
    const wish = {
      bed: owner,
      nodes: places,
      placement,
      mode,
      pairs: 1 + (count % 3),
      namespace: `ns${count}`,
    } as const;
    this.waiting.push(request(`t${this.#serial}`, { ...wish, createdAt: this.#serial++ }));
  }

  /** Some of a trial's endpoints become visible, on their nodes or on their way there. */
  #makePods({ uid, trial, grant }: LiveGrant, count: number, isBound: boolean): void {
    for (const { name, object, node: at, resource } of grant.endpoints.slice(0, count + 1)) {
      if ([...this.pods, ...this.vms].some(({ metadata }) => metadata.name === object)) continue;
      const owner = { uid, endpoint: name, trial };
      const pod = holder(object, at, resource === undefined ? {} : { [resource]: 1 }, owner);
      this.#owner.set(pod.metadata.uid ?? '', uid);
      const { nodeName: _, ...spec } = pod.spec;
      this.pods.push(isBound ? pod : { ...pod, spec: { ...spec, affinity: onNode(at) } });
    }
  }

  #makeVms({ uid, trial, grant }: LiveGrant, count: number): void {
    for (const { name, object, node: at, resource } of grant.endpoints.slice(0, count + 1)) {
      if ([...this.pods, ...this.vms].some(({ metadata }) => metadata.name === object)) continue;
      const made = vm(object, at, resource === undefined ? {} : { [resource]: 1 }, { uid, endpoint: name, trial });
      this.#owner.set(made.metadata.uid ?? '', uid);
      this.vms.push(made);
    }
  }

  /** KubeVirt makes the launcher pods, and the scheduler binds them. */
  #launch({ uid }: LiveGrant): void {
    for (const vmi of this.#vmsOf(uid).filter((one) => isLive(one) && this.#launcherOf(one) === undefined)) {
      const pod = launcherPod(`launcher-${vmi.metadata.name}`, vmi, placeOf(vmi) ?? '', vfsOf(vmi));
      this.#owner.set(pod.metadata.uid ?? '', uid);
      this.pods.push(pod);
    }
  }

  #launcherOf({ metadata: { uid } }: Vmi): Pod | undefined {
    return this.pods.find(({ metadata }) => metadata.labels?.[LABEL_CREATED_BY] === uid);
  }

  #bind(count: number): void {
    for (const pod of this.pods.filter(({ spec }) => spec.nodeName === undefined).slice(0, count + 1))
      pod.spec.nodeName = placeOf(pod) ?? '';
  }

  #podsOf(uid: string): Pod[] {
    return this.pods.filter((pod) => this.#owner.get(pod.metadata.uid ?? '') === uid);
  }

  #vmsOf(uid: string): Vmi[] {
    return this.vms.filter((vmi) => this.#owner.get(vmi.metadata.uid ?? '') === uid);
  }

  grant(): void {
    const bound = this.pods.filter(({ spec }) => spec.nodeName !== undefined);
    const own = this.pods.filter(({ metadata }) => metadata.labels?.[LABEL_TRIAL_UID] !== undefined);
    const pods = footprints(bound, own, this.vms);
    const lingering = lingeringNodes(pods, new Set(this.live.map(({ uid }) => uid)));
    const { waiting: requests, live: before, nodes } = this;
    const input = { requests, live: before, testbeds: new Map(BEDS), nodes, pods, lingering, served: this.#served };
    const result = allocate(input);
    hold(result.granted.length + result.refused.length === this.waiting.length, 'each request is decided once');
    for (const { request: wanted } of result.granted)
      for (const at of nodesOf(wanted.needs)) this.#served.set(`${at}|${wanted.namespace}`, ++this.#serial);
    const fresh = result.granted.map(({ request: wanted, grant }) => live(wanted, grant));
    this.waiting = result.refused.map(({ request: wanted }) => wanted);
    this.live.push(...fresh);
    for (const { grant, testbed } of fresh) {
      const places = new Set(grant.endpoints.map((endpoint) => endpoint.node));
      const isAlone =
        testbed.endsWith('many') || ![...this.pods, ...this.vms].some((left) => this.#haunts(left, places));
      hold(isAlone, 'granted beside endpoints of a deleted trial');
      for (const { node: at, resource } of grant.endpoints)
        hold(resource === undefined || this.#taken(at, resource) <= this.#has(at, resource), 'a device is held twice');
    }
    this.#queued(result);
    this.check();
  }

  /** Places run from 1 without a gap, and what a refusal says of devices adds up. */
  #queued({ refused }: AllocationResult): void {
    for (const at of NODES) {
      const queue = refused.filter(({ request: { needs } }) => nodesOf(needs).has(at));
      queue.forEach(({ place }, i) => {
        hold(place.position > i, 'a place is not before those of its queue');
        hold(place.length >= place.position, 'a place is within its queue');
      });
      if (queue[0] !== undefined && nodesOf(queue[0].request.needs).size === 1)
        hold(queue[0].place.position === 1, 'the first is first');
    }
    const trials = refused.map(({ request: { trial } }) => trial);
    const requests = refused.map(({ request: wanted }) => wanted);
    for (const [i, one] of refused.entries()) {
      const { finding } = one;
      hold(finding.message !== '', 'a refusal says why');
      hold(this.#isSo(one, requests.slice(0, i)), `kept back: ${finding.reason}: ${finding.message}`);
      hold(finding.reason !== 'SubnetTooSmall', 'a subnet that others have addresses of is not too small');
      if (COUNTED.has(finding.reason)) addsUp(finding.message, trials.slice(0, i));
    }
  }

  /** Stands on one of the places, though the trial that it was made for is gone; unless nobody can know any more. */
  #haunts(object: Pod | Vmi, places: ReadonlySet<string>): boolean {
    const { uid = '', labels, ownerReferences } = object.metadata;
    const owner = this.#owner.get(uid);
    const isKnown = labels !== undefined || ownerReferences !== undefined;
    if (owner === undefined || !isKnown || !isLive(object) || !places.has(placeOf(object) ?? '')) return false;
    return !this.live.some((trial) => trial.uid === owner);
  }

  /** What all live trials were granted, and what is there of others: recounted from nothing. */
  #taken(at: string, resource: string): number {
    const promised = this.live
      .flatMap(({ grant }) => grant.endpoints)
      .filter((e) => e.node === at && e.resource === resource).length;
    const isOthers = (object: Pod | Vmi): boolean =>
      isLive(object) &&
      placeOf(object) === at &&
      !this.live.some(({ uid }) => uid === this.#owner.get(object.metadata.uid ?? ''));
    const isComing = (vmi: Vmi): boolean => {
      const launcher = this.#launcherOf(vmi);
      return launcher === undefined || !isLive(launcher);
    };
    const requests = [
      ...this.pods.filter(isOthers).map((pod) => pod.spec.containers[0]?.resources?.requests),
      ...this.vms.filter((vmi) => isOthers(vmi) && isComing(vmi)).map(vfsOf),
    ];
    return requests.reduce((sum, each) => sum + Number(each?.[resource] ?? 0), promised);
  }

  #has(at: string, resource: string): number {
    return Number(this.nodes.get(at)?.status?.allocatable?.[resource] ?? 0);
  }

  /** Nothing is kept back: what a refusal says is so, by a count of our own. */
  #isSo({ request: { testbed, needs }, finding }: Refused, before: readonly Request[]): boolean {
    const places = nodesOf(needs);
    const isThere = (own: readonly { node: string }[]): boolean => own.some(({ node: at }) => places.has(at));
    if (finding.reason === 'TestbedBusy') {
      const own = this.live.filter((trial) => trial.testbed === testbed);
      return own.length === BEDS.find(([key]) => key === testbed)?.[1].spec.concurrency;
    }
    if (finding.reason === 'NodesBusy')
      return (
        this.live.some((trial) => trial.testbed !== testbed && isThere(trial.grant.endpoints)) ||
        [...this.pods, ...this.vms].some((object) => this.#haunts(object, places)) ||
        before.some((first) => first.testbed !== testbed && isThere(first.needs))
      );
    if (finding.reason !== 'InsufficientVFs' || finding.message.includes('kept for trial')) return true;
    return [...deviceCounts(needs)].some(([key, needed]) => {
      const [at = '', resource = ''] = key.split('|');
      return this.#taken(at, resource) + needed > this.#has(at, resource);
    });
  }

  check(): void {
    for (const [key, { spec }] of BEDS) {
      const own = this.live.filter(({ testbed }) => testbed === key);
      hold(own.length <= spec.concurrency, 'more trials at once than the Testbed runs');
    }
    const addresses = this.live.flatMap(({ grant }) => grant.endpoints.map(({ address }) => address.split('/')[0]));
    hold(isUnique(addresses), 'an address is given twice');
    for (const place of NODES) {
      const users = new Set(
        this.live.filter(({ grant }) => grant.endpoints.some((e) => e.node === place)).map(({ testbed }) => testbed),
      );
      hold(users.size <= 1, 'two Testbeds share a node');
    }
    const macs = this.live
      .flatMap(({ grant }) => grant.endpoints.flatMap((e) => [e.mac, e.managementMac]))
      .filter(Boolean);
    hold(isUnique(macs), 'a MAC is given twice');
  }
}

type Refused = AllocationResult['refused'][number];

function end(objects: readonly (Pod | Vmi)[]): void {
  for (const object of objects) object.status = { phase: 'Succeeded' };
}

/** Launcher pods keep their labels: only by these a VM on its way is known from one that has its pod. */
const isEndpoint = ({ metadata, spec }: Pod): boolean =>
  spec.nodeName !== undefined && metadata.labels?.[LABEL_CREATED_BY] === undefined;

const vfsOf = ({ spec }: Vmi): Record<string, string> =>
  (spec?.domain?.resources?.requests ?? {}) as Record<string, string>;

const placeOf = ({ spec }: Pod | Vmi): string | undefined =>
  (spec as Pod['spec']).nodeName ?? /"values":\["([^"]+)"/.exec(JSON.stringify(spec?.affinity))?.[1];
