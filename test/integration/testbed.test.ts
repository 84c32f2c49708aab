/** The preflight on a real API server: each change appears in the Testbed's conditions, by watches alone. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { TESTBEDS } from '../../src/api/kinds.ts';
import { NODES } from '../../src/kube/index.ts';
import { operatorRequests } from '../support/audit.ts';
import { describeWithCluster, type TestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { experimentManifest, type Fleet, FLEET_CLUSTER, labManifests, startFleet, USER } from '../support/fleet.ts';
import { kubevirt, sriovState } from '../support/preflight.ts';
import { type StoredTestbed, testbedSays } from '../support/testbed-says.ts';

const path = (relative: string): string => new URL(relative, import.meta.url).pathname;
const KINDS = path('../../src/sandbox/agents/crds');
const SRIOV_KIND = path('../support/manifests/sriovnetworknodestates.yaml');

describeWithCluster('preflight', { ...FLEET_CLUSTER, audit: true, crds: [path('../../crds')] }, (cluster) => {
  let fleet: Fleet;
  let namespace: string;
  const kubectl = (...args: string[]): Promise<string> => cluster().kubectl(args);
  const get = (): Promise<StoredTestbed> => fleet.client.get<StoredTestbed>(TESTBEDS, { namespace, name: 'lab' });

  const says = (wanted: Record<string, string>, finding?: RegExp): Promise<StoredTestbed> =>
    testbedSays({ client: fleet.client, namespace }, wanted, finding);
  const fit = (): Promise<StoredTestbed> =>
    says({ Ready: 'True/Fit', NativeReady: 'True/Fit', PassthroughReady: 'True/Fit' });

  beforeAll(async () => {
    fleet = await startFleet(cluster());
    namespace = await cluster().namespace('lab');
    await fleet.operator('preflight');
    const [bed] = labManifests(namespace).slice(-1);
    await cluster().apply(bed ?? {});
  }, 60_000);
  afterAll(async () => fleet?.stop());

  test('kinds that are installed later are noticed as they come', async () => {
    await says({ Ready: 'False/NotFit', NativeReady: 'False/MultusNotInstalled' }, /^Error KubeVirtNotInstalled/);
    await kubectl('create', '-f', `${KINDS}/network-attachment-definitions.yaml`);
    await says({ NativeReady: 'False/AttachmentNotFound' }, /^Error KubeVirtNotInstalled/);
    await cluster().apply(...labManifests(namespace).slice(0, 3));
    await says({ Ready: 'False/KubeVirtNotInstalled', NativeReady: 'True/Fit' });
    await kubectl('create', '-f', `${KINDS}/virtualmachineinstances.yaml`);
    await says({ Ready: 'True/Fit', PassthroughReady: 'True/Fit' }, /^Warning KubeVirtVersionUnknown/);
    await kubectl('create', '-f', `${KINDS}/kubevirts.yaml`);
    await kubectl('wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all');
    await kubectl('create', 'namespace', 'kubevirt');
    const { spec, metadata, status } = kubevirt();
    await cluster().apply({ apiVersion: 'kubevirt.io/v1', kind: 'KubeVirt', metadata, spec });
    await says({ PassthroughReady: 'False/KubeVirtNotReady', NativeReady: 'True/Fit' });
    await kubectl(
      'patch',
      'kubevirt',
      'kubevirt',
      '-n',
      'kubevirt',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status }),
    );
    const { status: found } = await fit();
    expect(found?.kubevirt).toEqual({ version: 'v1.9.0', phase: 'Deployed' });
    expect(found?.findings).toEqual([]);
  }, 120_000);

  test('attachments: deleted, wrong, mended', async () => {
    await kubectl('delete', 'network-attachment-definition', 'vf-vfio', '-n', namespace);
    await says(
      { Ready: 'False/AttachmentNotFound', PassthroughReady: 'False/AttachmentNotFound', NativeReady: 'True/Fit' },
      /there is no NetworkAttachmentDefinition \S+\/vf-vfio: create it \(the namespace has br-data, vf-net\)$/,
    );
    await cluster().apply(...labManifests(namespace).slice(0, 3));
    await fit();
    const config = JSON.stringify({ spec: { config: '{"type": "bridge"' } });
    await kubectl('patch', 'network-attachment-definition', 'br-data', '-n', namespace, '--type=merge', '-p', config);
    await says({ Ready: 'False/AttachmentInvalid', VirtioReady: 'False/AttachmentInvalid', NativeReady: 'True/Fit' });
    await cluster().apply(...labManifests(namespace).slice(0, 3));
    await fit();
  }, 60_000);

  test('nodes: cordoned, not Ready, tainted, without devices, renamed', async () => {
    await kubectl('cordon', 'node-a');
    await says({ Ready: 'False/NodeCordoned' }, /node-a is cordoned: kubectl uncordon node-a$/);
    await kubectl('uncordon', 'node-a');
    await fit();
    await fleet.setNode('node-b', { ready: false });
    await says(
      { Ready: 'False/NodeNotReady' },
      /^Error NodeNotReady: no node of spec\.nodes\.client can be used: node-b/,
    );
    await fleet.setNode('node-b', { devices: 0 });
    await says({ Ready: 'False/InsufficientVFs', VirtioReady: 'True/Fit' }, /node-b has 0: make VFs \(sriov_numvfs\)/);
    await fleet.setNode('node-b', {});
    await kubectl('taint', 'node', 'node-b', 'dedicated=x:NoSchedule');
    await says({ Ready: 'False/NodeTainted' }, /kubectl taint node node-b dedicated:NoSchedule-$/);
    await kubectl('taint', 'node', 'node-b', 'dedicated:NoSchedule-');
    await kubectl('label', 'node', 'node-b', 'kubevirt.io/schedulable=false', '--overwrite');
    await says({ Ready: 'False/NodeNotSchedulable', NativeReady: 'True/Fit', VirtioReady: 'False/NodeNotSchedulable' });
    await kubectl('label', 'node', 'node-b', 'kubevirt.io/schedulable=true', '--overwrite');
    await fit();
    await kubectl('delete', 'node', 'node-b');
    await says(
      { Ready: 'False/NodeNotFound' },
      /node-b is not there, renamed or removed: correct the names; the cluster has node-a$/,
    );
    await fleet.node('node-b');
    await fit();
  }, 120_000);

  test('a node state of the SR-IOV network operator is read where there is one', async () => {
    await kubectl('create', '-f', SRIOV_KIND);
    await kubectl('wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all');
    await kubectl('create', 'namespace', 'sriov-network-operator');
    const state = sriovState('node-a', { linkSpeed: '1000 Mb/s' });
    const object = { apiVersion: 'sriovnetwork.openshift.io/v1', kind: 'SriovNetworkNodeState', ...state };
    await cluster().apply(object);
    const { status } = await says(
      { Ready: 'False/LinkRateMismatch' },
      /PF ens1f0 on node-a runs at 1\.00 Gb\/s, spec\.link\.bitsPerSecond is 10G/,
    );
    expect(status?.nodes?.[0]?.resources.map(({ device }) => device)).toEqual(['Netdevice', 'VFIO']);
    await kubectl('delete', 'sriovnetworknodestate', 'node-a', '-n', 'sriov-network-operator');
    await fit();
  }, 60_000);

  test('a right that is missing is named; given back, it is found when the Testbed changes', async () => {
    const rbac = await readFile(path('../../deploy/base/rbac.yaml'), 'utf8');
    const touch = (concurrency: number): Promise<string> =>
      kubectl(
        'patch',
        'testbed',
        'lab',
        '-n',
        namespace,
        '--type=merge',
        '-p',
        JSON.stringify({ spec: { concurrency } }),
      );
    /** Rights count a moment after they are stored; where they do not, kubectl fails. */
    const may = (word: 'yes' | 'no'): Promise<true> =>
      eventually(30, () =>
        kubectl('auth', 'can-i', 'create', 'secrets', `--as=${USER}`, '-n', namespace).then(
          () => (word === 'yes' ? true : null),
          (error: Error) => (word === 'no' && /^no\b/m.test(error.message) ? true : null),
        ),
      );
    await cluster().apply(
      rbac.replace('resources: [secrets]\n    # the tokens', 'resources: [configmaps]\n    # the tokens'),
    );
    await may('no');
    await touch(2);
    await says(
      { Ready: 'False/PermissionsMissing' },
      /may not in namespace \S+: create, delete secrets: grant it as deploy\/base\/rbac\.yaml does$/,
    );
    await cluster().apply(rbac);
    await may('yes');
    await touch(1);
    await fit();
  }, 60_000);

  test('without KubeVirt: Native runs, Virtio waits and says why, and goes on when it is there', async () => {
    await kubectl('delete', 'crd', 'virtualmachineinstances.kubevirt.io');
    await says({ Ready: 'False/KubeVirtNotInstalled', NativeReady: 'True/Fit' });
    const one = (name: string, type: string): object =>
      experimentManifest(namespace, name, { modes: [{ name: 'm', type }], baseline: 'm', blocks: { min: 1, max: 1 } });
    await cluster().apply(one('native', 'Native'), one('virtio', 'Virtio'));
    await kubectl('wait', 'experiment', 'native', '-n', namespace, '--for=condition=Succeeded', '--timeout=60s');
    const jsonpath = '-o=jsonpath={.status.conditions[?(@.type=="Admitted")]}';
    const held = JSON.parse(await kubectl('get', 'experiment', 'virtio', '-n', namespace, jsonpath)) as object;
    expect(held).toMatchObject({ status: 'False', reason: 'TestbedNotReady' });
    expect(held).toMatchObject({ message: expect.stringContaining('KubeVirt is not installed: install it') });
    await kubectl('create', '-f', `${KINDS}/virtualmachineinstances.yaml`);
    await fit();
    await eventually(30, async () => {
      const status = await kubectl(
        'get',
        'experiment',
        'virtio',
        '-n',
        namespace,
        '-o=jsonpath={.status.conditions[?(@.type=="Admitted")].status}',
      );
      return status === 'True' ? status : null;
    });
    await kubectl('delete', 'experiment', '--all', '-n', namespace);
  }, 120_000);

  test('trials cause no write to the Testbed, and at rest there is no request but watches and the Lease', async () => {
    await fit();
    await delay(1000);
    const { metadata } = await get();
    await cluster().apply(
      experimentManifest(namespace, 'quiet', {
        modes: [{ name: 'native', type: 'Native' }],
        blocks: { min: 2, max: 2 },
      }),
    );
    await kubectl('wait', 'experiment', 'quiet', '-n', namespace, '--for=condition=Succeeded', '--timeout=60s');
    expect((await get()).metadata.resourceVersion).toBe(metadata.resourceVersion);
    await delay(2000);
    const from = Date.now();
    await delay(10_000);
    expect(await requests(cluster(), from)).toEqual([]);
  }, 120_000);

  test('nodes are still found by the Testbed that asks for them by label', async () => {
    const nodes = { server: { selector: { matchLabels: { lab: 'x' } } }, client: { names: ['node-b'] } };
    const spec = { nodes: { ...nodes, server: { ...nodes.server, names: null } } };
    await kubectl('patch', 'testbed', 'lab', '-n', namespace, '--type=merge', '-p', JSON.stringify({ spec }));
    await says(
      { Ready: 'False/NodeNotFound' },
      /no node matches spec\.nodes\.server: compare it with kubectl get nodes --show-labels/,
    );
    await fleet.client.patch(NODES, { name: 'node-a' }, { metadata: { labels: { lab: 'x' } } });
    await fit();
  }, 60_000);
});

/** What the operator asked of the API server since, watches and its Lease aside. */
async function requests({ controlPlane }: TestCluster, from: number): Promise<string[]> {
  return (await operatorRequests(controlPlane))
    .filter(({ at, verb, resource }) => at >= from && verb !== 'watch' && resource !== 'leases')
    .map(({ verb, resource }) => `${verb} ${resource}`);
}
