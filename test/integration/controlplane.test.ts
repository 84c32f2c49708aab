/** The embedded control plane: users and RBAC, faults, audit log, garbage collection, and nothing left after a crash. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { COMPONENTS } from '../../src/sandbox/controlplane/flags.ts';
import { startTicks } from '../../src/sandbox/assets/procfs.ts';
import { askHealth } from '../../src/sandbox/controlplane/health.ts';
import { removeStale } from '../../src/sandbox/controlplane/stale.ts';
import { describeWithCluster, noCluster, startCluster } from '../support/cluster.ts';
import { describeUnless } from '../support/skip.ts';

describeWithCluster('control plane', { components: COMPONENTS, audit: true, crds: [] }, (cluster) => {
  test('runs all four components, each as a process of its own', () => {
    const pids = COMPONENTS.map((component) => cluster().controlPlane.pid(component));
    expect(new Set(pids).size).toBe(4);
    expect(pids).not.toContain(undefined);
  });

  test('gives service accounts to new namespaces', async () => {
    const name = await cluster().namespace();
    await until(async () => (await cluster().kubectl(['get', 'sa', '-n', name, '-o', 'name'])).includes('default'));
  }, 30_000);

  test('knows a user by the kubeconfig alone and gives it no right that RBAC does not', async () => {
    const kubeconfig = await cluster().controlPlane.kubeconfigFor('operator', ['benches']);
    expect(await cluster().kubectl(['auth', 'whoami', '-o', 'json'], { kubeconfig })).toContain('"benches"');
    const get = () => cluster().kubectl(['get', 'pods', '-n', 'default', '-o', 'name'], { kubeconfig });
    await expect(get()).rejects.toThrow('User "operator" cannot list resource "pods"');
    const binding = ['create', 'clusterrolebinding', 'benches', '--clusterrole=view', '--group=benches'];
    await cluster().kubectl(binding);
    await until(async () => (await get()) === '');
  }, 30_000);

  test('writes each request of a user into the audit log, once', async () => {
    const kubeconfig = await cluster().controlPlane.kubeconfigFor('counted', []);
    await cluster().kubectl(['auth', 'whoami'], { kubeconfig });
    const lines = readFileSync(cluster().controlPlane.auditLog, 'utf8').split('\n');
    const mine = lines.filter((line) => line.includes('"counted"') && line.includes('selfsubjectreviews'));
    expect(mine).toHaveLength(1);
  });

  test('keeps objects over kill -9 of the API server, on the same port', async () => {
    const { controlPlane } = cluster();
    const name = await cluster().namespace('kept');
    await controlPlane.kill('kube-apiserver');
    await expect(cluster().kubectl(['get', 'ns', name])).rejects.toThrow('refused');
    await controlPlane.start('kube-apiserver');
    expect(await cluster().kubectl(['get', 'ns', '-o', 'name'])).toContain(name);
  }, 60_000);

  test('answers nothing while paused and goes on afterwards', async () => {
    const { controlPlane } = cluster();
    controlPlane.pause('kube-apiserver');
    const request = ['get', 'ns', '--request-timeout=1s'];
    await expect(cluster().kubectl(request)).rejects.toThrow();
    controlPlane.resume('kube-apiserver');
    expect(await cluster().kubectl(['get', 'ns', '-o', 'name'])).toContain('namespace/default');
  }, 30_000);

  test('refuses etcd to those who have a certificate of the API only', async () => {
    const { controlPlane, dir } = cluster();
    const flags = readFileSync(`/proc/${controlPlane.pid('etcd')}/cmdline`, 'utf8');
    const port = Number(/--listen-client-urls=https:\/\/127.0.0.1:(\d+)/.exec(flags)?.[1]);
    const read = (name: string) => readFileSync(join(dir, 'pki', name), 'utf8');
    const ask = (client: string) =>
      askHealth({
        port,
        path: '/readyz',
        ca: read('etcd-ca.crt'),
        client: { certificate: read(`${client}.crt`), key: read(`${client}.key`) },
      });
    expect(await ask('etcd-client')).toBeUndefined();
    expect(await ask('server')).not.toBeUndefined();
  });

  test('does not start a component twice', async () => {
    await expect(cluster().controlPlane.start('kube-scheduler')).rejects.toThrow('kube-scheduler is running already');
  });
});

describeWithCluster('garbage collection', { components: COMPONENTS, crds: [] }, (cluster) => {
  test('removes what a deleted object owns', async () => {
    const configMap = (name: string, owner?: object) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'default', ...(owner && { ownerReferences: [owner] }) },
    });
    await cluster().apply(configMap('owner'));
    const uid = await cluster().kubectl(['get', 'configmap', 'owner', '-o', 'jsonpath={.metadata.uid}']);
    await cluster().apply(configMap('owned', { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }));
    await cluster().kubectl(['delete', 'configmap', 'owner']);
    await until(async () => !(await cluster().kubectl(['get', 'configmap', '-o', 'name'])).includes('owned'));
  }, 60_000);
});

describeUnless(noCluster, 'control plane at start and at its end', () => {
  test('says what the log says when a component cannot start, and leaves no process', async () => {
    const before = await processesOf(process.pid);
    const extraArgs = { 'kube-apiserver': ['--no-such-flag'] };
    await expect(startCluster({ extraArgs, crds: [] })).rejects.toThrow(
      /kube-apiserver: exit code 1. The end of its log[^]*unknown flag/,
    );
    const after = await processesOf(process.pid);
    expect(after.filter((pid) => !before.includes(pid))).toEqual([]);
  }, 60_000);

  test('leaves no process when its owner is killed, and the next start removes its directory', async () => {
    const root = await mkdtemp(join(tmpdir(), 'vfbench-stale-'));
    const owner = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/own-cluster.ts')], {
      env: { ...process.env, VFBENCH_STATE: root },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
    const { dir, pids } = JSON.parse(line) as { dir: string; pids: number[] };
    expect(await Promise.all(pids.map(startTicks))).not.toContain(undefined);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    const removed = await removeStale(root);
    expect(removed.directories).toEqual([dir]);
    await until(async () => (await Promise.all(pids.map(startTicks))).every((ticks) => ticks === undefined));
    expect(await readdir(root)).toEqual([]);
    await rm(root, { recursive: true });
  }, 60_000);
});

/** Pids of the children of a process that are no zombies. */
async function processesOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => {
    const [state, ppid] = stats[index]?.slice(stats[index].lastIndexOf(')') + 2).split(' ') ?? [];
    return Number(ppid) === parent && state !== 'Z';
  });
}

async function until(condition: () => Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`Not so within ${timeoutMs} ms`);
    await delay(100);
  }
}
