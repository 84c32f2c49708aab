import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { end, list, ScriptedServer, status, until, watch } from '../../test/support/scripted-server.ts';
import type { KubeClient } from './client.ts';
import { clientFor, silent } from './kube.testing.ts';
import type { KubeObject, ResourceType } from './object.ts';
import { type Presence, Reflector } from './reflector.ts';
import { Store } from './store.ts';

const WIDGETS: ResourceType = { group: 'x.io', version: 'v1', plural: 'widgets', kind: 'Widget', namespaced: true };
const LIST = 'GET /apis/x.io/v1/widgets';
const WATCH = 'WATCH /apis/x.io/v1/widgets';
const DEFINITIONS = 'WATCH /apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const DEFINITION = {
  type: 'ADDED',
  object: { kind: 'PartialObjectMetadata', metadata: { name: 'widgets.x.io', resourceVersion: '5' } },
};

let server: ScriptedServer;
let client: KubeClient;
let abort: AbortController;
let presences: Presence[];
let running: Promise<void>;

beforeEach(async () => {
  server = await ScriptedServer.start();
  client = clientFor(server.url);
  abort = new AbortController();
  presences = [];
});

afterEach(async () => {
  abort.abort(new Error('test is over'));
  await running;
  await client.close();
  await server.close();
});

function reflect(): Reflector<KubeObject> {
  const store = new Store<KubeObject>();
  const onPresence = (presence: Presence): number => presences.push(presence);
  const options = { client, type: WIDGETS, store, log: silent, random: () => 0, optional: true, onPresence };
  const reflector = new Reflector<KubeObject>(options);
  running = reflector.run(abort.signal);
  return reflector;
}

test('a kind is looked for when its definition appears, and not before', async () => {
  const gate = Promise.withResolvers<void>();
  server.on(LIST, status(404, 'NotFound'), status(404, 'NotFound'), list([], '10'));
  server.on(WATCH, watch());
  server.on(
    DEFINITIONS,
    async (response, request) => {
      await gate.promise;
      await watch(DEFINITION, end)(response, request);
    },
    watch(DEFINITION, end),
  );
  const reflector = reflect();
  await reflector.synced();
  expect([reflector.presence, reflector.installed]).toEqual(['Absent', false]);
  await until(() => server.seen(DEFINITIONS).length === 1, 'its definition is watched');
  expect(server.seen(LIST)).toHaveLength(1);
  const [asked] = server.seen(DEFINITIONS);
  expect(asked?.query['fieldSelector']).toBe('metadata.name=widgets.x.io');
  expect(asked?.headers.accept).toBe('application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1');
  gate.resolve();
  await until(() => reflector.installed, 'it is found');
  expect(presences).toEqual(['Absent', 'Installed']);
  expect(server.seen(LIST)).toHaveLength(3);
});

test('one that is kept from us is told apart from one that is not there', async () => {
  server.on(LIST, status(403, 'Forbidden'));
  const reflector = reflect();
  await reflector.synced();
  expect([reflector.presence, reflector.installed]).toEqual(['Forbidden', false]);
  expect(presences).toEqual(['Forbidden']);
  expect(server.seen(DEFINITIONS)).toEqual([]);
});
