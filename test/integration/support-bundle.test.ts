/** The support bundle of a real API server, with secrets wherever somebody could have left one. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPlugin } from '../../scripts/build.ts';
import { createCertificates } from '../../src/collector/certificates.ts';
import { KubeClient, NODES, PODS } from '../../src/kube/index.ts';
import { createLogger } from '../../src/log.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { experimentManifest, FLEET_CLUSTER, labManifests, OPERATOR_NAMESPACE } from '../support/fleet.ts';
import { type Ended, startProgram } from '../support/program.ts';

const HIDDEN = 'hunter2-Xq';
const JWT = 'eyJhbGciOiJIUzI1NiIsInR5cCI6.eyJzdWIiOiIxMjM0NTY3ODkw.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV';
const LOG = [
  '{"level":30,"msg":"Leading","identity":"vfbench-0"}',
  `{"level":50,"msg":"Request failed","err":{"message":"Authorization: Bearer ${JWT}"}}`,
  `plain: password=${HIDDEN}`,
  '',
].join('\n');

/** A node's kubelet, which knows one log. */
async function kubelet(): Promise<Server> {
  const { server } = await createCertificates(new Date());
  const found = createServer({ cert: server.cert, key: server.key }, (request, response) => {
    response.statusCode = request.url?.startsWith('/containerLogs/') ? 200 : 404;
    response.end(request.url?.includes('previous=true') ? `before ${JWT}\n` : LOG);
  });
  await new Promise<void>((resolve) => void found.listen(0, '127.0.0.1', resolve));
  return found;
}

type Annotated = { metadata: { annotations?: Record<string, string> } };

function annotated(object: object): object {
  const { metadata } = object as Annotated;
  const hidden = { 'example.com/note': HIDDEN, 'vfbench.io/note': `see https://me:${HIDDEN}@example.com` };
  return { ...object, metadata: { ...metadata, annotations: { ...hidden, ...metadata.annotations } } };
}

function podOf(name: string, namespace: string, labels: object): object {
  const args = ['--token', HIDDEN, `--url=https://me:${HIDDEN}@example.com`];
  const env = [{ name: 'GREETING', value: HIDDEN }];
  const containers = [{ name: 'main', image: 'x', args, env }];
  return annotated({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: { nodeName: 'node-a', containers },
  });
}

function planted(namespace: string): object[] {
  const trial = { 'vfbench.io/trial': 'exp-b0', 'vfbench.io/trial-uid': 'u' };
  const cell = { mode: 'native', placement: 'CrossNode', pairs: 1, block: 0, attempt: 0 };
  return [
    ...labManifests(namespace).map(annotated),
    annotated(experimentManifest(namespace, 'exp', { suspend: true })),
    annotated({
      apiVersion: 'vfbench.io/v1alpha1',
      kind: 'Trial',
      metadata: { name: 'exp-b0', namespace },
      spec: { experiment: 'exp', testbed: 'lab', ...cell },
    }),
    podOf('exp-b0-client-0', namespace, trial),
    podOf('somebodys', namespace, { app: 'other' }),
    podOf('vfbench-0', OPERATOR_NAMESPACE, { 'app.kubernetes.io/name': 'vfbench' }),
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace }, stringData: { key: HIDDEN } },
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e', namespace },
      involvedObject: { kind: 'Pod', namespace, name: 'exp-b0-client-0' },
      reason: 'Failed',
      message: `Failed to pull: Bearer ${JWT} of 192.0.2.7`,
    },
  ];
}

describeWithCluster('support bundle', { ...FLEET_CLUSTER, audit: true }, (cluster) => {
  let dir: string;
  let plugin: string;
  let namespace: string;
  let server: Server;
  let client: KubeClient;

  const bundle = (name: string, ...args: string[]): Promise<Ended> =>
    startProgram(plugin, ['support-bundle', '-n', namespace, '-o', join(dir, name), ...args], { HOME: dir }).ended;

  /** Files of a bundle by their path, unpacked by the system's tar. */
  async function unpacked(name: string): Promise<Map<string, string>> {
    const folder = join(dir, `${name}.d`);
    await mkdir(folder);
    execFileSync('tar', ['-xzf', join(dir, name), '-C', folder]);
    const root = join(folder, 'vfbench-support');
    const paths = readdirSync(root, { recursive: true, encoding: 'utf8' });
    const files = paths.filter((path) => statSync(join(root, path)).isFile());
    return new Map(files.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
  }

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'vfb-bundle-'));
    plugin = join(dir, 'kubectl-vfbench');
    await buildPlugin(plugin);
    server = await kubelet();
    client = KubeClient.fromKubeConfig({ kubeconfig: cluster().kubeconfig, log: createLogger('test', 'silent') });
    namespace = await cluster().namespace('bundle');
    await cluster().kubectl(['create', 'namespace', OPERATOR_NAMESPACE]);
    for (const each of [namespace, OPERATOR_NAMESPACE])
      await eventually(30, () => cluster().kubectl(['get', 'serviceaccount', 'default', '-n', each]));
    await client.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-a' } });
    const { port } = server.address() as AddressInfo;
    const addresses = [{ type: 'InternalIP', address: '127.0.0.1' }];
    const daemonEndpoints = { kubeletEndpoint: { Port: port } };
    await client.patchStatus(NODES, { name: 'node-a' }, { addresses, daemonEndpoints });
    await cluster().apply(...planted(namespace));
    const container = { name: 'main', image: 'x', imageID: 'x', ready: true, restartCount: 1, state: { running: {} } };
    const status = { phase: 'Running', containerStatuses: [container] };
    await client.patchStatus(PODS, { namespace: OPERATOR_NAMESPACE, name: 'vfbench-0' }, status);
    const bed = { nodes: [{ name: 'node-a', roles: ['Server'], resources: [] }] };
    await cluster().kubectl([
      'patch',
      'testbed',
      'lab',
      '-n',
      namespace,
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status: bed }),
    ]);
  }, 90_000);
  afterAll(async () => {
    server?.closeAllConnections();
    server?.close();
    await client?.close();
    await rm(dir, { recursive: true, force: true });
  });

  test('has what explains a problem, and no secret', async () => {
    const { code, out, err } = await bundle('all.tar.gz', '--kubeconfig', cluster().kubeconfig);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const files = await unpacked('all.tar.gz');
    expect([...files.keys()].sort()).toEqual([
      'README.txt',
      'attachments.json',
      'events.json',
      'experiments.json',
      'nodes.json',
      'operator/deployments.json',
      'operator/leases.json',
      'operator/logs/vfbench-0.log',
      'operator/logs/vfbench-0.previous.log',
      'operator/pods.json',
      'pods.json',
      'testbeds.json',
      'trials.json',
      'versions.json',
      'vmis.json',
    ]);
    for (const [file, text] of files)
      for (const secret of [HIDDEN, JWT, 'eyJ']) expect([file, text.includes(secret)]).toEqual([file, false]);
    expect(files.get('operator/logs/vfbench-0.log')).toContain('"msg":"Leading"');
    expect(files.get('operator/logs/vfbench-0.previous.log')).toContain('before <redacted>');
    expect(files.get('pods.json')).not.toContain('somebodys');
    expect(files.get('events.json')).toContain('of 192.0.2.7');
    expect(files.get('versions.json')).toContain('of the age of this plugin');
    expect(JSON.parse(files.get('nodes.json') ?? '')).toMatchObject([{ metadata: { name: 'node-a' } }]);
    expect(JSON.parse(files.get('experiments.json') ?? '')).toMatchObject([
      { spec: { testbed: 'lab', suspend: true } },
    ]);
    expect(out).toMatch(/^taken experiments\.json: 1 object$/m);
    expect(statSync(join(dir, 'all.tar.gz')).mode & 0o777).toBe(0o600);
  }, 60_000);

  test('does not ask for Secrets and ConfigMaps', () => {
    const lines = readFileSync(cluster().controlPlane.auditLog, 'utf8').split('\n');
    const asked = lines.filter((line) => line.includes('"userAgent":"kubectl-vfbench"'));
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((line) => /"resource":"(secrets|configmaps)"/.test(line))).toEqual([]);
  });

  test('addresses have other names where that is asked for', async () => {
    await bundle('hidden.tar.gz', '--redact-addresses', '--kubeconfig', cluster().kubeconfig);
    const files = await unpacked('hidden.tar.gz');
    for (const [file, text] of files)
      expect([file, text.includes('192.0.2.7'), text.includes('127.0.0.1')]).toEqual([file, false, false]);
    expect(files.get('events.json')).toMatch(/of ip-\d+/);
  }, 60_000);

  test('what the user may not read is left out, with the right that it takes; a file that is there stays', async () => {
    const kubeconfig = await cluster().controlPlane.kubeconfigFor('nobody', []);
    const { code, out } = await bundle('nobody.tar.gz', '--kubeconfig', kubeconfig);
    expect(code).toBe(0);
    expect(out).toMatch(/^left out trials\.json: you may not read it: it takes list trials\.vfbench\.io$/m);
    expect([...(await unpacked('nobody.tar.gz')).keys()].sort()).toEqual(['README.txt', 'versions.json']);
    const again = await bundle('nobody.tar.gz', '--kubeconfig', kubeconfig);
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/^Error: cannot write .*: it exists already: choose another with -o FILE\n$/);
  }, 60_000);
});
