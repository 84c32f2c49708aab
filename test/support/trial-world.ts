/**
 * A model of the cluster as far as one Trial goes: plans are carried out on it as the shell would, and what
 * kubelet, KubeVirt and the endpoints do to it is called by name. Nothing happens by itself.
 */
import { expect } from '@jest/globals';
import { findCondition, isTrue } from '../../src/api/conditions.ts';
import { LABEL_CREATED_BY, LABEL_TRIAL_UID } from '../../src/api/labels.ts';
import type { ResultDocument, TestPoint } from '../../src/api/protocol.ts';
import type {
  Experiment,
  GrantedEndpoint,
  Mode,
  Testbed,
  Trial,
  TrialSpec,
  TrialStatus,
} from '../../src/api/v1alpha1.ts';
import { digestOf } from '../../src/control/digest.ts';
import { trialPoints } from '../../src/plan/expand.ts';
import type { NetworkAttachment, Node, ObjectEvent, Pod, Vmi } from '../../src/plan/observed.ts';
import type { SriovNodeState } from '../../src/plan/preflight/observed.ts';
import { planTrial } from '../../src/plan/trial.ts';
import type { EndpointReport, TrialObserved } from '../../src/plan/trialObserved.ts';
import { type Troubles, troublesOf } from '../../src/plan/troubles.ts';
import { isEmpty, type Plan, type Removal } from '../../src/plan/types.ts';
import { toolsOf } from '../../src/results/catalogue.ts';
import { configuredAttachments, credentials, experiment, launcherPod, nodes, NOW, testbed, trial } from './builders.ts';
import { document, registration } from './documents.ts';
import { granted } from './trial-grant.ts';

type TrialPlan = Plan<TrialStatus>;
const EMPTY: EndpointReport = { registration: null, result: null, raw: null, fault: null };
const RESOURCES = { 'x/vfnet': '8', 'x/vfvfio': '8' };

export interface Setup {
  mode?: Mode;
  spec?: Partial<TrialSpec>;
  testbed?: Partial<Testbed['spec']>;
  /** When the grant is given. */
  now?: number;
}

/** What of a world a crash of the operator does not lose, and what it does. */
export class TrialWorld {
  now: number;
  trial: Trial;
  experiment: Experiment | null;
  testbed: Testbed | null;
  mode: Mode | null;
  points: TestPoint[];
  pods: Pod[] = [];
  vmis: Vmi[] = [];
  secrets: string[] = [];
  events: ObjectEvent[] = [];
  nodes: Map<string, Node> = nodes('node-a', 'node-b');
  attachments: Map<string, NetworkAttachment> = configuredAttachments();
  sriovStates = new Map<string, SriovNodeState>();
  reports = new Map<string, EndpointReport>();
  seen = new Set<string>();
  secretRemoved = false;
  troubles: Troubles = new Map();
  refused: TrialObserved['refused'] = null;

  constructor({ mode = { name: 'native', type: 'Native' }, spec = {}, testbed: bed = {}, now = NOW }: Setup = {}) {
    this.now = now;
    this.mode = mode;
    this.experiment = experiment({
      modes: [mode],
      pairs: [spec.pairs ?? 1],
      tests: [
        { name: 'bandwidth', type: 'Stream', protocol: 'TCP', streams: [1, 4], direction: 'Forward' },
        { name: 'latency', type: 'RequestResponse', protocol: 'UDP', messageBytes: [64], direction: 'Forward' },
      ],
    });
    this.testbed = testbed(bed);
    this.trial = trial({ mode: mode.name, ...spec });
    this.points = trialPoints(this.experiment.spec, 7, this.trial.spec);
    for (const node of this.nodes.values()) node.status = { ...node.status, allocatable: RESOURCES };
    this.trial = granted(this.trial, { mode, testbed: this.testbed, nodes: this.nodes, now: this.now });
  }

  get endpoints(): GrantedEndpoint[] {
    return this.trial.status?.grant?.endpoints ?? [];
  }

  endpoint(name: string): GrantedEndpoint {
    const found = this.endpoints.find((endpoint) => endpoint.name === name);
    if (found === undefined) throw new Error(`There is no endpoint ${name}`);
    return found;
  }

  observed(): TrialObserved {
    for (const { name, object } of this.endpoints) {
      if ([...this.pods, ...this.vmis].some((child) => child.metadata.name === object)) this.seen.add(name);
    }
    const { trial: t, experiment: e, testbed: b, mode, points, pods, vmis, events, reports, secretRemoved } = this;
    const observed = {
      trial: t,
      experiment: e,
      testbed: b,
      mode,
      points,
      tools: [...new Set(points.flatMap(toolsOf))],
      pods: [...pods],
      vmis: [...vmis],
      events: [...events],
      nodes: this.nodes,
      attachments: this.attachments,
      sriovStates: this.sriovStates,
      reports: new Map(reports),
      seen: new Set(this.seen),
      secretRemoved,
      refused: this.refused ?? null,
      credentials,
      digest: digestOf,
    };
    this.troubles = troublesOf(observed, this.troubles, this.now);
    return { ...observed, troubles: this.troubles };
  }

  plan(): TrialPlan {
    return planTrial(this.observed(), this.now);
  }

  /** Plans and carries it out, in the shell's order; `until` cuts it short as a crash would. */
  reconcile(until: 'status' | 'firstCreate' | 'end' = 'end'): TrialPlan {
    const plan = this.plan();
    if (plan.status !== undefined) this.trial = { ...this.trial, status: plan.status };
    if (until === 'status') return plan;
    for (const planned of until === 'firstCreate' ? plan.create.slice(0, 1) : plan.create) this.#create(planned);
    if (until === 'firstCreate') return plan;
    for (const removal of plan.remove) this.#remove(removal);
    return plan;
  }

  /** Reconciles until nothing is left to do now; each plan carried out must lead somewhere. */
  settle(): TrialPlan {
    for (let step = 0; step < 10; step++) {
      const plan = this.reconcile();
      if (isEmpty(plan)) return plan;
    }
    throw new Error('Planning does not come to rest');
  }

  #create(planned: TrialPlan['create'][number]): void {
    const { kind } = planned;
    const known: { metadata: { name: string } }[] = kind === 'Pod' ? this.pods : this.vmis;
    const metadata = { ...planned.metadata, uid: `uid-${planned.metadata.name}` };
    if (kind === 'Secret') {
      if (!this.secrets.includes(metadata.name)) this.secrets.push(metadata.name);
    } else if (!known.some((object) => object.metadata.name === metadata.name)) {
      if (kind === 'Pod') {
        this.pods.push({ metadata, spec: planned['spec'] as Pod['spec'], status: { phase: 'Pending' } });
      } else this.vmis.push({ metadata, status: { phase: 'Pending' } });
    }
  }

  #remove(removal: Removal): void {
    if ('name' in removal) {
      expect(removal.kind).toBe('Secret');
      this.secrets = this.secrets.filter((name) => name !== removal.name);
      this.secretRemoved = true;
      return;
    }
    const selectors = removal.labelSelector.split(',');
    expect(selectors).toContain(`${LABEL_TRIAL_UID}=${this.trial.metadata.uid}`);
    if (removal.kind === 'Pod') expect(selectors).toContain(`!${LABEL_CREATED_BY}`);
    const all: { metadata: Pod['metadata'] }[] = removal.kind === 'Pod' ? this.pods : this.vmis;
    for (const object of all) {
      if (removal.kind === 'Pod' && object.metadata.labels?.[LABEL_CREATED_BY] !== undefined) continue;
      object.metadata = { ...object.metadata, deletionTimestamp: '2026-01-01T01:00:00Z' };
    }
  }

  restart(): void {
    this.seen.clear();
    this.reports.clear();
    this.secretRemoved = false;
    this.troubles = new Map();
    this.refused = null;
  }

  pass(seconds: number): this {
    this.now += seconds * 1000;
    return this;
  }

  /** KubeVirt makes launcher pods, the scheduler binds, all get to run. */
  run(): this {
    for (const endpoint of this.endpoints) {
      if (endpoint.kind === 'VirtualMachineInstance') this.launch(endpoint);
      else this.setPod(endpoint.name, 'Running');
    }
    for (const vmi of this.vmis) vmi.status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    return this;
  }

  /** The launcher pod of a VMI, running on its node with the labels that KubeVirt gives it. */
  launch(endpoint: GrantedEndpoint, devices = 1): Pod | null {
    const vmi = this.vmis.find(({ metadata }) => metadata.name === endpoint.object);
    if (vmi === undefined) return null;
    const name = `virt-launcher-${endpoint.object}-abcde`;
    const old = this.pods.find((pod) => pod.metadata.name === name);
    if (old !== undefined) return old;
    const requests = endpoint.resource === undefined ? {} : { [endpoint.resource]: String(devices) };
    const launcher = launcherPod(name, vmi, endpoint.node, requests);
    this.pods.push(launcher);
    return launcher;
  }

  setPod(name: string, phase: string, status: Partial<NonNullable<Pod['status']>> = {}): Pod | undefined {
    const { object, node } = this.endpoint(name);
    const pod = this.pods.find(({ metadata }) => metadata.name === object);
    if (pod === undefined) return undefined;
    pod.status = { phase, ...status };
    if (phase !== 'Pending') pod.spec = { ...pod.spec, nodeName: node };
    return pod;
  }

  setVmi(name: string, status: NonNullable<Vmi['status']>): Vmi | undefined {
    const vmi = this.vmis.find(({ metadata }) => metadata.name === this.endpoint(name).object);
    if (vmi !== undefined) vmi.status = status;
    return vmi;
  }

  report(name: string, fields: Partial<EndpointReport>): this {
    this.reports.set(name, { ...EMPTY, ...this.reports.get(name), ...fields });
    return this;
  }

  register(name: string, nic: Parameters<typeof registration>[2] = {}): this {
    return this.report(name, { registration: registration(this.endpoint(name), this.mode?.type ?? 'Native', nic) });
  }

  deliver(name: string, fields: Partial<ResultDocument> = {}): this {
    const result = document(this.endpoint(name), this.mode?.type ?? 'Native', this.points, fields);
    const known = this.reports.get(name)?.registration ?? result.registration;
    return this.report(name, { registration: known, result, raw: { digest: 'sha256:00', data: 'AA==' } });
  }

  registerAll(): this {
    for (const { name } of this.endpoints) this.register(name);
    return this;
  }

  deliverAll(): this {
    for (const { name } of this.endpoints) this.deliver(name);
    return this;
  }

  /** Everybody ends by itself, as after an acknowledged result. */
  end(): this {
    for (const pod of this.pods) pod.status = { phase: 'Succeeded' };
    for (const vmi of this.vmis) vmi.status = { phase: 'Succeeded' };
    return this;
  }

  /** What is being deleted goes, launchers with their VMs. */
  vanish(): this {
    this.vmis = this.vmis.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const owners = new Set(this.vmis.map(({ metadata }) => metadata.uid));
    this.pods = this.pods.filter(({ metadata }) => {
      const owner = metadata.labels?.[LABEL_CREATED_BY];
      return owner === undefined ? metadata.deletionTimestamp === undefined : owners.has(owner);
    });
    return this;
  }

  isTrue(type: string): boolean {
    return isTrue(this.trial.status?.conditions, type);
  }

  /** `Finished=True/Completed`, by type, in order. */
  conditions(): string[] {
    return (this.trial.status?.conditions ?? []).map((c) => `${c.type}=${c.status}/${c.reason}`);
  }

  message(type: string): string {
    return findCondition(this.trial.status?.conditions, type)?.message ?? '';
  }
}
