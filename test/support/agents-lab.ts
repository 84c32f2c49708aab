/**
 * For tests of the sandbox's agents: they on a real cluster and on a substrate that does nothing, a namespace per test,
 * and ways to look at the world until it is as it should be.
 */
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { KubeClient } from '../../src/kube/client.ts';
import type { KubeObject, ResourceType } from '../../src/kube/object.ts';
import { PODS, SECRETS, SERVICE_ACCOUNTS } from '../../src/kube/resources.ts';
import { createLogger } from '../../src/log.ts';
import { type Agents, startAgents } from '../../src/sandbox/agents/agents.ts';
import { FakeSubstrate, type Started } from '../../src/sandbox/agents/fake-substrate.ts';
import { ATTACHMENTS, CORE_EVENTS, VMIS } from '../../src/api/kinds.ts';
import type { Pod } from '../../src/sandbox/agents/objects.ts';
import type { Vmi } from '../../src/sandbox/agents/vmi.ts';
import { attachments, podOf, type PodOptions, vmiOf } from './agents-objects.ts';
import type { TestCluster } from './cluster.ts';

const WAIT_MS = 20_000;
const POLL_MS = 50;
const HOOK_MS = 60_000;

export class AgentsLab {
  readonly cluster: () => TestCluster;
  /** What was started in this test. */
  readonly started: Started[] = [];
  readonly substrate = new FakeSubstrate({ onStart: (each) => this.started.push(each) });
  readonly log = createLogger('agents-test', process.env['LOG_LEVEL'] ?? 'silent');
  client!: KubeClient;
  agents!: Agents;
  namespace!: string;

  constructor(cluster: () => TestCluster) {
    this.cluster = cluster;
  }

  /** Hooks of the describe it is called in; its end comes before the cluster's if that is in a describe around it. */
  useHooks(): void {
    beforeAll(() => this.open(), HOOK_MS);
    afterAll(() => this.close(), HOOK_MS);
    beforeEach(() => this.enterNamespace(), HOOK_MS);
    afterEach(() => this.leaveNamespace(), HOOK_MS);
  }

  async open(): Promise<void> {
    this.client = KubeClient.fromKubeConfig({ kubeconfig: this.cluster().kubeconfig, log: this.log });
    await this.startAgents();
  }

  async startAgents(): Promise<void> {
    const nodes = [{ name: 'node-a' }, { name: 'node-b' }];
    this.agents = await startAgents({ client: this.client, substrate: this.substrate, log: this.log, nodes });
  }

  async close(): Promise<void> {
    await this.agents.stop();
    await this.client.close();
  }

  async enterNamespace(): Promise<void> {
    this.started.length = 0;
    this.namespace = await this.cluster().namespace('agents');
    const { namespace } = this;
    for (const attachment of attachments(namespace)) await this.client.create(ATTACHMENTS, attachment);
    const stringData = {
      userdata: '#cloud-config\n',
      networkdata: 'version: 2\n',
      'server-0.json': '{"endpoint":"server-0"}',
    };
    const seed = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'seed', namespace }, stringData };
    await this.client.create(SECRETS, seed);
    await this.until(async () => {
      const { items } = await this.client.list(SERVICE_ACCOUNTS, { namespace });
      return items.some((each) => each.metadata.name === 'default');
    });
  }

  async leaveNamespace(): Promise<void> {
    const { namespace } = this;
    for (const type of [VMIS, PODS]) {
      for (const { metadata } of (await this.client.list(type, { namespace })).items) {
        await this.client.remove(type, { namespace, name: metadata.name });
      }
    }
    await this.nothingOf(VMIS);
    await this.nothingOf(PODS);
  }

  /** Polls; the state of the world decides, not the calls that made it. */
  async until<T>(look: () => Promise<T | undefined | false>, ms = WAIT_MS): Promise<T> {
    const end = Date.now() + ms;
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > end) throw new Error(`nothing came: ${look.toString()}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Every version of the objects of a kind in the namespace, from now on, projected and without repeats. */
  async record<T extends KubeObject>(
    type: ResourceType,
    project: (object: T) => string,
  ): Promise<{ steps: string[]; stop(): void }> {
    const { namespace, client } = this;
    const steps: string[] = [];
    const stopping = new AbortController();
    const { resourceVersion } = await client.list(type, { namespace });
    const run = async (): Promise<void> => {
      for await (const event of client.watch(type, { namespace, resourceVersion }, stopping.signal)) {
        if (event.type === 'BOOKMARK' || event.type === 'ERROR') continue;
        const step = event.type === 'DELETED' ? 'gone' : project(event.object as T);
        if (step !== steps.at(-1)) steps.push(step);
      }
    };
    run().catch(() => {});
    return { steps, stop: () => stopping.abort() };
  }

  pod(name: string, options?: PodOptions): Pod {
    return podOf(this.namespace, name, options);
  }

  vmi(name: string, kind: 'bridge' | 'sriov', node?: string): Vmi {
    return vmiOf(this.namespace, name, kind, node);
  }

  getPod(name: string): Promise<Pod> {
    return this.client.get<Pod>(PODS, { namespace: this.namespace, name });
  }

  getVmi(name: string): Promise<Vmi> {
    return this.client.get<Vmi>(VMIS, { namespace: this.namespace, name });
  }

  async launcherOf(vmi: Vmi): Promise<Pod | undefined> {
    const labelSelector = `kubevirt.io/created-by=${vmi.metadata.uid ?? ''}`;
    return (await this.client.list<Pod>(PODS, { namespace: this.namespace, labelSelector })).items[0];
  }

  podPhase(name: string, phase: string): Promise<Pod> {
    return this.until(async () => {
      const pod = await this.getPod(name);
      return pod.status?.phase === phase && pod;
    });
  }

  vmiPhase(name: string, phase: string): Promise<Vmi> {
    return this.until(async () => {
      const vmi = await this.getVmi(name);
      return vmi.status?.phase === phase && vmi;
    });
  }

  async nothingOf(type: ResourceType): Promise<void> {
    await this.until(async () => (await this.client.list(type, { namespace: this.namespace })).items.length === 0);
  }

  startedIn(uid: string | undefined): Promise<Started> {
    return this.until(() => Promise.resolve(this.started.find((each) => each.id === uid)));
  }

  /** Messages of the namespace's events with that reason. */
  async messages(reason: string): Promise<string[]> {
    const { items } = await this.client.list<EventObject>(CORE_EVENTS, { namespace: this.namespace });
    return items.filter((event) => event.reason === reason).map((event) => event.message);
  }
}

interface EventObject extends KubeObject {
  reason: string;
  message: string;
}
