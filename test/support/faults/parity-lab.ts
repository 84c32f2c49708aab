/**
 * The sandbox without its packets: a real API server, scheduler and controller manager, the stand-ins for kubelet,
 * Multus, device plugin and KubeVirt, the operator as a process, and endpoints that are played.
 */
import { join } from 'node:path';
import { isTrue } from '../../../src/api/conditions.ts';
import type { Experiment, ModeType } from '../../../src/api/v1alpha1.ts';
import {
  KubeClient,
  type KubeObject,
  NAMESPACES,
  PODS,
  Reflector,
  type ResourceType,
  SECRETS,
  Store,
} from '../../../src/kube/index.ts';
import { EXPERIMENTS, TESTBEDS, VMIS } from '../../../src/control/kinds.ts';
import { createLogger } from '../../../src/log.ts';
import { type Agents, startAgents } from '../../../src/sandbox/agents/agents.ts';
import { FakeSubstrate, type Started } from '../../../src/sandbox/agents/fake-substrate.ts';
import { ANNOTATION_FAULT } from '../../../src/sandbox/agents/faults.ts';
import { ATTACHMENTS } from '../../../src/sandbox/agents/kinds.ts';
import { CAPACITY } from '../../../src/sandbox/agents/node.ts';
import { freePorts } from '../../../src/sandbox/controlplane/ports.ts';
import { startOperator } from '../../../src/sandbox/operator.ts';
import type { Limits, Misdeed } from '../../e2e/faults/kinds.ts';
import { eventually } from '../eventually.ts';
import { experimentManifest, labManifests, OPERATOR_NAMESPACE } from '../fleet.ts';
import { Witness } from '../witness.ts';
import type { TestCluster, TestClusterOptions } from '../start-cluster.ts';
import { configOf, Players } from './player.ts';

const ROOT = join(import.meta.dirname, '../../..');
const STREAM = { name: 'bandwidth', type: 'Stream', protocol: 'TCP' };
const PATIENT = { scheduleSeconds: 300, startSeconds: 600, marginSeconds: 300, cleanupSeconds: 300 };
const PLACING = { ...PATIENT, scheduleSeconds: 20 };
const IMAGES = { pod: { image: 'vfbench.io/runner:test' }, vm: { image: 'vfbench.io/guest:test' } };
const VFS = 120;

/** By name of the endpoint. */
export type Misdeeds = Readonly<Record<string, Misdeed>>;

/** What each Testbed has beside its limits. */
const SPECS: Record<Limits, object> = {
  Patient: { timeouts: PATIENT },
  Placing: { timeouts: PLACING },
  Starting: { timeouts: { ...PATIENT, startSeconds: 60 } },
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

export const PARITY_CLUSTER: TestClusterOptions = {
  crds: [join(ROOT, 'crds'), join(ROOT, 'src/sandbox/agents/crds')],
  components: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'],
  extraArgs: { 'kube-controller-manager': ['--node-monitor-grace-period=1h'] },
};

export class ParityLab {
  readonly cluster: TestCluster;
  readonly substrate: FakeSubstrate;
  readonly client: KubeClient;
  readonly #stop = new AbortController();
  readonly #experiments = new Store<Experiment & KubeObject>();
  readonly #undo: (() => Promise<void>)[] = [];
  readonly #misdeeds = new Map<string, Misdeeds>();
  #agents!: Agents;
  /** Of all Trials: each has one end, and none of them harms another. */
  readonly witness = new Witness();

  private constructor(cluster: TestCluster) {
    const log = createLogger('parity', process.env['TEST_LOG_LEVEL'] ?? 'silent');
    this.cluster = cluster;
    this.client = KubeClient.fromKubeConfig({ kubeconfig: cluster.kubeconfig, log });
    const players = new Players(this.client, this.#stop.signal);
    this.substrate = new FakeSubstrate({ onStart: (started) => this.#play(players, started) });
  }

  static async open(cluster: TestCluster, nodes: readonly string[]): Promise<ParityLab> {
    const lab = new ParityLab(cluster);
    try {
      await lab.#assemble(nodes);
    } catch (error) {
      await lab.close();
      throw error;
    }
    return lab;
  }

  async #assemble(nodes: readonly string[]): Promise<void> {
    const { cluster, client, substrate } = this;
    const log = createLogger('agents', process.env['TEST_LOG_LEVEL'] ?? 'silent');
    const vfs = { vfnet: VFS, vfvfio: VFS };
    this.#agents = await startAgents({ client, substrate, log, nodes: nodes.map((name) => ({ name, vfs })) });
    this.#undo.push(() => this.#agents.stop());
    await cluster.kubectl(['apply', '-f', join(ROOT, 'deploy/base/rbac.yaml')]);
    const user = `system:serviceaccount:${OPERATOR_NAMESPACE}:vfbench`;
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${OPERATOR_NAMESPACE}`];
    const [port = 0] = await freePorts(1);
    const operator = await startOperator({
      dir: cluster.dir,
      name: 'parity',
      kubeconfig: await cluster.controlPlane.kubeconfigFor(user, groups),
      namespace: OPERATOR_NAMESPACE,
      collector: { port, url: `https://127.0.0.1:${port}` },
      leaderElection: false,
    });
    this.#undo.push(() => operator.stop());
    await this.witness.start(client, this.#stop.signal);
    const reflector = new Reflector({ client, type: EXPERIMENTS, store: this.#experiments, log });
    void reflector.run(this.#stop.signal);
    await reflector.synced();
  }

  get agents(): Agents {
    return this.#agents;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    for (const step of this.#undo.splice(0).reverse()) await step();
    await this.client.close();
  }

  /** What the program in an endpoint of that Experiment does wrong from now on; the others do all right. */
  misbehave(experiment: string, misdeeds: Misdeeds): void {
    this.#misdeeds.set(experiment, misdeeds);
  }

  /** A runner finds by its configuration which Experiment it belongs to. */
  #play(players: Players, started: Started): void {
    const { trial, endpoint } = configOf(started);
    const misdeed = this.#misdeeds.get(trial.name.replace(/-b0-[^/]*$/, ''))?.[endpoint];
    const mac = this.substrate.pods.get(started.id)?.attached.at(-1)?.mac;
    players.play(started, misdeed, started.kind === 'Vm' ? undefined : mac);
  }

  /** Fills a node with a pod of somebody else, which takes all of its CPUs and never runs; the result removes it. */
  async crowd(namespace: string, nodeName: string): Promise<() => Promise<void>> {
    const name = `squatter-${nodeName}`;
    const resources = { requests: { cpu: CAPACITY.cpu } };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, annotations: { [ANNOTATION_FAULT]: 'image-pull' } },
      spec: { nodeName, containers: [{ name: 'main', image: 'registry.example/squatter:1', resources }] },
    };
    await this.client.create(PODS, pod as KubeObject);
    return () => this.client.remove(PODS, { namespace, name }, { gracePeriodSeconds: 0 });
  }

  /** A namespace with attachments and a Testbed, on two nodes of its own. */
  async testbed(
    namespace: string,
    limits: Limits,
    [server, client]: [string, string],
    spec: object = {},
  ): Promise<void> {
    const nodes = { server: { names: [server] }, client: { names: [client] } };
    const manifests = labManifests(namespace, { nodes, concurrency: 512, ...SPECS[limits], ...spec });
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
      return Promise.resolve(isTrue(found?.status?.conditions, 'Finished') ? (found ?? null) : null);
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

  /** Waits until a Trial of the Experiment measures. */
  async measuring(namespace: string, experiment: string): Promise<void> {
    await eventually(300, () => {
      const [trial] = this.witness.trials(namespace, experiment);
      return Promise.resolve(isTrue(trial?.status?.conditions, 'EndpointsReady') || null);
    });
  }
}
