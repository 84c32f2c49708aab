import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { json, reset, ScriptedServer } from '../../test/support/scripted-server.ts';
import type { KubeClient } from './client.ts';
import { cut, EventRecorder } from './events.ts';
import { clientFor, pod, silent } from './kube.testing.ts';

const ROUTE = 'POST /apis/events.k8s.io/v1/namespaces/ns/events';
const TEXT = { type: 'Warning', reason: 'Broken', message: 'The thing is broken' } as const;

let server: ScriptedServer;
let client: KubeClient;
let clock: FakeClock;
let recorder: EventRecorder;

beforeEach(async () => {
  server = await ScriptedServer.start();
  client = clientFor(server.url);
  clock = new FakeClock();
  recorder = new EventRecorder({ client, component: 'example.com/operator', instance: 'pod-1', log: silent, clock });
  server.on(ROUTE, ...Array.from({ length: 200 }, () => json(201, {})));
});

afterEach(async () => {
  await client.close();
  await server.close();
});

test('an event names its object and its reporter', async () => {
  await recorder.event(pod('a', 7), { ...TEXT, message: 'ä'.repeat(1000) });
  const body = server.requests[0]?.body as { note: string; metadata: { name: string } };
  expect(body).toMatchObject({
    metadata: { namespace: 'ns' },
    eventTime: '2026-01-01T00:00:00.000000Z',
    type: 'Warning',
    reason: 'Broken',
    action: 'Broken',
    reportingController: 'example.com/operator',
    reportingInstance: 'pod-1',
    regarding: { apiVersion: 'v1', kind: 'Pod', namespace: 'ns', name: 'a', uid: 'uid-a', resourceVersion: '7' },
  });
  expect(Buffer.byteLength(body.note)).toBeLessThanOrEqual(1024);
  expect(body.metadata.name).toMatch(/^a\.[0-9a-f]{16}$/);
});

test('the same event is written once in ten minutes', async () => {
  for (let i = 0; i < 3; i++) await recorder.event(pod('a', i), TEXT);
  await recorder.event(pod('b', 1), TEXT);
  await recorder.event(pod('a', 1), { ...TEXT, message: 'Otherwise' });
  expect(server.requests).toHaveLength(3);
  await clock.advance(600_000);
  await recorder.event(pod('a', 9), TEXT);
  expect(server.requests).toHaveLength(4);
});

test('a flood is dropped, and the rate comes back', async () => {
  for (let i = 0; i < 100; i++) await recorder.event(pod(`p${i}`, 1), TEXT);
  expect(server.requests).toHaveLength(50);
  await clock.advance(3000);
  for (let i = 0; i < 10; i++) await recorder.event(pod(`q${i}`, 1), TEXT);
  expect(server.requests).toHaveLength(53);
});

test.each([
  ['a refusal', json(403, {})],
  ['a broken connection', reset],
])('%s is not thrown', async (_, reply) => {
  server.on('POST /apis/events.k8s.io/v1/namespaces/other/events', reply);
  await recorder.event(pod('a', 1, { namespace: 'other' }), TEXT);
  expect(server.requests).toHaveLength(1);
});

describe('cut', () => {
  test.each([
    ['short', 10, 'short'],
    ['exactly ten', 11, 'exactly ten'],
    ['ääää', 7, 'ää…'],
    ['ääää', 6, 'ä…'],
  ])('%s to %d bytes', (text, bytes, want) => expect(cut(text, bytes)).toBe(want));
});
