import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { json, ScriptedServer, status } from '../../test/support/scripted-server.ts';
import type { KubeClient } from '../kube/index.ts';
import { clientFor } from '../kube/kube.testing.ts';
import { PermissionReviews } from './permissionReviews.ts';

const POST = 'POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
const RULES = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }];
const answer = { status: { resourceRules: RULES, nonResourceRules: [], incomplete: false } };

let server: ScriptedServer;
let client: KubeClient;
let now: number;
let reviews: PermissionReviews;

beforeEach(async () => {
  server = await ScriptedServer.start();
  client = clientFor(server.url);
  now = 0;
  reviews = new PermissionReviews(client, () => now);
});

afterEach(async () => {
  await client.close();
  await server.close();
});

test('asked once, and again where its cause has changed or it is due', async () => {
  server.on(POST, json(201, answer));
  expect(await reviews.of('ns/lab', 'ns', 'a')).toEqual({ resourceRules: RULES, incomplete: false });
  expect(server.requests[0]?.body).toMatchObject({ spec: { namespace: 'ns' } });
  now = reviews.dueIn('ns/lab', false) - 1;
  await reviews.of('ns/lab', 'ns', 'a');
  expect(server.seen(POST)).toHaveLength(1);
  await reviews.of('ns/lab', 'ns', 'b');
  expect(server.seen(POST)).toHaveLength(2);
  now += reviews.dueIn('ns/lab', false);
  await reviews.of('ns/lab', 'ns', 'b');
  expect(server.seen(POST)).toHaveLength(3);
});

test('soon again while something is missing, never in a loop', async () => {
  server.on(POST, json(201, answer));
  await reviews.of('ns/lab', 'ns', 'a');
  expect(reviews.dueIn('ns/lab', false)).toBe(30 * 60_000);
  expect(reviews.dueIn('ns/lab', true)).toBe(60_000);
  now = 20_000;
  expect(reviews.dueIn('ns/lab', true)).toBe(40_000);
});

test('a refusal is an answer', async () => {
  server.on(POST, status(403, 'Forbidden'));
  expect(await reviews.of('ns/lab', 'ns', 'a')).toMatchObject({
    resourceRules: [],
    error: expect.stringContaining('403'),
  });
});
