import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { end, list, ScriptedServer, status, until, watch } from '../../test/support/scripted-server.ts';
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
const REFUSED =
  'nodes is forbidden: User "system:serviceaccount:x:vfbench" cannot list resource "nodes" in API group "" at the cluster scope';

let server: ScriptedServer;
let stop: AbortController;
let errors: object[];

beforeEach(async () => {
  server = await ScriptedServer.start();
  stop = new AbortController();
  errors = [];
  for (const path of [`GET ${OURS}/testbeds`, `GET ${OURS}/experiments`, `GET ${OURS}/trials`, 'LIST /api/v1/pods'])
    server.on(path, list([], '1'));
  for (let i = 0; i < 3; i++) server.on('GET /api/v1/events', list([], '1'));
  for (const path of OPTIONAL) server.on(`GET ${path}`, list([], '1'));
  for (const path of ['testbeds', 'trials']) server.on(`WATCH ${OURS}/${path}`, watch());
  for (const path of ['pods', 'nodes', 'events', 'events', 'events']) server.on(`WATCH /api/v1/${path}`, watch());
  for (const path of OPTIONAL) server.on(`WATCH ${path}`, watch());
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
