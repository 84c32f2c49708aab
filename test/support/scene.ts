/** A fleet, a witness, and the questions that tests of the operator ask of the API server. */
import { findCondition, isTrue } from '../../src/api/conditions.ts';
import type { Condition, Experiment, Trial } from '../../src/api/v1alpha1.ts';
import { EXPERIMENTS, TRIALS, VMIS } from '../../src/api/kinds.ts';
import { type KubeObject, PODS, SECRETS } from '../../src/kube/index.ts';
import { eventually } from './eventually.ts';
import { type Fleet, type FleetOptions, startFleet } from './fleet.ts';
import type { TestCluster } from './start-cluster.ts';
import type { Script } from './standin.ts';
import { Witness } from './witness.ts';

export class Scene {
  readonly cluster: TestCluster;
  readonly fleet: Fleet;
  readonly witness = new Witness();
  readonly #stop = new AbortController();

  private constructor(cluster: TestCluster, fleet: Fleet) {
    this.cluster = cluster;
    this.fleet = fleet;
  }

  static async open(cluster: TestCluster, script?: Script, play: Omit<FleetOptions, 'script'> = {}): Promise<Scene> {
    const scene = new Scene(
      cluster,
      await startFleet(cluster, { ...play, ...(script === undefined ? {} : { script }) }),
    );
    await scene.witness.start(scene.fleet.client, scene.#stop.signal);
    return scene;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.fleet.stop();
  }

  experiment(namespace: string, name: string): Promise<Experiment> {
    return this.fleet.client.get<Experiment>(EXPERIMENTS, { namespace, name });
  }

  /** The Experiment once its condition is so; fails with the conditions that it has. */
  async until(
    where: { namespace: string; name: string; seconds?: number },
    wanted: Partial<Condition> & { type: string },
  ): Promise<Experiment> {
    const { namespace, name, seconds = 60 } = where;
    const { type, ...fields } = wanted;
    const matches = (found: Condition | undefined): boolean =>
      found !== undefined && Object.entries(fields).every(([key, value]) => found[key as keyof Condition] === value);
    try {
      return await eventually(seconds, async () => {
        const experiment = await this.experiment(namespace, name);
        return matches(findCondition(experiment.status?.conditions, type)) ? experiment : null;
      });
    } catch (error) {
      const { status } = await this.experiment(namespace, name);
      const trials = this.witness
        .trials(namespace, name)
        .map((t) => `${t.metadata.name}: ${describe(t.status?.conditions)}`);
      const story = [`${name} is not ${JSON.stringify(wanted)}: ${describe(status?.conditions)}`, ...trials].join('\n');
      throw new Error(story, { cause: error });
    }
  }

  finished(namespace: string, name: string, seconds = 60): Promise<Experiment> {
    return this.until({ namespace, name, seconds }, { type: 'Finished', status: 'True' });
  }

  async trials(namespace: string, experiment?: string): Promise<Trial[]> {
    const { items } = await this.fleet.client.list<Trial & KubeObject>(TRIALS, { namespace });
    return items.filter((trial) => experiment === undefined || trial.spec.experiment === experiment);
  }

  /** Trials that succeeded, by mode and block: each at most once where all is well. */
  async cells(namespace: string, experiment?: string): Promise<string[]> {
    const trials = await this.trials(namespace, experiment);
    return trials
      .filter((trial) => isTrue(trial.status?.conditions, 'Succeeded'))
      .map((trial) => `${trial.spec.mode} ${trial.spec.block}`)
      .sort();
  }

  /** Pods, VMs and Secrets that are left. */
  async children(namespace: string, labelSelector = ''): Promise<string[]> {
    const lists = await Promise.all(
      [PODS, VMIS, SECRETS].map((type) => this.fleet.client.list<KubeObject>(type, { namespace, labelSelector })),
    );
    return lists.flatMap((list) => list.items.map((item) => `${item.kind} ${item.metadata.name}`));
  }

  /** resourceVersion of all objects of the operator's making. */
  async versions(): Promise<string[]> {
    const lists = await Promise.all(
      [EXPERIMENTS, TRIALS, PODS, VMIS, SECRETS].map((type) => this.fleet.client.list<KubeObject>(type)),
    );
    return lists.flatMap((list) => list.items.map((o) => `${o.kind} ${o.metadata.name} ${o.metadata.resourceVersion}`));
  }
}

function describe(conditions: Condition[] | undefined): string {
  return (
    (conditions ?? []).map((c) => `${c.type}=${c.status}/${c.reason} (${c.message})`).join(', ') || 'no conditions'
  );
}
