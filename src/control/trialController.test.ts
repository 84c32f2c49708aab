import { beforeEach, expect, test } from '@jest/globals';
import { credentials, NOW } from '../../test/support/builders.ts';
import { TrialWorld } from '../../test/support/trial-world.ts';
import { findCondition } from '../api/conditions.ts';
import type { Trial, TrialStatus } from '../api/v1alpha1.ts';
import { ApiError, type EventRecorder, type KubeClient, type KubeObject, keyOf, type Store } from '../kube/index.ts';
import { silent } from '../kube/kube.testing.ts';
import type { Context } from './context.ts';
import { trialController } from './trialController.ts';
import { type Seen, World } from './world.ts';

const { trial, experiment, testbed, nodes } = new TrialWorld();
const KEY = keyOf(trial as KubeObject);
const store = (of: unknown): Store<KubeObject> => of as Store<KubeObject>;

/** Pods as the API server has them, by name. */
let stored: Map<string, KubeObject>;
let created: string[];
let removed: string[];
let now: number;
let world: World;
let reconcile: (key: string) => Promise<{ requeueAfterMs?: number } | void>;

/** Somebody takes the labels off: the object leaves the watch, which tells of it as of a deletion. */
function unlabel(pod: KubeObject): void {
  const { labels: _, ...metadata } = pod.metadata;
  const bare = { ...pod, metadata: { ...metadata, resourceVersion: '11' } };
  stored.set(pod.metadata.name, bare);
  world.pods.remove(bare as Seen<never>);
}

const measured = (): string | undefined => findCondition(world.trials.get(KEY)?.status?.conditions, 'Measured')?.reason;

beforeEach(() => {
  stored = new Map();
  created = [];
  removed = [];
  now = NOW + 1000;
});

/** @param onCreate what happens to a pod before the operator has its answer. */
function start(onCreate: (pod: KubeObject) => void = () => {}): void {
  const client = {
    create: (_: unknown, planned: KubeObject) => {
      created.push(`${planned.kind} ${planned.metadata.name}`);
      const { name } = planned.metadata;
      const made = { ...planned, metadata: { ...planned.metadata, uid: `uid-${name}`, resourceVersion: '10' } };
      if (planned.kind === 'Pod') stored.set(name, made);
      if (planned.kind === 'Pod') onCreate(made);
      return Promise.resolve(made);
    },
    get: (_: unknown, { name }: { name: string }) => {
      const found = stored.get(name);
      if (found === undefined) return Promise.reject(new ApiError(`GET ${name}`, 404, { reason: 'NotFound' }));
      return Promise.resolve(found);
    },
    remove: (of: { kind: string }) => Promise.resolve(void removed.push(of.kind)),
    removeCollection: (of: { kind: string }) => Promise.resolve(void removed.push(of.kind)),
    patchStatus: (_: unknown, __: unknown, status: TrialStatus) => Promise.resolve({ ...trial, status }),
  } as unknown as KubeClient;
  world = new World({ client, log: silent });
  world.experiments.upsert(experiment as KubeObject & typeof experiment & object);
  world.testbeds.upsert(testbed as KubeObject & typeof testbed & object);
  world.trials.upsert(trial as Trial & KubeObject);
  for (const node of nodes.values()) world.nodes.upsert(node as Seen<typeof node>);
  const nothing = (): void => undefined;
  const context: Context = {
    world,
    credentials,
    collector: null,
    log: silent,
    now: () => now,
    meeting: {
      view: () => new Map(),
      release: nothing,
      acknowledge: nothing,
      refuse: nothing,
      forget: nothing,
      onChange: nothing,
    },
    executor: {
      client,
      events: { event: () => Promise.resolve() } as unknown as EventRecorder,
      stores: { Pod: store(world.pods), Trial: store(world.trials) },
    },
  };
  ({ reconcile } = trialController(context));
}

test('a pod that lost its labels is no lost endpoint, though no watch shows it; one that is gone is', async () => {
  start();
  await reconcile(KEY);
  expect(world.pods.size).toBe(2);
  for (const pod of world.pods.list()) unlabel(pod);
  expect(world.pods.size).toBe(0);
  const result = await reconcile(KEY);
  expect([measured(), result?.requeueAfterMs]).toEqual([undefined, 1000]);
  expect(created).toHaveLength(3);
  stored.clear();
  await reconcile(KEY);
  expect(measured()).toBe('EndpointLost');
});

test('nor is it made again where the labels are gone before the operator has the answer', async () => {
  start(unlabel);
  await reconcile(KEY);
  expect(world.pods.size).toBe(0);
  await reconcile(KEY);
  expect([measured(), created.length]).toEqual([undefined, 3]);
});

test('what was asked to go is asked again only when no watch has told of it for long', async () => {
  start();
  await reconcile(KEY);
  world.experiments.remove(experiment as KubeObject & typeof experiment & object);
  await reconcile(KEY);
  expect(measured()).toBe('Cancelled');
  await reconcile(KEY);
  expect(removed).toEqual(['Pod', 'Secret']);
  const result = await reconcile(KEY);
  expect([removed.length, result?.requeueAfterMs]).toEqual([2, 5000]);
  now += 5000;
  await reconcile(KEY);
  expect(removed).toEqual(['Pod', 'Secret', 'Pod']);
});
