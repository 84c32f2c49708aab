import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hang, json, list, pause, reset, ScriptedServer, status, watch } from '../../test/support/scripted-server.ts';
import { KubeClient } from './client.ts';
import { isAlreadyExists, isConflict, isNotFound, TransportError, WriteBarredError } from './errors.ts';
import { PODS } from './resources.ts';
import { clientFor, failureOf, pod, silent } from './kube.testing.ts';

const COLLECTION = '/api/v1/namespaces/ns/pods';
const ONE = `${COLLECTION}/a`;
const REF = { namespace: 'ns', name: 'a' };

/** A credential plugin whose tokens are outdated when they come. */
const LOGIN = `console.log(JSON.stringify({
  apiVersion: 'client.authentication.k8s.io/v1',
  kind: 'ExecCredential',
  status: { token: String(Math.random()), expirationTimestamp: '2020-01-01T00:00:00Z' },
}));`;

let server: ScriptedServer;
let client: KubeClient;

beforeEach(async () => {
  server = await ScriptedServer.start();
  client = clientFor(server.url);
});

afterEach(async () => {
  await client.close();
  await server.close();
});

describe('connections', () => {
  test('many calls use one', async () => {
    for (let i = 0; i < 50; i++) server.on(`GET ${ONE}`, json(200, pod('a', i)));
    for (let i = 0; i < 50; i++) await client.get(PODS, REF);
    // The pool may open a second one while the first still winds up its answer.
    expect(server.connections).toBeLessThanOrEqual(2);
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer secret', 'user-agent': 'vfbench' });
  });

  test('hundreds at once share a bounded number, and a watch has its own', async () => {
    const count = 300;
    const stop = new AbortController();
    server.on(`WATCH ${COLLECTION}`, watch());
    for (let i = 0; i < count; i++) server.on(`GET ${ONE}`, json(200, pod('a', i)));
    const watching = client.watch(PODS, { namespace: 'ns' }, stop.signal).next();
    await Promise.all(Array.from({ length: count }, () => client.get(PODS, REF)));
    expect(server.connections).toBeLessThanOrEqual(33);
    stop.abort();
    await watching;
  });

  test('a token file is read, and a path in front of the API is kept', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kube-client-'));
    writeFileSync(join(folder, 'token'), 'from-file\n');
    const kubeconfig = join(folder, 'config');
    writeFileSync(kubeconfig, kubeconfigText(`${server.url}/k8s/cluster/`, { tokenFile: 'token' }));
    server.on(`GET /k8s/cluster${ONE}`, json(200, pod('a', 1)));
    const other = KubeClient.fromKubeConfig({ kubeconfig, log: silent });
    await other.get(PODS, REF);
    expect(server.requests[0]?.headers.authorization).toBe('Bearer from-file');
    expect(other.defaultNamespace).toBe('bench');
    await other.close();
    rmSync(folder, { recursive: true });
  });
});

test('whoever may not write any more reads on, and sends no write', async () => {
  let mayWrite = true;
  const barred = clientFor(server.url, { mayWrite: () => mayWrite });
  server.on(`POST ${COLLECTION}`, json(201, pod('a', 1))).on(`GET ${ONE}`, json(200, pod('a', 1)));
  await barred.create(PODS, pod('a', 1));
  mayWrite = false;
  const writes = [
    () => barred.create(PODS, pod('a', 1)),
    () => barred.patchStatus(PODS, REF, {}),
    () => barred.remove(PODS, REF),
    () => barred.removeCollection(PODS, { namespace: 'ns', labelSelector: 'a=b' }),
  ];
  for (const write of writes) expect(await failureOf(write())).toBeInstanceOf(WriteBarredError);
  await barred.get(PODS, REF);
  expect(server.requests.map(({ verb }) => verb)).toEqual(['POST', 'GET']);
  await barred.close();
});

describe('verbs', () => {
  test('list fills in apiVersion and kind, which the server leaves out', async () => {
    const { apiVersion: _, kind: __, ...bare } = pod('a', 1);
    server.on(`LIST ${COLLECTION}`, list([bare], '7', 'more'));
    const page = await client.list(PODS, { namespace: 'ns', labelSelector: 'a=b,c', limit: 10 });
    expect(page).toEqual({ items: [pod('a', 1)], resourceVersion: '7', continue: 'more' });
    expect(server.requests[0]?.query).toEqual({ labelSelector: 'a=b,c', limit: '10' });
  });

  test('patchStatus is a merge patch with the version as precondition', async () => {
    server.on(`PATCH ${ONE}/status`, json(200, pod('a', 2)));
    await client.patchStatus(PODS, { ...REF, resourceVersion: '1' }, { phase: 'Running' });
    expect(server.requests[0]).toMatchObject({
      body: { metadata: { resourceVersion: '1' }, status: { phase: 'Running' } },
    });
    expect(server.requests[0]?.headers['content-type']).toBe('application/merge-patch+json');
  });

  test('apply names its manager', async () => {
    server.on(`PATCH ${ONE}`, json(200, pod('a', 2)));
    await client.apply(PODS, pod('a', 1), { fieldManager: 'me', force: true });
    expect(server.requests[0]?.query).toEqual({ fieldManager: 'me', force: 'true' });
    expect(server.requests[0]?.headers['content-type']).toBe('application/apply-patch+yaml');
  });

  test('remove takes NotFound for success and Conflict for none', async () => {
    server.on(`DELETE ${ONE}`, status(404, 'NotFound'), status(409, 'Conflict'));
    await client.remove(PODS, REF, { uid: 'u', propagationPolicy: 'Background' });
    expect(server.requests[0]?.body).toMatchObject({ preconditions: { uid: 'u' }, propagationPolicy: 'Background' });
    expect(isConflict(await failureOf(client.remove(PODS, REF, { uid: 'u' })))).toBe(true);
  });

  test('removeCollection needs a selector', async () => {
    await expect(client.removeCollection(PODS, { namespace: 'ns', labelSelector: '' })).rejects.toThrow('selector');
    server.on(`DELETE ${COLLECTION}`, json(200, {}));
    await client.removeCollection(PODS, { namespace: 'ns', labelSelector: 'a=b' });
    expect(server.requests[0]?.query).toEqual({ labelSelector: 'a=b' });
  });

  test('an error that is not a Status keeps its text', async () => {
    server.on(`GET ${ONE}`, (response) => void response.writeHead(403).end('not for you\n'));
    await expect(client.get(PODS, REF)).rejects.toMatchObject({
      status: 403,
      reason: '',
      serverMessage: 'not for you',
    });
  });
});

describe('retries', () => {
  test.each([
    ['429 with Retry-After', status(429, 'TooManyRequests', { headers: { 'retry-after': '1' } }), 900],
    ['500', status(500, 'InternalError'), 0],
    ['a broken connection', reset, 0],
    ['an answer that is no JSON', ((response) => void response.end('{"half":')) satisfies typeof reset, 0],
  ])('GET after %s', async (_, failure, atLeastMs) => {
    server.on(`GET ${ONE}`, failure, json(200, pod('a', 1)));
    const start = Date.now();
    expect(await client.get(PODS, REF)).toEqual(pod('a', 1));
    expect(Date.now() - start).toBeGreaterThanOrEqual(atLeastMs);
    expect(server.requests).toHaveLength(2);
  });

  test('GET five times at most', async () => {
    server.on(`GET ${ONE}`, ...Array.from({ length: 9 }, () => status(503, 'ServiceUnavailable')));
    await expect(client.get(PODS, REF)).rejects.toMatchObject({ status: 503 });
    expect(server.requests).toHaveLength(5);
  });

  test('once with credentials read anew after 401', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kube-client-'));
    const kubeconfig = join(folder, 'config');
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: [join(folder, 'login.mjs')],
    };
    writeFileSync(join(folder, 'login.mjs'), LOGIN);
    writeFileSync(kubeconfig, kubeconfigText(server.url, { exec }));
    server.on(
      `GET ${ONE}`,
      status(401, 'Unauthorized'),
      json(200, pod('a', 1)),
      status(401, 'Unauthorized'),
      status(401, 'Unauthorized'),
    );
    const other = KubeClient.fromKubeConfig({ kubeconfig, log: silent });
    await other.get(PODS, REF);
    expect(await failureOf(other.get(PODS, REF))).toMatchObject({ status: 401 });
    const tokens = server.requests.map((request) => request.headers.authorization);
    expect(new Set(tokens).size).toBe(3);
    expect(tokens).toHaveLength(4);
    await other.close();
    rmSync(folder, { recursive: true });
  });

  test('GET not after NotFound', async () => {
    server.on(`GET ${ONE}`, status(404, 'NotFound'));
    expect(isNotFound(await failureOf(client.get(PODS, REF)))).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  test('a POST that may have arrived is not sent again', async () => {
    server.on(`POST ${COLLECTION}`, reset, json(201, pod('a', 1)));
    await expect(client.create(PODS, pod('a', 1))).rejects.toMatchObject({ name: 'TransportError', maybeSent: true });
    await pause(300);
    expect(server.requests).toHaveLength(1);
  });

  test('a POST answered by 500 is not sent again, by 429 it is', async () => {
    server.on(
      `POST ${COLLECTION}`,
      status(500, 'InternalError'),
      status(429, 'TooManyRequests'),
      status(409, 'AlreadyExists'),
    );
    await expect(client.create(PODS, pod('a', 1))).rejects.toMatchObject({ status: 500 });
    expect(isAlreadyExists(await failureOf(client.create(PODS, pod('a', 1))))).toBe(true);
    expect(server.requests).toHaveLength(3);
  });

  test('a POST to a server that is not there yet is sent when it is', async () => {
    const port = await freePort();
    const late = clientFor(`http://127.0.0.1:${port}`);
    const creating = late.create(PODS, pod('a', 1));
    await pause(50);
    const starting = await ScriptedServer.start(port);
    starting.on(`POST ${COLLECTION}`, json(201, pod('a', 1)));
    expect(await creating).toEqual(pod('a', 1));
    await late.close();
    await starting.close();
  });

  test.each([
    ['with a version is', { metadata: { resourceVersion: '1' } }, 2],
    ['without is not', { metadata: { labels: {} } }, 1],
  ])('a PATCH %s sent again after a broken connection', async (_, body, times) => {
    server.on(`PATCH ${ONE}`, reset, json(200, pod('a', 2)));
    await client.patch(PODS, REF, body).catch((error: unknown) => expect(error).toBeInstanceOf(TransportError));
    expect(server.requests).toHaveLength(times);
  });

  test.each([
    ['with a uid is', { uid: 'u' }, 2],
    ['without is not', {}, 1],
  ])('a DELETE %s sent again after a broken connection', async (_, options, times) => {
    server.on(`DELETE ${ONE}`, reset, json(200, {}));
    await client.remove(PODS, REF, options).catch((error: unknown) => expect(error).toBeInstanceOf(TransportError));
    expect(server.requests).toHaveLength(times);
  });
});

describe('deadlines', () => {
  test('a call to a server that hangs ends', async () => {
    server.on(`GET ${ONE}`, hang);
    const start = Date.now();
    await expect(client.get(PODS, REF, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'DEADLINE' });
    expect(Date.now() - start).toBeLessThan(1000);
  });

  test('so does one whose answer trickles', async () => {
    server.on(`GET ${ONE}`, (response) => void response.writeHead(200).write('{'));
    await expect(client.get(PODS, REF, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'DEADLINE' });
  });

  test('no retry begins that could not end in time', async () => {
    server.on(`GET ${ONE}`, status(429, 'TooManyRequests', { headers: { 'retry-after': '60' } }));
    const start = Date.now();
    await expect(client.get(PODS, REF)).rejects.toMatchObject({ status: 429 });
    expect(Date.now() - start).toBeLessThan(1000);
  });

  test("the caller's signal ends a call with its reason", async () => {
    server.on(`GET ${ONE}`, hang);
    const abort = new AbortController();
    const call = client.get(PODS, REF, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('stop it')), 20);
    await expect(call).rejects.toThrow('stop it');
  });
});

function kubeconfigText(url: string, user: object): string {
  return JSON.stringify({
    'current-context': 'x',
    clusters: [{ name: 'x', cluster: { server: url } }],
    users: [{ name: 'x', user }],
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x', namespace: 'bench' } }],
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => void probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
