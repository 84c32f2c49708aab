/** deploy/base/admission.yaml on a real API server: what KubeVirt accepts of a VM although it cannot work is refused. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { GrantedEndpoint, Mode, TestbedSpec } from '../../src/api/v1alpha1.ts';
import { VMIS } from '../../src/api/kinds.ts';
import { ApiError, KubeClient, type KubeObject } from '../../src/kube/index.ts';
import { createLogger } from '../../src/log.ts';
import { guestFinding } from '../../src/plan/render/guest.ts';
import { renderVm } from '../../src/plan/render/vm.ts';
import { AGENT_CRDS } from '../../src/sandbox/agents/install.ts';
import { testdata } from '../../src/sandbox/agents/testdata.testing.ts';
import { testbed, trial } from '../support/builders.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { changed } from './crds/change.ts';

const POLICY = join(import.meta.dirname, '../../deploy/base/admission.yaml');
const TRIAL = trial();
const VF = 'openshift.io/benchvfio';
const ENDPOINT: GrantedEndpoint = {
  name: 'server-0',
  kind: 'VirtualMachineInstance',
  object: 'vm',
  node: 'node-a',
  attachment: 'data-vfio',
  resource: VF,
  address: '192.168.50.11/24',
  mac: '02:00:00:00:01:01',
  managementMac: '02:00:00:00:00:01',
};
type VmSpec = NonNullable<TestbedSpec['vm']>;
const GUEST: VmSpec = { image: 'guest:1', cores: 2, memory: '1Gi', dedicatedCPU: false, multiqueue: false };
const render = (vm: Partial<VmSpec> = {}, mode: Mode = { name: 'vf', type: 'Passthrough' }) =>
  renderVm(TRIAL, testbed({ vm: { ...GUEST, ...vm } }), mode, ENDPOINT);
const OURS = render();

/** A recorded VMI that KubeVirt v1.9.0 accepted, as if it were an endpoint of ours. */
function accepted(name: string): object {
  const found = testdata<{ case: string; error: string; vmi: KubeObject }[]>('admission.json').find(
    (each) => each.case === name,
  );
  if (found?.error !== 'ACCEPTED') throw new Error(`${name} is not among the accepted ones`);
  return labelled(found.vmi);
}
const variant = (name: string): object => labelled(testdata<{ vmi: KubeObject }>(`variant-${name}.json`).vmi);

function labelled({ apiVersion, kind, metadata, ...rest }: KubeObject): object {
  const { name, namespace } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, labels: { 'vfbench.io/trial-uid': 'u' } },
    spec: (rest as { spec?: unknown }).spec,
  };
}

const MAC = 'spec.domain.devices.interfaces.1.macAddress';

// A table: one case a line.
// prettier-ignore
const REFUSED: [string, object, RegExp][] = [
  ['two NICs of one MAC, as recorded', accepted('dup_mac'), /two NICs have the same MAC address: give each its own/],
  ['a multicast MAC, as recorded', accepted('multicast_mac'), /NIC data has no pinned unicast MAC address: give it one such as/],
  ['a name of 64 characters, as recorded', accepted('name64'), /name \S+ is no host name, KubeVirt would cut it: use at most 63/],
  ['an attachment a/b/c, as recorded', accepted('bad_nadname'), /an attachment is not of namespace bench: name it bench\/NAME/],
  ['no VF for an sriov NIC, as recorded', variant('no-vf-resources'), /sriov binding has no VF.*add its resource to requests and limits/],
  ['limits without requests, as recorded', variant('vf-limits-only'), /requests and limits differ.*write each resource in both/],
  ['requests without limits', changed(OURS, 'spec.domain.resources.limits', undefined), /requests and limits differ/],
  ['requests other than limits', changed(OURS, 'spec.domain.resources.limits', { [VF]: '2' }), /requests and limits differ/],
  ['a MAC of zeros', changed(OURS, MAC, '00:00:00:00:00:00'), /NIC data has no pinned unicast MAC/],
  ['no MAC', changed(OURS, MAC, undefined), /NIC data has no pinned unicast MAC/],
  ['a name with dots', changed(OURS, 'metadata.name', 'a.b'), /name a.b is no host name/],
  ['no cores', changed(OURS, 'spec.domain.cpu.cores', 0), /cores is missing or 0: give the guest at least 1/],
  ['an attachment without namespace', changed(OURS, 'spec.networks.1.multus.networkName', 'data-vfio'), /name it bench\/NAME/],
  ['an attachment of another namespace', changed(OURS, 'spec.networks.1.multus.networkName', 'other/data-vfio'), /name it bench\/NAME/],
  ['a guest above its limit', changed(OURS, 'spec.domain.resources', { requests: { memory: '512Mi', [VF]: '1' }, limits: { memory: '512Mi', [VF]: '1' } }), /more memory than its limit: remove the limit/],
];

/** Every guest that Testbed and mode can ask for. */
function guests(): [string, object][] {
  const flags = [false, true];
  const all = flags.flatMap((dedicatedCPU) =>
    flags.flatMap((isolateEmulatorThread) =>
      flags.flatMap((numaPassthrough) =>
        ([undefined, '2Mi', '1Gi'] as const).flatMap((hugepages) =>
          ([undefined, 'runner:1'] as const).flatMap((runnerDisk) =>
            (['Virtio', 'Passthrough'] as const).map((type) => ({
              vm: {
                dedicatedCPU,
                numaPassthrough,
                ...(hugepages === undefined ? {} : { hugepages }),
                ...(runnerDisk === undefined ? {} : { runnerDisk }),
              },
              mode: { name: 'm', type, vm: { isolateEmulatorThread } },
            })),
          ),
        ),
      ),
    ),
  );
  return all
    .filter(({ vm, mode }) => guestFinding(testbed({ vm: { ...GUEST, ...vm } }), mode) === null)
    .map(({ vm, mode }) => [JSON.stringify({ ...vm, ...mode.vm, type: mode.type }), render(vm, mode)]);
}

describeWithCluster('admission of VMs', {}, (cluster) => {
  let client: KubeClient;
  beforeAll(async () => {
    client = KubeClient.fromKubeConfig({ kubeconfig: cluster().kubeconfig, log: createLogger('test', 'silent') });
    await cluster().apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bench' } });
    await cluster().kubectl(['apply', '-f', join(AGENT_CRDS, 'virtualmachineinstances.yaml')]);
    await cluster().kubectl(['wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all']);
    await cluster().kubectl(['apply', '-f', POLICY]);
    const wrong = changed(OURS, 'metadata.name', 'a.b');
    // A policy takes effect a moment after it is stored.
    for (let tries = 0; tries < 60; tries++) {
      if ((await answer(wrong)).includes('vfbench-vms')) return;
      await client.remove(VMIS, { namespace: 'bench', name: 'a.b' });
      await delay(250);
    }
    throw new Error('the policy took no effect within 15 s');
  }, 60_000);
  afterAll(() => client?.close());

  async function answer(vmi: object): Promise<string> {
    return client.create(VMIS, vmi as KubeObject).then(
      () => 'accepted',
      (error: unknown) => {
        if (error instanceof ApiError) return error.serverMessage;
        throw error;
      },
    );
  }

  test.each(REFUSED)('refuses %s', async (_, vmi, message) => {
    expect(await answer(vmi)).toMatch(message);
  });

  test('accepts every guest that Testbed and mode can ask for', async () => {
    const all = guests();
    expect(all.length).toBeGreaterThan(20);
    for (const [index, [what, vmi]] of all.entries()) {
      expect([what, await answer(changed(vmi, 'metadata.name', `guest-${index}`))]).toEqual([what, 'accepted']);
    }
  });

  test('leaves the VMs of others alone', async () => {
    const other = changed(changed(OURS, 'metadata.name', 'not.ours'), 'metadata.labels', { app: 'x' });
    expect(await answer(other)).toBe('accepted');
  });
});
