/** Testbeds with limits for every fault, Experiments of one trial, and looks at what becomes of them. */
import { isTrue } from '../../../src/api/conditions.ts';
import type { Experiment, ModeType, Testbed } from '../../../src/api/v1alpha1.ts';
import {
  type KubeClient,
  type KubeObject,
  NAMESPACES,
  PODS,
  Reflector,
  type ResourceType,
  SECRETS,
  Store,
} from '../../../src/kube/index.ts';
import { EXPERIMENTS, TESTBEDS, VMIS } from '../../../src/api/kinds.ts';
import { createLogger } from '../../../src/log.ts';
import type { Agents } from '../../../src/sandbox/agents/agents.ts';
import { ANNOTATION_FAULT } from '../../../src/sandbox/agents/faults.ts';
import { ATTACHMENTS } from '../../../src/api/kinds.ts';
import { CAPACITY } from '../../../src/sandbox/agents/node.ts';
import type { Vmi } from '../../../src/sandbox/agents/vmi.ts';
import type { Limits } from '../../e2e/faults/kinds.ts';
import { eventually } from '../eventually.ts';
import { experimentManifest, labManifests } from '../fleet.ts';
import { Witness } from '../witness.ts';
import type { World } from './world.ts';

const STREAM = { name: 'bandwidth', type: 'Stream', protocol: 'TCP' };
const PATIENT = { scheduleSeconds: 300, startSeconds: 600, marginSeconds: 300, cleanupSeconds: 300 };
const PLACING = { ...PATIENT, scheduleSeconds: 20 };
const IMAGES = { pod: { image: 'vfbench.io/runner:test' }, vm: { image: 'vfbench.io/guest:test' } };

/** Bytes that no probe and no order needs: a test's data flow. */
const FLOWING = 1e6;
/** Of `Starting`. Played, a hundred endpoints start at once; where guests are real, a pod is all that has to start. */
const START_SECONDS = { played: 90, real: 40 };

/** What each Testbed has beside its limits. */
const SPECS: Record<Limits, object> = {
  Patient: { timeouts: PATIENT },
  Placing: { timeouts: PLACING },
  Starting: { timeouts: { ...PATIENT, startSeconds: START_SECONDS.played } },
  Measuring: { timeouts: { ...PATIENT, marginSeconds: 5 } },
  Crowded: {
    timeouts: PLACING,
    pod: { ...IMAGES.pod, resources: { requests: { cpu: '1' } } },
  },
  WrongImage: {
    timeouts: PLACING,
    pod: { image: 'registry.example/other:1' },
    vm: { image: 'registry.example/other:1', cores: 1, memory: '256Mi' },
  },
  Quota: { timeouts: PLACING },
};

/** More than any node has: held before anything is made. */
export const GREEDY = {
  pod: { ...IMAGES.pod, resources: { requests: { cpu: '100' }, limits: { cpu: '100' } } },
  vm: { ...IMAGES.vm, cores: 1, memory: '400Gi' },
};

export class FaultLab {
  readonly world: World;
  /** Of all Trials: each has one end, and none of them harms another. */
  readonly witness = new Witness();
  readonly #stop = new AbortController();
  readonly #experiments = new Store<Experiment & KubeObject>();
  readonly #squatters: (() => Promise<void>)[] = [];
  #testbeds = 0;

  private constructor(world: World) {
    this.world = world;
  }

  /** The lab's from now on: it closes it. */
  static async open(world: World): Promise<FaultLab> {
    const lab = new FaultLab(world);
    try {
      await lab.#watch();
    } catch (error) {
      await lab.close();
      throw error;
    }
    return lab;
  }

  async #watch(): Promise<void> {
    const { client } = this.world;
    await this.witness.start(client, this.#stop.signal);
    const log = createLogger('faults', process.env['TEST_LOG_LEVEL'] ?? 'silent');
    const reflector = new Reflector({ client, type: EXPERIMENTS, store: this.#experiments, log });
    void reflector.run(this.#stop.signal);
    await reflector.synced();
  }

  get client(): KubeClient {
    return this.world.client;
  }

  get agents(): Agents {
    return this.world.agents;
  }

  /** Spec of an Experiment whose endpoints have to be there for what is done to them; played ones wait by themselves. */
  get long(): object {
    return this.world.played ? {} : { durationSeconds: 20 };
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.world.close();
  }

  /** Fills a node with a pod of somebody else, which takes all of its CPUs and never runs. */
  async crowd(namespace: string, nodeName: string): Promise<void> {
    const name = `squatter-${nodeName}`;
    const resources = { requests: { cpu: CAPACITY.cpu } };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, annotations: { [ANNOTATION_FAULT]: 'image-pull' } },
      spec: { nodeName, containers: [{ name: 'main', image: 'registry.example/squatter:1', resources }] },
    };
    // Pods are refused before their namespace has its service account.
    await eventually(60, () => this.client.create(PODS, pod as KubeObject));
    this.#squatters.push(() => this.client.remove(PODS, { namespace, name }, { gracePeriodSeconds: 0 }));
  }

  /** Removes those pods. */
  async uncrowd(): Promise<void> {
    await Promise.all(this.#squatters.splice(0).map((leave) => leave()));
  }

  /** A namespace with attachments and a Testbed, on two nodes of its own. */
  async testbed(
    namespace: string,
    limits: Limits,
    [server, client]: [string, string],
    spec: object = {},
  ): Promise<void> {
    const nodes = { server: { names: [server] }, client: { names: [client] } };
    // All are on one wire: a subnet each. Nothing on one machine is faster than the link.
    const subnet = `10.${100 + this.#testbeds++}.0.0/16`;
    const link = { bitsPerSecond: '100G', mtu: 1500 };
    const short = limits === 'Starting' && !this.world.played;
    const limit = short ? { timeouts: { ...PATIENT, startSeconds: START_SECONDS.real } } : SPECS[limits];
    const manifests = labManifests(namespace, { nodes, link, subnet, concurrency: 512, ...limit, ...spec });
    const text = JSON.stringify(manifests).replaceAll('example.com/vf', 'sandbox.vfbench.io/vf');
    await this.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    for (const manifest of JSON.parse(text) as KubeObject[]) {
      await this.client.create(manifest.kind === 'Testbed' ? TESTBEDS : ATTACHMENTS, manifest);
    }
  }

  /** One trial of one test in one mode. */
  async start(namespace: string, name: string, type: ModeType, spec: object = {}): Promise<void> {
    const experiment = experimentManifest(namespace, name, {
      modes: [{ name: 'only', type }],
      baseline: 'only',
      tests: [STREAM],
      blocks: { min: 1, max: 1, retries: 0 },
      warmupSeconds: 0,
      ...spec,
    });
    await this.client.create(EXPERIMENTS, experiment as KubeObject);
  }

  /** Waits for the Experiment's end, whatever it is; fails with how far its Trials came. */
  finished(namespace: string, name: string, seconds: number): Promise<Experiment> {
    const look = (): Promise<Experiment | null> => {
      const found = this.experiment(namespace, name);
      // Trials come by a watch of their own, which may be behind.
      const [trial, ...more] = this.witness.trials(namespace, name);
      const isOver = [found, trial, ...more].every((each) => isTrue(each?.status?.conditions, 'Finished'));
      return Promise.resolve(isOver ? (found ?? null) : null);
    };
    return eventually(seconds, look, 200).catch((error: unknown) => {
      const trials = this.witness.trials(namespace, name).map(({ status }) => status?.conditions);
      throw new Error(`${name} did not end: ${JSON.stringify(trials)}`, { cause: error });
    });
  }

  /** The Experiment as a watch shows it: a hundred tests that poll would starve what they wait for. */
  experiment(namespace: string, name: string): Experiment | undefined {
    return this.#experiments.get(`${namespace}/${name}`);
  }

  /** Pods, VMs and Secrets of a namespace; launcher pods by the name of their VM. */
  async leftovers(namespace: string): Promise<string[]> {
    const lists = await Promise.all(
      [PODS, VMIS, SECRETS].map((type) => this.client.list<KubeObject>(type, { namespace })),
    );
    return lists.flatMap(({ items }) =>
      items.map(({ kind, metadata }) => `${kind} ${metadata.name.replace(/^virt-launcher-/, '')}`),
    );
  }

  /** Waits until the operator has seen that a node has so many of a resource: what begins from then on meets that. */
  async allocatable(namespace: string, node: string, resource: string, count: number): Promise<void> {
    await eventually(120, async () => {
      const { status } = await this.client.get<Testbed & KubeObject>(TESTBEDS, { namespace, name: 'lab' });
      const resources = status?.nodes?.find(({ name }) => name === node)?.resources;
      return resources?.find(({ name }) => name === resource)?.allocatable === count || null;
    });
  }

  /** An endpoint's object: the pod, or the VM. */
  async endpoint(namespace: string, matches: (name: string) => boolean, type: ModeType): Promise<KubeObject | null> {
    const kind: ResourceType = type === 'Native' ? PODS : VMIS;
    const { items } = await this.client.list<KubeObject>(kind, { namespace });
    return items.find(({ metadata }) => matches(metadata.name)) ?? null;
  }

  /** The pod behind an endpoint: itself, or the VM's launcher. */
  async podBehind(namespace: string, matches: (name: string) => boolean, type: ModeType): Promise<KubeObject | null> {
    const own = await this.endpoint(namespace, matches, type);
    if (own === null || type === 'Native') return own;
    const labelSelector = `kubevirt.io/created-by=${own.metadata.uid ?? ''}`;
    return (await this.client.list<KubeObject>(PODS, { namespace, labelSelector })).items[0] ?? null;
  }

  /** Waits until a VM's guest has been started. */
  async booting(namespace: string, matches: (name: string) => boolean): Promise<void> {
    await eventually(120, async () => {
      const vmi = (await this.endpoint(namespace, matches, 'Virtio')) as
        (KubeObject & { status?: Vmi['status'] }) | null;
      return vmi?.status?.phase === 'Running' || null;
    });
  }

  /** Waits until an endpoint is in the middle of its first test; a played one never is. */
  async testing(namespace: string, matches: (name: string) => boolean, type: ModeType): Promise<void> {
    if (this.world.played) return;
    const pod = await this.podBehind(namespace, matches, type);
    const carried = (): Promise<number> => this.agents.carried(namespace, pod?.metadata.name ?? '');
    await eventually(120, async () => (await carried()) > FLOWING || null);
  }

  /** Waits until a Trial of the Experiment measures; fails where it ends before, with how. */
  async measuring(namespace: string, experiment: string): Promise<void> {
    const is = (type: string): boolean =>
      this.witness.trials(namespace, experiment).some(({ status }) => isTrue(status?.conditions, type));
    await eventually(300, () => Promise.resolve(is('EndpointsReady') || is('Finished') || null)).catch(() => null);
    if (is('EndpointsReady')) return;
    const [trial] = this.witness.trials(namespace, experiment);
    throw new Error(`${experiment} does not measure: ${JSON.stringify(trial?.status?.conditions)}`);
  }
}
