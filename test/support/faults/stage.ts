/** Where stories of Experiments play: namespaces with a Testbed each, and endpoints that do as their story says. */
import { expect } from '@jest/globals';
import { findCondition } from '../../../src/api/conditions.ts';
import { TESTBEDS } from '../../../src/api/kinds.ts';
import type { Experiment, Testbed } from '../../../src/api/v1alpha1.ts';
import type { Endpoint } from '../endpoint.ts';
import { eventually } from '../eventually.ts';
import { experimentManifest, type FleetOptions, labManifests } from '../fleet.ts';
import { liveWell } from '../good-life.ts';
import { DRY_RUN, type DryRun } from '../in-force.ts';
import { Scene } from '../scene.ts';
import type { TestCluster } from '../start-cluster.ts';

/** Long enough never to matter. */
const TIMEOUTS = { scheduleSeconds: 30, startSeconds: 60, marginSeconds: 60, cleanupSeconds: 30 };
export const LATENCY = { name: 'latency', type: 'RequestResponse', protocol: 'UDP', messageBytes: [64] };
const STREAM = { name: 'bandwidth', type: 'Stream', protocol: 'TCP' };
export const NATIVE = { name: 'native', type: 'Native' };

export const blocks = (count: number, retries = 0): object => ({ blocks: { min: count, max: count, retries } });

export const messageOf = (experiment: Experiment, type = 'Admitted'): string =>
  findCondition(experiment.status?.conditions, type)?.message ?? '';

export function expectSuccess(done: Experiment, progress: object): void {
  expect(findCondition(done.status?.conditions, 'Succeeded')).toMatchObject({ status: 'True', reason: 'Completed' });
  expect(done.status?.progress).toMatchObject(progress);
  expect(findCondition(done.status?.conditions, 'Stalled')).toBeUndefined();
}

export interface Gate {
  open: () => void;
  /** Resolves when the first endpoint waits at it. */
  measuring: Promise<void>;
}

export class Stage {
  readonly cluster: TestCluster;
  readonly scene: Scene;
  /** What the API server would make of a manifest. */
  readonly dryRun: DryRun = (manifest) => this.cluster.kubectl(DRY_RUN, { input: JSON.stringify(manifest) });
  readonly #scripts: Map<string, (endpoint: Endpoint) => Promise<void>>;

  private constructor(cluster: TestCluster, scene: Scene, scripts: Map<string, (endpoint: Endpoint) => Promise<void>>) {
    this.cluster = cluster;
    this.scene = scene;
    this.#scripts = scripts;
  }

  static async open(cluster: TestCluster, play: Pick<FleetOptions, 'rights'> = {}): Promise<Stage> {
    const scripts = new Map<string, (endpoint: Endpoint) => Promise<void>>();
    const scene = await Scene.open(
      cluster,
      (endpoint) => {
        const script = scripts.get(`${endpoint.namespace}/${endpoint.experiment}`) ?? liveWell;
        return script(endpoint);
      },
      play,
    );
    return new Stage(cluster, scene, scripts);
  }

  /** What the endpoints of `namespace/experiment` do; without, they live well. */
  script(experiment: string, script: (endpoint: Endpoint) => Promise<void>): void {
    this.#scripts.set(experiment, script);
  }

  /** A namespace with a Testbed on two nodes of its own, or on those given. */
  async place(
    prefix: string,
    spec: { devices?: number; nodes?: [string, string] } & Record<string, unknown> = {},
  ): Promise<string> {
    const namespace = await this.cluster.namespace(prefix);
    await this.lab(namespace, spec);
    return namespace;
  }

  /** The same in a namespace that is there. */
  async lab(
    namespace: string,
    spec: { devices?: number; nodes?: [string, string] } & Record<string, unknown> = {},
  ): Promise<void> {
    const { devices, nodes, ...testbed } = spec;
    const [a, b] = nodes ?? [`${namespace}-a`, `${namespace}-b`];
    if (nodes === undefined) await Promise.all([a, b].map((name) => this.scene.fleet.node(name, devices)));
    const where = { server: { names: [a] }, client: { names: [b] } };
    await this.cluster.apply(...labManifests(namespace, { nodes: where, timeouts: TIMEOUTS, ...testbed }));
  }

  /** One native mode, one stream, two blocks and no retry, unless the spec says otherwise. */
  start(namespace: string, spec: object = {}, name = 'exp'): Promise<void> {
    const usual = { modes: [NATIVE], tests: [STREAM], warmupSeconds: 0, ...blocks(2) };
    return this.cluster.apply(experimentManifest(namespace, name, { ...usual, ...spec }));
  }

  patch(namespace: string, kind: string, name: string, body: object): Promise<string> {
    return this.cluster.kubectl(['patch', kind, name, '-n', namespace, '--type=merge', '-p', JSON.stringify(body)]);
  }

  held(namespace: string, reason: string): Promise<Experiment> {
    return this.scene.until({ namespace, name: 'exp' }, { type: 'Admitted', status: 'False', reason });
  }

  /** Held in those words: what a watch has not told yet may be missed for another cause first. */
  async heldFor(namespace: string, { reason, message }: { reason: string; message: RegExp }): Promise<Experiment> {
    let last: Experiment | undefined;
    return eventually(60, async () => {
      last = await this.held(namespace, reason);
      return message.test(messageOf(last)) ? last : null;
    }).catch((cause: unknown) => {
      throw new Error(`${reason}, but not ${message}: ${last && messageOf(last)}`, { cause });
    });
  }

  /** Waits until a Trial has failed for the reason: results of endpoints that live on could come first, and then they count. */
  async failed(namespace: string, reason: string): Promise<void> {
    await eventually(60, async () => {
      const trials = await this.scene.trials(namespace);
      const reasons = trials.map(({ status }) => findCondition(status?.conditions, 'Measured')?.reason);
      return reasons.includes(reason) || null;
    });
  }

  /** Waits until the operator has seen so many of a resource in use on a node: what begins from then on meets that. */
  async inUse(namespace: string, node: string, resource: string, count: number): Promise<void> {
    await eventually(60, async () => {
      const testbed = await this.scene.fleet.client.get<Testbed>(TESTBEDS, { namespace, name: 'lab' });
      const found = testbed.status?.nodes?.find(({ name }) => name === node);
      return found?.resources.find(({ name }) => name === resource)?.inUse === count || null;
    });
  }

  /** `namespace/experiment` of each grant in those namespaces, in order, once there are so many: a watch tells of them. */
  grants(count: number, ...namespaces: string[]): Promise<string[]> {
    return eventually(60, () => {
      const found = this.scene.witness.grants.filter((grant) => namespaces.includes(grant.split('/')[0] ?? ''));
      return Promise.resolve(found.length >= count ? found : null);
    });
  }

  /** Endpoints measure for as long as the gate is shut; those of the first `passing` trials live well. */
  shutGate(namespace: string, name = 'exp', passing = 0): Gate {
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const trials = new Set<string>();
    const measure = async (): Promise<void> => {
      begun.resolve();
      await gate.promise;
    };
    this.script(`${namespace}/${name}`, (endpoint) => {
      trials.add(endpoint.trial);
      return liveWell(endpoint, trials.size > passing ? { measure } : {});
    });
    return { open: gate.resolve, measuring: begun.promise };
  }

  /** Not admitted for the reason, until mended: then it runs to its end, and no trial was wasted. */
  async mended(
    namespace: string,
    fault: { reason: string; message: RegExp; spec?: object; mend: () => Promise<unknown> },
  ): Promise<void> {
    await this.start(namespace, fault.spec);
    const waiting = await this.heldFor(namespace, fault);
    expect(findCondition(waiting.status?.conditions, 'Stalled')).toMatchObject({
      status: 'True',
      reason: fault.reason,
    });
    expect(await this.scene.trials(namespace)).toEqual([]);
    await fault.mend();
    expectSuccess(await this.scene.finished(namespace, 'exp'), { blocks: 2, trials: 2, failed: 0 });
  }
}
