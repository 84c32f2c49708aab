/** The Kubernetes layer on a real API server: verbs, versions, outages, leader election. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { KubeClient } from '../../src/kube/client.ts';
import { ApiError, isAlreadyExists, isConflict, isExpired, isInvalid, isNotFound } from '../../src/kube/errors.ts';
import { EventRecorder } from '../../src/kube/events.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { LeaderElector } from '../../src/kube/lease.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { CONFIGMAPS, EVENTS, NAMESPACES } from '../../src/kube/resources.ts';
import { Store } from '../../src/kube/store.ts';
import type { RequestInfo } from '../../src/kube/transport.ts';
import { createLogger } from '../../src/log.ts';
import { describeWithCluster, type TestCluster } from '../support/cluster.ts';
import { Forwarder } from '../support/forwarder.ts';
import { pause, until } from '../support/scripted-server.ts';

interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}

const log = createLogger('test', 'silent');

const configMap = (namespace: string, name: string, labels: Record<string, string> = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name, labels },
  data: { n: '1' },
});

/** What a promise was rejected with; undefined where it was not. */
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

const namesIn = (objects: readonly KubeObject[]): string[] => objects.map((obj) => obj.metadata.name).toSorted();

describeWithCluster('Kubernetes layer', { crds: [] }, (cluster: () => TestCluster) => {
  let client: KubeClient;
  const endings: (() => Promise<unknown>)[] = [];

  beforeAll(() => {
    client = KubeClient.fromKubeConfig({ kubeconfig: cluster().kubeconfig, log });
  });

  afterEach(async () => {
    for (const end of endings.splice(0).toReversed()) await end();
  });

  afterAll(() => client.close());

  async function newNamespace(): Promise<string> {
    const name = `kube-${randomUUID().slice(0, 8)}`;
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    return name;
  }

  /** A running reflector of the ConfigMaps of a namespace, stopped after the test. */
  function reflect(namespace: string, through = client): { store: Store<ConfigMap>; reflector: Reflector<ConfigMap> } {
    const store = new Store<ConfigMap>();
    const reflector = new Reflector({ client: through, type: CONFIGMAPS, store, namespace, log, pageSize: 7 });
    const abort = new AbortController();
    const running = reflector.run(abort.signal);
    endings.push(async () => (abort.abort(), running));
    return { store, reflector };
  }

  test('creates, reads, lists in pages, applies and removes', async () => {
    const namespace = await newNamespace();
    const made = await client.create(CONFIGMAPS, configMap(namespace, 'a', { x: 'y' }));
    expect(made.metadata.uid).toBeDefined();
    const again = client.create(CONFIGMAPS, configMap(namespace, 'a'));
    expect(isAlreadyExists(await failureOf(again))).toBe(true);
    expect(isInvalid(await failureOf(client.create(CONFIGMAPS, configMap(namespace, 'B_B'))))).toBe(true);

    const fields = { ...configMap(namespace, 'b', { x: 'y' }), data: { m: '2' } };
    const applied = await client.apply<ConfigMap>(CONFIGMAPS, fields, { fieldManager: 'test', force: true });
    expect(applied.data).toEqual({ m: '2' });

    const first = await client.list(CONFIGMAPS, { namespace, labelSelector: 'x=y', limit: 1 });
    expect(first.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
    const next = first.continue ?? '';
    const second = await client.list(CONFIGMAPS, { namespace, labelSelector: 'x=y', limit: 1, continue: next });
    expect(namesIn(second.items)).toEqual(['b']);
    expect(second.continue).toBeUndefined();

    const ref = { namespace, name: 'a' };
    const wrong = client.remove(CONFIGMAPS, ref, { uid: '00000000-0000-0000-0000-000000000000' });
    expect(isConflict(await failureOf(wrong))).toBe(true);
    await client.remove(CONFIGMAPS, ref, { uid: made.metadata.uid ?? '', propagationPolicy: 'Background' });
    await client.remove(CONFIGMAPS, ref);
    expect(isNotFound(await failureOf(client.get(CONFIGMAPS, ref)))).toBe(true);
  });

  test('of two writes to the same version the second fails', async () => {
    const namespace = await newNamespace();
    const old = await client.create(CONFIGMAPS, configMap(namespace, 'a'));
    await client.replace(CONFIGMAPS, { ...old, data: { n: '2' } });
    expect(isConflict(await failureOf(client.replace(CONFIGMAPS, { ...old, data: { n: '3' } })))).toBe(true);
    const { resourceVersion = '' } = old.metadata;
    const patch = client.patch(
      CONFIGMAPS,
      { namespace, name: 'a' },
      { metadata: { resourceVersion }, data: { n: '4' } },
    );
    expect(isConflict(await failureOf(patch))).toBe(true);

    const space = await client.get(NAMESPACES, { name: namespace });
    const at = { name: namespace, resourceVersion: space.metadata.resourceVersion ?? '' };
    const status = { conditions: [{ type: 'Tested', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }] };
    const patched = await client.patchStatus(NAMESPACES, at, status);
    expect(patched).toMatchObject({ status });
    expect(isConflict(await failureOf(client.patchStatus(NAMESPACES, at, { conditions: [] })))).toBe(true);
    expect(await client.get<ConfigMap>(CONFIGMAPS, { namespace, name: 'a' })).toMatchObject({ data: { n: '2' } });
  });

  test('removes a collection by label, and its store follows', async () => {
    const namespace = await newNamespace();
    for (const name of ['a', 'b', 'c']) {
      await client.create(CONFIGMAPS, configMap(namespace, name, { kept: String(name === 'c') }));
    }
    const { store, reflector } = reflect(namespace);
    await reflector.synced();
    expect(namesIn(store.list())).toEqual(['a', 'b', 'c']);
    expect(store.list()[0]?.metadata.managedFields).toBeUndefined();
    await client.removeCollection(CONFIGMAPS, { namespace, labelSelector: 'kept=false' });
    await until(() => store.size === 1, 'two are gone');
    expect(namesIn((await client.list(CONFIGMAPS, { namespace })).items)).toEqual(['c']);
  });

  test('writes events that the server accepts', async () => {
    const namespace = await newNamespace();
    const regarding = await client.create(CONFIGMAPS, configMap(namespace, 'a'));
    const recorder = new EventRecorder({ client, component: 'example.com/test', instance: 'one', log });
    await recorder.event(regarding, { type: 'Normal', reason: 'Tested', message: 'ä'.repeat(2000) });
    const { items } = await client.list<KubeObject & { regarding: { uid: string } }>(EVENTS, { namespace });
    expect(items.map((event) => event.regarding.uid)).toEqual([regarding.metadata.uid]);
  });

  test('HTTP/2 serves watches and calls over one connection', async () => {
    const namespace = await newNamespace();
    const port = Number(new URL(cluster().url).port);
    const relay = await relayed(cluster(), port);
    const both = KubeClient.fromKubeConfig({ kubeconfig: relay.kubeconfig, log, http2: true });
    endings.push(
      () => relay.forwarder.close(),
      () => both.close(),
    );
    const reflected = [reflect(namespace, both), reflect(namespace, both), reflect(namespace, both)];
    await Promise.all(reflected.map(({ reflector }) => reflector.synced()));
    for (let i = 0; i < 10; i++) await both.create(CONFIGMAPS, configMap(namespace, `n${i}`));
    await until(() => reflected.every(({ store }) => store.size === 10), 'all see all');
    expect(relay.forwarder.connections).toBe(1);
  });

  test('at rest it renews its lease every 2 s and asks for nothing else', async () => {
    const namespace = await newNamespace();
    const asked: string[] = [];
    const onRequest = ({ verb, path }: RequestInfo): void => void asked.push(`${verb} ${path.split('/').at(-1)}`);
    const counted = KubeClient.fromKubeConfig({ kubeconfig: cluster().kubeconfig, log, onRequest });
    endings.push(() => counted.close());
    await reflect(namespace, counted).reflector.synced();
    const abort = new AbortController();
    const elector = new LeaderElector({ client: counted, namespace, name: 'lock', identity: 'me', log });
    const leading = Promise.withResolvers<void>();
    const running = elector.run(abort.signal, async (signal) => {
      leading.resolve();
      if (!signal.aborted) await once(signal, 'abort');
    });
    await leading.promise;
    asked.length = 0;
    await pause(7000);
    await until(() => asked.length >= 3, 'three renewals');
    expect(asked).toEqual(['PUT lock', 'PUT lock', 'PUT lock']);
    abort.abort();
    await running;
  }, 40_000);

  test('kill -9 of the API server: the next event comes within 5 s of its return, and none is lost', async () => {
    const namespace = await newNamespace();
    for (let i = 0; i < 20; i++) await client.create(CONFIGMAPS, configMap(namespace, `before-${i}`));
    const { store, reflector } = reflect(namespace);
    await reflector.synced();
    await cluster().controlPlane.kill('kube-apiserver');
    await pause(3000);
    await cluster().controlPlane.start('kube-apiserver');
    const ready = Date.now();
    await client.create(CONFIGMAPS, configMap(namespace, 'after'));
    await client.remove(CONFIGMAPS, { namespace, name: 'before-0' });
    await until(() => store.get(`${namespace}/after`) !== undefined, 'the event comes', 10_000);
    const seconds = (Date.now() - ready) / 1000;
    await until(() => store.get(`${namespace}/before-0`) === undefined, 'the deletion comes', 10_000);
    expect(namesIn(store.list())).toEqual(namesIn((await client.list(CONFIGMAPS, { namespace })).items));
    expect(seconds).toBeLessThan(5);
  }, 90_000);

  test('an outage so long that history is lost ends in one new list and an equal store', async () => {
    const namespace = await newNamespace();
    const { forwarder, kubeconfig } = await relayed(cluster(), Number(new URL(cluster().url).port));
    const through = KubeClient.fromKubeConfig({ kubeconfig, log });
    endings.push(
      () => forwarder.close(),
      () => through.close(),
    );
    for (let i = 0; i < 20; i++) await client.create(CONFIGMAPS, configMap(namespace, `before-${i}`));
    const { store, reflector } = reflect(namespace, through);
    await reflector.synced();
    const seen = store.list()[0]?.metadata.resourceVersion ?? '';

    forwarder.cut();
    await client.removeCollection(CONFIGMAPS, { namespace, labelSelector: '!x' });
    for (let i = 0; i < 10; i++) await client.create(CONFIGMAPS, configMap(namespace, `during-${i}`));
    await cluster().controlPlane.restart('kube-apiserver');
    expect(isExpired(await firstFailure(namespace, seen))).toBe(true);
    forwarder.mend();
    await until(() => reflector.lists === 2, 'the new list', 10_000);
    expect(namesIn(store.list())).toEqual(namesIn((await client.list(CONFIGMAPS, { namespace })).items));
    await client.create(CONFIGMAPS, configMap(namespace, 'after'));
    await until(() => store.get(`${namespace}/after`) !== undefined, 'the watch goes on');
    expect(reflector.lists).toBe(2);
  }, 90_000);

  /** What a watch from an old version says: an error, as HTTP or within. */
  async function firstFailure(namespace: string, resourceVersion: string): Promise<unknown> {
    const signal = AbortSignal.timeout(30_000);
    try {
      for await (const event of client.watch(CONFIGMAPS, { namespace, resourceVersion }, signal)) {
        return event.type === 'ERROR' ? new ApiError('WATCH', 0, event.object) : event;
      }
    } catch (error) {
      return error;
    }
    return undefined;
  }
});

describeWithCluster('leader election between processes', { crds: [] }, (cluster) => {
  const processes: ChildProcess[] = [];

  afterEach(() => {
    for (const child of processes.splice(0)) child.kill('SIGKILL');
  });

  /** Starts a candidate; `said` fills with what it prints. */
  function start(identity: string): { child: ChildProcess; said: string[]; exit: Promise<unknown[]> } {
    const script = join(import.meta.dirname, '../support/elector-process.ts');
    const child = spawn(process.execPath, [script, cluster().kubeconfig, 'default', identity], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    processes.push(child);
    const said: string[] = [];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => said.push(...text.trim().split('\n')));
    return { child, said, exit: once(child, 'exit') };
  }

  test('one leads; another takes over within 2 s of SIGTERM and 17 s of a freeze or kill -9', async () => {
    const a = start('a');
    await until(() => a.said.includes('leading'), 'a leads', 20_000);
    const b = start('b');
    await pause(4000);
    expect(b.said).toEqual([]);

    const terminated = Date.now();
    a.child.kill('SIGTERM');
    await until(() => b.said.includes('leading'), 'b leads', 20_000);
    expect(Date.now() - terminated).toBeLessThan(2000);
    expect((await a.exit)[0]).toBe(0);

    const c = start('c');
    await pause(3000);
    const frozen = Date.now();
    b.child.kill('SIGSTOP');
    await until(() => c.said.includes('leading'), 'c leads', 20_000);
    expect(Date.now() - frozen).toBeLessThan(17_000);
    b.child.kill('SIGCONT');
    expect((await b.exit)[0]).toBe(1);
    expect(b.said).toEqual(['leading', 'LeaseLostError']);

    const d = start('d');
    await pause(3000);
    const killed = Date.now();
    c.child.kill('SIGKILL');
    await until(() => d.said.includes('leading'), 'd leads', 20_000);
    expect(Date.now() - killed).toBeLessThan(17_000);
  }, 120_000);
});

/** The administrator's way to the API server, through a relay that can be cut. */
async function relayed(cluster: TestCluster, port: number): Promise<{ forwarder: Forwarder; kubeconfig: string }> {
  const forwarder = await Forwarder.start(port);
  const kubeconfig = join(cluster.dir, `relay-${forwarder.port}.kubeconfig`);
  writeFileSync(kubeconfig, readFileSync(cluster.kubeconfig, 'utf8').replace(`:${port}`, `:${forwarder.port}`));
  return { forwarder, kubeconfig };
}
