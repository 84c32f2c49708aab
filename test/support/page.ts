/** A live page on objects that a test holds, with users that it names. */
import type { Experiment, ExperimentStatus, ResultRow, Testbed, Trial } from '../../src/api/v1alpha1.ts';
import { createLogger } from '../../src/log.ts';
import { secondsLeft, stage } from '../../src/plan/progress.ts';
import { type PageOptions, type PageServer, startPage } from '../../src/web/page/server.ts';
import type { PageKind, PageSource, Reviewer, User } from '../../src/web/page/source.ts';
import type { StoredPart } from '../../src/web/sealedReport.ts';
import { condition, experiment as anExperiment, NOW, testbed as aTestbed, trial as aTrial } from './builders.ts';

/** Objects in memory: what is put in is told to whoever subscribed. */
export class HeldObjects implements PageSource {
  readonly #experiments = new Map<string, Experiment>();
  readonly #testbeds = new Map<string, Testbed>();
  readonly #trials = new Map<string, Trial>();
  readonly #listeners = new Set<(kind: PageKind, key: string) => void>();
  readonly parts = new Map<string, StoredPart>();
  readonly stage = stage;
  #version = 0;

  get listeners(): number {
    return this.#listeners.size;
  }

  put(object: Experiment | Testbed | Trial): void {
    const metadata = { ...object.metadata, resourceVersion: `${++this.#version}` };
    const key = `${metadata.namespace}/${metadata.name}`;
    if (object.kind === 'Experiment') this.#experiments.set(key, { ...object, metadata });
    if (object.kind === 'Testbed') this.#testbeds.set(key, { ...object, metadata });
    if (object.kind === 'Trial') this.#trials.set(key, { ...object, metadata });
    if (object.kind === 'Trial') this.#tell('Experiment', `${metadata.namespace}/${object.spec.experiment}`);
    else this.#tell(object.kind, key);
  }

  remove(kind: PageKind, key: string): void {
    (kind === 'Experiment' ? this.#experiments : this.#testbeds).delete(key);
    this.#tell(kind, key);
  }

  #tell(kind: PageKind, key: string): void {
    for (const listener of this.#listeners) listener(kind, key);
  }

  experiments = (): Experiment[] => [...this.#experiments.values()];
  experiment = (key: string): Experiment | undefined => this.#experiments.get(key);
  testbeds = (): Testbed[] => [...this.#testbeds.values()];
  testbed = (key: string): Testbed | undefined => this.#testbeds.get(key);
  trials = (uid: string): Trial[] =>
    [...this.#trials.values()].filter((t) => t.metadata.ownerReferences?.[0]?.uid === uid);
  running = (uid: string): Trial[] => this.trials(uid).filter((t) => stage(t) !== 'done' && stage(t) !== 'failed');
  secondsLeft = (experiment: Experiment, now: number): number | null =>
    secondsLeft(experiment, this.trials(experiment.metadata.uid ?? ''), now);
  readPart = (namespace: string, name: string): Promise<StoredPart | null> =>
    Promise.resolve(this.parts.get(`${namespace}/${name}`) ?? null);
  subscribe = (listener: (kind: PageKind, key: string) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

/** Users by token; rights as `user verb resource namespace`, with `*` for all namespaces. */
export class HeldUsers implements Reviewer {
  readonly users = new Map<string, User>();
  readonly rights = new Set<string>();
  /** Questions that came. */
  readonly asked: string[] = [];
  isDown = false;

  add(token: string, username: string, ...namespaces: string[]): void {
    this.users.set(token, { username, groups: ['system:authenticated'] });
    for (const namespace of namespaces)
      for (const resource of ['experiments', 'testbeds', 'trials'])
        for (const verb of ['get', 'list']) this.rights.add(`${username} ${verb} ${resource} ${namespace}`);
  }

  revoke(username: string): void {
    for (const right of this.rights) if (right.startsWith(`${username} `)) this.rights.delete(right);
  }

  authenticate = (token: string): Promise<User | null> => {
    this.asked.push('TokenReview');
    if (this.isDown) return Promise.reject(new Error('down'));
    return Promise.resolve(this.users.get(token) ?? null);
  };

  may: Reviewer['may'] = ({ username }, { verb, resource, namespace }) => {
    const question = `${username} ${verb} ${resource} ${namespace === '' ? '*' : namespace}`;
    this.asked.push(question);
    if (this.isDown) return Promise.reject(new Error('down'));
    return Promise.resolve(this.rights.has(question));
  };
}

export interface HeldPage {
  objects: HeldObjects;
  users: HeldUsers;
  server: PageServer;
  url: string;
}

/** Options win over what is held here. */
export async function startHeldPage(options: Partial<PageOptions> = {}, port = 0): Promise<HeldPage> {
  const [objects, users] = [new HeldObjects(), new HeldUsers()];
  const server = await startPage({
    listen: { host: '127.0.0.1', port },
    access: 'Token',
    source: objects,
    reviewer: users,
    log: createLogger('page', process.env['TEST_LOG_LEVEL'] ?? 'silent'),
    everyMs: 20,
    ...options,
  });
  return { objects, users, server, url: `http://127.0.0.1:${server.port}` };
}

/** An Experiment of that name, with what its status says. */
export function anotherExperiment(namespace: string, name: string, status?: ExperimentStatus): Experiment {
  const base = anExperiment({ blocks: { min: 6, max: 6, precisionPercent: 3, retries: 1 } });
  return {
    ...base,
    metadata: { ...base.metadata, namespace, name, uid: `uid-${namespace}-${name}` },
    ...(status === undefined ? {} : { status }),
  };
}

/** A Trial of it. */
export function trialOf(experiment: Experiment, spec: Partial<Trial['spec']>, status: Trial['status']): Trial {
  const { namespace = '', name, uid = '' } = experiment.metadata;
  const base = aTrial({ experiment: name, ...spec }, status);
  const owner = { apiVersion: 'vfbench.io/v1alpha1', kind: 'Experiment', name, uid, controller: true };
  return {
    ...base,
    metadata: { ...base.metadata, namespace, name: base.metadata.name.replace('exp', name), ownerReferences: [owner] },
  };
}

/** Under way: three of six blocks. */
export const running = (blocks = 3, now = NOW): ExperimentStatus => ({
  seed: 7,
  conditions: [condition('Finished', 'False', { reason: 'Running' }), condition('Admitted', 'True')],
  nodes: { server: 'node-a', client: 'node-b' },
  startTime: new Date(now - 125_000).toISOString(),
  progress: { blocks, plannedBlocks: 6, trials: blocks * 3, plannedTrials: 18, failed: 0 },
});

const row = (mode: string, median: number, verdict: ResultRow['verdict'], ratio?: number): ResultRow => ({
  test: 'bandwidth',
  point: { streams: 1 },
  placement: 'CrossNode',
  pairs: 1,
  metric: 'throughput',
  unit: 'bit/s',
  better: 'Higher',
  mode,
  n: 6,
  median,
  low: median * 0.98,
  high: median * 1.02,
  verdict,
  ...(ratio === undefined ? {} : { ratio: { n: 6, median: ratio, low: ratio * 0.97, high: ratio * 1.03 } }),
  ...(ratio === undefined
    ? {}
    : { message: `the interval of the ratio lies ${ratio < 0.95 ? 'below 0.95' : 'within 5 %'}` }),
});

/** Over, with results. */
export const ended = (verdict: 'Passed' | 'Failed' | 'Inconclusive' | 'None', now = NOW): ExperimentStatus => ({
  ...running(6, now),
  conditions: [
    condition('Finished', 'True', {
      reason: 'Completed',
      message: '6 complete blocks; results of every cell are stored',
    }),
    condition('Succeeded', verdict === 'Failed' ? 'False' : 'True', {
      reason: verdict === 'Failed' ? 'ExpectationFailed' : 'Completed',
    }),
  ],
  completionTime: new Date(now - 5000).toISOString(),
  verdict,
  results: [
    row('native', 9.41e9, 'Baseline'),
    row('virtio', 6.02e9, 'Worse', 0.64),
    row('passthrough', 9.38e9, 'Equivalent', 0.997),
  ],
});

/** A Testbed with what its status says. */
export function anotherTestbed(namespace: string, name: string, ready: boolean): Testbed {
  const base = aTestbed();
  const message = 'Node node-b offers no openshift.io/vfnet: create the VFs, then restart the device plugin';
  return {
    ...base,
    metadata: { ...base.metadata, namespace, name, uid: `uid-${namespace}-${name}` },
    status: {
      conditions: ready
        ? [
            condition('Ready', 'True', { reason: 'Ready' }),
            condition('NativeReady', 'True'),
            condition('VirtioReady', 'True'),
            condition('PassthroughReady', 'True'),
          ]
        : [
            condition('Ready', 'False', { reason: 'NoDevices', message }),
            condition('NativeReady', 'False'),
            condition('VirtioReady', 'True'),
          ],
      nodes: ['node-a', 'node-b'].map((node, i) => ({
        name: node,
        roles: [i === 0 ? 'Server' : 'Client'],
        state: 'Ready',
        kernel: '6.12.0-amd64',
        resources: [{ name: 'openshift.io/vfnet', allocatable: ready ? 8 : 0, inUse: 0 }],
      })),
      networks: [
        {
          name: 'native',
          plugin: 'sriov',
          resource: 'openshift.io/vfnet',
          modes: ready ? ['Native'] : [],
          pairs: { crossNode: 8, sameNode: 4 },
        },
      ],
      ...(ready ? {} : { findings: [{ severity: 'Error', reason: 'NoDevices', message, network: 'native' }] }),
    },
  };
}
