import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  cutOff,
  end,
  hang,
  list,
  pause,
  type Reply,
  ScriptedServer,
  status,
  until,
  watch,
} from '../../test/support/scripted-server.ts';
import type { KubeClient } from './client.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';
import { PODS } from './resources.ts';
import { Store } from './store.ts';
import { clientFor, pod, silent, type TestPod } from './kube.testing.ts';

const PATH = '/api/v1/namespaces/ns/pods';
const LIST = `LIST ${PATH}`;
const WATCH = `WATCH ${PATH}`;

let server: ScriptedServer;
let client: KubeClient;
let store: Store<TestPod>;
let abort: AbortController;
let running: Promise<void>[];

beforeEach(async () => {
  server = await ScriptedServer.start();
  // Longer than a busy machine takes for an answer, and what is never answered is given up in a test's time.
  client = clientFor(server.url, { requestTimeoutMs: 2000 });
  store = new Store<TestPod>();
  abort = new AbortController();
  running = [];
});

afterEach(async () => {
  abort.abort(new Error('test is over'));
  await Promise.all(running);
  await client.close();
  await server.close();
});

function reflect(options: Partial<ReflectorOptions<TestPod>> = {}): Reflector<TestPod> {
  const base = { client, type: PODS, store, namespace: 'ns', log: silent, random: () => 0 };
  const reflector = new Reflector<TestPod>({ ...base, ...options });
  running.push(reflector.run(abort.signal));
  return reflector;
}

const added = (name: string, version: number): object => ({ type: 'ADDED', object: pod(name, version) });
const deleted = (name: string, version: number): object => ({ type: 'DELETED', object: pod(name, version) });
const bookmark = (version: string): object => ({
  type: 'BOOKMARK',
  object: { kind: 'Pod', metadata: { resourceVersion: version } },
});
const frame = (code: number, reason: string): object => ({
  type: 'ERROR',
  object: { kind: 'Status', code, reason, message: '' },
});

const names = (): string[] =>
  store
    .list()
    .map((obj) => obj.metadata.name)
    .toSorted();
const has =
  (...wanted: string[]): (() => boolean) =>
  () =>
    names().join() === wanted.join();
const watchedFrom = (): (string | undefined)[] => server.seen(WATCH).map((request) => request.query['resourceVersion']);

test('lists page by page, then watches from there on', async () => {
  server.on(LIST, list([pod('a', 1)], '10', 'p2'), list([pod('b', 2, { managedFields: [] })], '10'));
  server.on(WATCH, watch(added('c', 11), deleted('a', 12)));
  const reflector = reflect({ pageSize: 1, labelSelector: 'x=y' });
  expect(reflector.hasSynced).toBe(false);
  await reflector.synced();
  expect(reflector.hasSynced).toBe(true);
  await until(has('b', 'c'), 'events are in the store');
  expect(store.get('ns/b')).toEqual(pod('b', 2));
  expect(server.seen(LIST).map((request) => request.query)).toEqual([
    { labelSelector: 'x=y', limit: '1' },
    { labelSelector: 'x=y', limit: '1', continue: 'p2' },
  ]);
  expect(server.seen(WATCH).map((request) => request.query)).toEqual([
    { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '10', timeoutSeconds: '290', labelSelector: 'x=y' },
  ]);
});

describe('resumes after the last version seen, without a list, when', () => {
  test.each([
    ['the connection breaks', [watch(added('b', 11), cutOff)], '11'],
    ['the connection breaks within a line', [watch(added('b', 11), '{"type":"ADD', cutOff)], '11'],
    ['the server ends the watch', [watch(added('b', 11), end)], '11'],
    ['a bookmark came last', [watch(added('b', 11), bookmark('15'), end)], '15'],
    ['the watch falls silent', [watch(added('b', 11))], '11'],
    ['an ERROR frame other than 410 comes', [watch(added('b', 11), frame(500, 'InternalError'))], '11'],
    ['the watch is refused by 500', [status(500, 'InternalError')], '10'],
    ['the watch is refused by 429', [status(429, 'TooManyRequests')], '10'],
    ['the watch is refused by 403', [status(403, 'Forbidden')], '10'],
    ['the watch is not answered', [hang], '10'],
  ])('%s', async (_, first, from) => {
    server.on(LIST, list([pod('a', 1)], '10'));
    server.on(WATCH, ...first, watch(added('b', 11), added('c', 16), deleted('a', 17)));
    const reflector = reflect({ idleTimeoutMs: 200 });
    await until(has('b', 'c'), 'the next watch is read');
    expect(watchedFrom()).toEqual(['10', from]);
    expect(reflector.lists).toBe(1);
  });
});

describe('lists again when', () => {
  test.each([
    ['HTTP 410', [status(410, 'Expired')]],
    ['an ERROR frame of 410', [watch(frame(410, 'Expired'))]],
    ['an ERROR frame of 410 after events', [watch(added('x', 11), frame(410, 'Gone'))]],
    ['400, the version is not understood', [status(400, 'BadRequest')]],
  ])('%s', async (_, first) => {
    server.on(LIST, list([pod('a', 1), pod('b', 2)], '10'), list([pod('b', 30), pod('d', 31)], '40'));
    server.on(WATCH, ...first, watch(added('e', 41)));
    const changes: string[] = [];
    store.subscribe(({ type, object }) => changes.push(`${type} ${object.metadata.name}`));
    const reflector = reflect();
    await until(has('b', 'd', 'e'), 'the new list and watch are read');
    expect(watchedFrom()).toEqual(['10', '40']);
    expect(reflector.lists).toBe(2);
    expect(changes).toEqual(expect.arrayContaining(['delete a', 'upsert b', 'upsert d', 'upsert e']));
  });
});

describe('refresh', () => {
  const late = watch();

  test('sees what was written, however late the watch is, and goes on from there', async () => {
    server.on(LIST, list([pod('a', 1), pod('b', 2)], '10'), list([pod('a', 12), pod('c', 13)], '20'));
    server.on(WATCH, late, watch(added('d', 21)));
    const reflector = reflect();
    await until(() => watchedFrom().length === 1, 'it watches');
    await reflector.refresh();
    expect([names(), store.get('ns/a')?.metadata.resourceVersion]).toEqual([['a', 'c'], '12']);
    await until(has('a', 'c', 'd'), 'the next watch is read');
    expect(watchedFrom()).toEqual(['10', '20']);
  });

  test('waits for a list that began after it was asked for', async () => {
    const answer = Promise.withResolvers<void>();
    const slow: Reply = async (...of) => (await answer.promise, list([pod('a', 1)], '10')(...of));
    server.on(LIST, slow, list([pod('b', 11)], '20'));
    server.on(WATCH, late);
    const reflector = reflect();
    await until(() => server.seen(LIST).length === 1, 'the first list is under way');
    const refreshed = [reflector.refresh(), reflector.refresh()];
    answer.resolve();
    await Promise.all(refreshed);
    expect([names(), server.seen(LIST).length]).toEqual([['b'], 2]);
  });

  test('is tried again where the list fails', async () => {
    server.on(LIST, list([], '10'), status(500, 'InternalError'), list([pod('a', 11)], '20'));
    server.on(WATCH, late, late);
    const reflector = reflect();
    await reflector.synced();
    await reflector.refresh();
    expect(names()).toEqual(['a']);
  });

  test('does not wait for a kind that is not there, and ends with the reflector', async () => {
    server.on(LIST, status(404, 'NotFound'));
    const reflector = reflect({ optional: true });
    await reflector.synced();
    await expect(reflector.refresh()).resolves.toBeUndefined();
    const other = reflect();
    const refreshed = other.refresh();
    abort.abort(new Error('test is over'));
    await expect(refreshed).rejects.toThrow('test is over');
  });
});

test('a list in pages whose token expires is taken in one piece', async () => {
  server.on(LIST, list([pod('a', 1)], '10', 'p2'), status(410, 'Expired'), list([pod('b', 2), pod('c', 3)], '20'));
  server.on(WATCH, watch());
  await reflect({ pageSize: 1 }).synced();
  expect(names()).toEqual(['b', 'c']);
  expect(server.seen(LIST)[2]?.query).toEqual({});
});

test('a list that hangs or fails is tried again', async () => {
  server.on(LIST, hang, status(500, 'InternalError'), list([pod('a', 1)], '10'));
  server.on(WATCH, watch());
  await reflect().synced();
  expect(names()).toEqual(['a']);
});

test('waits as long as the server asks', async () => {
  server.on(LIST, status(429, 'TooManyRequests', { headers: { 'retry-after': '1' } }), list([], '10'));
  server.on(WATCH, watch());
  const start = Date.now();
  await reflect().synced();
  expect(Date.now() - start).toBeGreaterThanOrEqual(950);
});

test('a server that ends each watch at once is not hammered', async () => {
  server.on(LIST, list([], '10'));
  server.on(WATCH, ...Array.from({ length: 50 }, () => watch(end)));
  reflect();
  await pause(1000);
  expect(server.seen(WATCH).length).toBeLessThanOrEqual(4);
});

test('an own write newer than the list survives a list, and one deleted meanwhile does not come back', async () => {
  server.on(LIST, async (response, request) => {
    store.upsert(pod('mine', 12));
    await list([pod('a', 1)], '10')(response, request);
  });
  server.on(WATCH, watch(added('mine', 12), deleted('mine', 14)));
  const reflector = reflect();
  await reflector.synced();
  expect(names()).toEqual(['a', 'mine']);
  await until(has('a'), 'the deletion is seen');
  store.upsert(pod('mine', 13));
  expect(names()).toEqual(['a']);
});

describe('a kind that is not installed', () => {
  test('is synced as empty where it is optional', async () => {
    server.on(LIST, status(404, 'NotFound'));
    const reflector = reflect({ optional: true });
    await reflector.synced();
    expect(reflector.installed).toBe(false);
    expect(names()).toEqual([]);
  });

  test('is a failure otherwise', async () => {
    server.on(LIST, status(404, 'NotFound'), list([pod('a', 1)], '10'));
    server.on(WATCH, watch());
    const reflector = reflect();
    await reflector.synced();
    expect(reflector.installed).toBe(true);
    expect(names()).toEqual(['a']);
  });

  test('leaves nothing behind when it is removed later', async () => {
    server.on(LIST, list([pod('a', 1)], '10'));
    server.on(WATCH, watch(bookmark('11'), end), status(404, 'NotFound'));
    const reflector = reflect({ optional: true });
    await reflector.synced();
    await until(() => !reflector.installed, 'it is seen to be gone');
    expect(names()).toEqual([]);
  });
});

test('ends when aborted, and then synced() fails where it was not reached', async () => {
  server.on(LIST, hang);
  const reflector = reflect();
  await pause(20);
  abort.abort(new Error('over'));
  await expect(reflector.synced()).rejects.toThrow('over');
  await Promise.all(running);
});

test('a server that restarts: the next event arrives soon after', async () => {
  server.on(LIST, list([pod('a', 1)], '10'));
  server.on(WATCH, watch(bookmark('10')));
  const reflector = reflect({ random: () => 1 });
  await reflector.synced();
  await until(() => server.seen(WATCH).length === 1, 'the first watch');
  const { port } = server;
  await server.close();
  await pause(3000);
  server = await ScriptedServer.start(port);
  server.on(WATCH, watch(added('b', 11)));
  const start = Date.now();
  await until(has('a', 'b'), 'the event arrives');
  expect(Date.now() - start).toBeLessThan(2500);
  expect(reflector.lists).toBe(1);
});
