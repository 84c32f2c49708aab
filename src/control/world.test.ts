import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { trial } from '../../test/support/builders.ts';
import { end, list, type Reply, ScriptedServer, status, until, watch } from '../../test/support/scripted-server.ts';
import { clientFor } from '../kube/kube.testing.ts';
import type { Logger } from '../log.ts';
import { World } from './world.ts';

const OURS = '/apis/vfbench.io/v1alpha1';
const OPTIONAL = [
  '/apis/kubevirt.io/v1/virtualmachineinstances',
  '/apis/kubevirt.io/v1/kubevirts',
  '/apis/k8s.cni.cncf.io/v1/network-attachment-definitions',
  '/apis/sriovnetwork.openshift.io/v1/sriovnetworknodestates',
];
const EXPERIMENTS = `WATCH ${OURS}/experiments`;
const NODES = 'LIST /api/v1/nodes';
const PODS = 'LIST /api/v1/pods';
const REFUSED =
  'nodes is forbidden: User "system:serviceaccount:x:vfbench" cannot list resource "nodes" in API group "" at the cluster scope';

let server: ScriptedServer;
let stop: AbortController;
let errors: object[];

/** All that a World asks for at its start, but nodes and Experiments. */
function script(optional: (path: string) => Reply, trials: object[] = []): void {
  for (const path of [`GET ${OURS}/testbeds`, `GET ${OURS}/experiments`, PODS]) server.on(path, list([], '1'));
  server.on(`GET ${OURS}/trials`, list(trials, '1'));
  for (let i = 0; i < 3; i++) server.on('GET /api/v1/events', list([], '1'));
  for (const path of OPTIONAL) server.on(`GET ${path}`, optional(path));
  for (const path of ['testbeds', 'trials']) server.on(`WATCH ${OURS}/${path}`, watch());
  for (const path of ['pods', 'nodes', 'events', 'events', 'events']) server.on(`WATCH /api/v1/${path}`, watch());
  for (const path of OPTIONAL) server.on(`WATCH ${path}`, watch());
}

beforeEach(async () => {
  server = await ScriptedServer.start();
  stop = new AbortController();
  errors = [];
});

afterEach(async () => {
  stop.abort(new Error('test is over'));
  await server.close();
});

/** Keeps what is logged as an error. */
function noted(): Logger {
  const none = (): void => undefined;
  const log = { debug: none, info: none, warn: none, error: (...said: object[]) => void errors.push(said) };
  return { ...log, child: () => ({ ...log, child: noted }) } as unknown as Logger;
}

test('a right to list that is missing is named with its cure, once in the log, until it is granted', async () => {
  script(() => list([], '1'));
  const refusal = status(403, 'Forbidden', { message: REFUSED });
  server.on(NODES, refusal, refusal, refusal, list([], '1')).on(EXPERIMENTS, watch());
  const client = clientFor(server.url);
  const world = new World({ client, log: noted() });
  expect(world.waitsFor()).toBe('caches are being filled');
  const started = world.start(stop.signal);
  const missing = `caches cannot be filled: ${REFUSED}: grant it as deploy/base/rbac.yaml does`;
  await until(() => world.waitsFor() === missing, 'the right is named');
  await until(() => server.seen(NODES).length === 3, 'it is asked again');
  expect(world.waitsFor()).toBe(missing);
  expect(errors).toEqual([
    [{ kind: 'Node', refusal: REFUSED, cure: 'grant it as deploy/base/rbac.yaml does' }, 'The operator lacks a right'],
  ]);

  await started;
  expect(world.waitsFor()).toBe('caches are being filled');
  expect(errors).toHaveLength(1);
  await client.close();
}, 20_000);

test('one that is taken away later, or given back, makes everything be looked at again', async () => {
  script(() => list([], '1'));
  const bookmark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '2' } } };
  server.on(NODES, list([], '1')).on(EXPERIMENTS, watch(end), status(403, 'Forbidden'), watch(bookmark));
  const client = clientFor(server.url);
  const world = new World({ client, log: noted() });
  const seen: string[] = [];
  world.onKinds(() => seen.push(world.presences()));
  await world.start(stop.signal);
  const all = 'I'.repeat(world.presences().length);
  await until(() => seen.length === 2, 'both are seen');
  expect(seen).toEqual([expect.stringMatching(/^IFI+$/), all]);
  expect(errors).toHaveLength(1);
  await client.close();
}, 20_000);

async function started(world: World): Promise<World> {
  await world.start(stop.signal);
  return world;
}

/** Resolves when pods are asked for a second time: first it was for ours. */
async function asked(): Promise<string> {
  await until(() => server.seen(PODS).length === 2, 'pods are asked for');
  return 'asked';
}

const CANNOT_LIST =
  'pods is forbidden: User "system:serviceaccount:x:vfbench" cannot list resource "pods" in API group "" at the cluster scope';

test('pods on a node that are kept from us hold up nothing, and are not taken for known until they are', async () => {
  script(() => list([], '1'));
  server.on(NODES, list([], '1')).on(EXPERIMENTS, watch());
  const client = clientFor(server.url);
  const world = new World({ client, log: noted() });
  const { nodePods } = world;
  await world.start(stop.signal);
  const told: string[] = [];
  world.onKinds(() => told.push(world.kept().get('pods') ?? 'known'));
  const granted = Promise.withResolvers<void>();
  const refusal = status(403, 'Forbidden', { message: CANNOT_LIST });
  const others = list([{ metadata: { name: 'web', namespace: 'x', uid: 'u', resourceVersion: '1' } }], '1');
  server.on(PODS, refusal, refusal, async (response, request) => {
    await granted.promise;
    await others(response, request);
  });
  server.on('WATCH /api/v1/pods', watch());

  await Promise.all([nodePods.watch('node-a'), nodePods.watch('node-a')]);
  expect([nodePods.knows('node-a'), nodePods.refusal]).toEqual([false, CANNOT_LIST]);
  await until(() => server.seen(PODS).length === 4, 'it is asked again');
  await nodePods.watch('node-a');
  expect([nodePods.knows('node-a'), told]).toEqual([false, [CANNOT_LIST]]);
  expect(errors).toHaveLength(1);

  granted.resolve();
  await until(() => nodePods.knows('node-a'), 'they are known');
  expect(told).toEqual([CANNOT_LIST, 'known']);
  expect(nodePods.list().map(({ metadata }) => metadata.name)).toEqual(['web']);
  expect(world.kept()).toEqual(new Map());
  await client.close();
}, 20_000);

test('whoever asks for the pods of a node waits for them, also where somebody else asked first', async () => {
  script(() => list([], '1'));
  server.on(NODES, list([], '1')).on(EXPERIMENTS, watch());
  const client = clientFor(server.url);
  const { nodePods } = await started(new World({ client, log: noted() }));
  const answer = Promise.withResolvers<void>();
  server.on(PODS, async (response, request) => {
    await answer.promise;
    await list([], '1')(response, request);
  });
  server.on('WATCH /api/v1/pods', watch());
  const waits = [nodePods.watch('node-a'), nodePods.watch('node-a')];
  const first = await Promise.race([...waits, asked()]);
  expect([first, nodePods.knows('node-a')]).toEqual(['asked', false]);
  answer.resolve();
  await Promise.all(waits);
  expect(nodePods.knows('node-a')).toBe(true);
  await client.close();
}, 20_000);

test('what is known of pods on a node counts as known no more when they are kept from us later', async () => {
  script(() => list([], '1'));
  server.on(NODES, list([], '1')).on(EXPERIMENTS, watch());
  const client = clientFor(server.url);
  const world = await started(new World({ client, log: noted() }));
  const { nodePods } = world;
  await until(() => server.seen('WATCH /api/v1/pods').length === 1, 'ours are watched');
  const bookmark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '2' } } };
  const refusal = status(403, 'Forbidden', { message: CANNOT_LIST });
  server.on(PODS, list([], '1')).on('WATCH /api/v1/pods', watch(end), refusal, watch(bookmark));
  const known: boolean[] = [];
  world.onKinds(() => known.push(nodePods.knows('node-a')));
  await nodePods.watch('node-a');
  expect(nodePods.knows('node-a')).toBe(true);
  await until(() => known.length === 2, 'the right has come and gone');
  expect(known).toEqual([false, true]);
  await client.close();
}, 20_000);

test('of optional kinds too it is told which are kept from us', async () => {
  const refusal = status(403, 'Forbidden', { message: 'no' });
  script((path) => (path.endsWith('/kubevirts') || path.endsWith('states') ? refusal : list([], '1')));
  server.on(NODES, list([], '1')).on(EXPERIMENTS, watch());
  const client = clientFor(server.url);
  const world = new World({ client, log: noted() });
  await world.start(stop.signal);
  expect(world.kept()).toEqual(
    new Map([
      ['kubevirts', 'no'],
      ['sriovnetworknodestates', 'no'],
    ]),
  );
  expect(errors).toEqual([]);
  await client.close();
});

test('catching up: what was written before is seen, although no watch has told of it', async () => {
  script(() => list([], '1'));
  server.on(NODES, list([], '1')).on(EXPERIMENTS, watch());
  const client = clientFor(server.url);
  const world = await started(new World({ client, log: noted() }));
  const written = trial();
  script(() => list([], '9'), [written]);
  server.on(NODES, list([], '9')).on(EXPERIMENTS, watch());
  expect(world.trials.size).toBe(0);
  await world.catchUp();
  expect(world.trials.byIndex('active', '').map(({ metadata }) => metadata.name)).toEqual([written.metadata.name]);
  await client.close();
}, 20_000);
