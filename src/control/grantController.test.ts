import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { attachments, condition, experiment, nodes, NOW, testbed, trial } from '../../test/support/builders.ts';
import { json, ScriptedServer } from '../../test/support/scripted-server.ts';
import type { Experiment, Trial, TrialStatus } from '../api/v1alpha1.ts';
import { clientFor, silent } from '../kube/kube.testing.ts';
import { EventRecorder, type KubeClient, type KubeObject } from '../kube/index.ts';
import type { Context } from './context.ts';
import { GRANTS_KEY, grantReconciler } from './grantController.ts';
import { World } from './world.ts';

const BUSY: TrialStatus = {
  queue: { position: 2, length: 3 },
  conditions: [condition('Granted', 'False', { reason: 'TestbedBusy', message: 'waits' })],
};

let server: ScriptedServer;
let client: KubeClient;
let world: World;

beforeEach(async () => {
  server = await ScriptedServer.start();
  client = clientFor(server.url);
  world = new World({ client, log: silent });
  for (const node of nodes('node-a', 'node-b').values())
    world.nodes.upsert({ apiVersion: 'v1', kind: 'Node', ...node });
  for (const nad of attachments().values())
    world.attachments.upsert({ apiVersion: 'k8s.cni.cncf.io/v1', kind: 'NetworkAttachmentDefinition', ...nad });
});

afterEach(async () => {
  await client.close();
  await server.close();
});

const stored = <T extends { metadata: object }>(object: T): T & KubeObject =>
  ({ ...object, metadata: { ...object.metadata, resourceVersion: '1' } }) as unknown as T & KubeObject;

/** What is written to the Trial's status; undefined where nothing is. */
async function written(status: TrialStatus | undefined, meta: Partial<Trial['metadata']> = {}): Promise<unknown> {
  const waiting = stored(trial({}, status));
  Object.assign(waiting.metadata, meta);
  world.trials.upsert(waiting);
  const path = `/apis/vfbench.io/v1alpha1/namespaces/bench/trials/${waiting.metadata.name}/status`;
  server.on(`PATCH ${path}`, json(200, { ...waiting, metadata: { ...waiting.metadata, resourceVersion: '2' } }));
  const events = new EventRecorder({ client, component: 'vfbench.io/operator', instance: 'x', log: silent });
  const context = { world, executor: { client, events, stores: {} }, log: silent, now: () => NOW };
  await grantReconciler(context as unknown as Context)(GRANTS_KEY);
  const [sent] = server.requests.filter(({ verb }) => verb === 'PATCH');
  return (sent?.body as { status?: unknown } | undefined)?.status;
}

const LEFT = { queue: null, conditions: [] };
const placed = { nodes: { server: 'node-a', client: 'node-b' } };

function begin(spec: Partial<Experiment['spec']> = {}, isThere = true): void {
  world.experiments.upsert(stored({ ...experiment(spec), status: placed }));
  if (isThere) world.testbeds.upsert(stored(testbed()));
}

test.each<[why: string, arrange: () => void]>([
  ['its Experiment is suspended', () => begin({ suspend: true })],
  ['its Experiment is not admitted', () => begin({ pairs: [64] })],
  ['its Testbed was deleted', () => begin({}, false)],
])('a Trial that waited for its turn is told no place any more where %s', async (_, arrange) => {
  arrange();
  expect(await written(BUSY)).toEqual(LEFT);
});

test('what else its status says stays', async () => {
  begin({ suspend: true });
  const other = condition('Measured', 'False');
  expect(await written({ ...BUSY, conditions: [...(BUSY.conditions ?? []), other] })).toEqual({
    ...LEFT,
    conditions: [other],
  });
});

test.each<[why: string, status: TrialStatus | undefined, meta: Partial<Trial['metadata']>]>([
  ['was told nothing', undefined, {}],
  ['is being deleted', BUSY, { deletionTimestamp: '2026-01-01T00:09:00Z' }],
  ['has its grant', { ...BUSY, grant: { nodes: { server: 'node-a', client: 'node-b' }, endpoints: [] } }, {}],
  ['is over', { conditions: [condition('Finished', 'True'), condition('Granted', 'False')] }, {}],
])('nothing is written to a Trial of a suspended Experiment that %s', async (_, status, meta) => {
  begin({ suspend: true });
  expect(await written(status, meta)).toBeUndefined();
});
