import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { GrantedEndpoint, Mode, TestbedSpec, Trial } from '../../api/v1alpha1.ts';
import { credentials, testbed, trial } from '../../../test/support/builders.ts';
import { secretName } from '../names.ts';
import type { PlannedObject } from '../types.ts';
import { renderPod } from './pod.ts';
import { renderSecret } from './secret.ts';
import { renderVm } from './vm.ts';

interface AcceptedVmi {
  spec: {
    domain: { devices: { disks: object[] }; resources: object; firmware?: object };
    nodeSelector?: object;
    volumes: object[];
  };
}
type VmSpec = NonNullable<TestbedSpec['vm']>;

/** A VMI of `testdata/` as KubeVirt v1.9.0 accepted it (YAML, or JSON, which is YAML). */
const recorded = (file: string): AcceptedVmi =>
  parse(readFileSync(new URL(`testdata/${file}`, import.meta.url), 'utf8')) as AcceptedVmi;
const accepted = (name: string): AcceptedVmi => recorded(`accepted-${name}.yaml`);
const variant = (name: string): AcceptedVmi => recorded(`variants/${name}.json`);

const IMAGE = 'registry.example/guest@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';
const TRIAL = trial();
const SECRET = { name: secretName(TRIAL.metadata) };
const PASSTHROUGH: Mode = { name: 'passthrough', type: 'Passthrough' };
const VIRTIO: Mode = { name: 'virtio', type: 'Virtio' };

function endpoint(attachment: string, resource?: string): GrantedEndpoint {
  return {
    name: 'server-0',
    kind: 'VirtualMachineInstance',
    object: `${TRIAL.metadata.name}-server-0`,
    node: 'node-a',
    attachment,
    address: '192.168.50.11/24',
    mac: '02:00:00:00:01:01',
    managementMac: '02:00:00:00:00:01',
    ...(resource === undefined ? {} : { resource }),
  };
}
const VF = endpoint('data-vfio', 'openshift.io/benchvfio');
const NETDEV = endpoint('data-bridge', 'openshift.io/benchnetdev');

const bedWith = (vm: Partial<VmSpec> = {}) =>
  testbed({ vm: { image: IMAGE, cores: 2, memory: '1Gi', dedicatedCPU: false, multiqueue: false, ...vm } });
const specOf = (vm: Partial<VmSpec>, mode: Mode = VIRTIO, granted = endpoint('br-data')): AcceptedVmi['spec'] =>
  renderVm(TRIAL, bedWith(vm), mode, granted)['spec'] as AcceptedVmi['spec'];

const ON_NODE_A = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-a'] }] }],
    },
  },
};
/** What every guest of ours has and the recorded ones have not. */
const OURS = { autoattachMemBalloon: false, rng: {} };
const SEED = { name: 'cloudinit', cloudInitNoCloud: { secretRef: SECRET, networkDataSecretRef: SECRET } };
const ROOT = { name: 'root', containerDisk: { image: IMAGE, imagePullPolicy: 'IfNotPresent' } };
const KERNEL_BOOT = {
  container: {
    image: IMAGE,
    imagePullPolicy: 'IfNotPresent',
    kernelPath: '/boot/vmlinuz',
    initrdPath: '/boot/initrd.img',
  },
  kernelArgs: 'console=ttyS0 root=/dev/vda ro',
};

/** The recorded spec with what is ours: node, kernel, seed, and the devices every guest has. */
function ours({ spec }: AcceptedVmi): object {
  const { domain } = spec;
  return {
    ...spec,
    affinity: ON_NODE_A,
    domain: { ...domain, firmware: { kernelBoot: KERNEL_BOOT }, devices: { ...domain.devices, ...OURS } },
    volumes: [ROOT, SEED],
  };
}

describe('a VM against what KubeVirt v1.9.0 accepted, the whole spec', () => {
  const isolated: Mode = { ...PASSTHROUGH, vm: { isolateEmulatorThread: true } };
  test.each<{ sample: string; of: AcceptedVmi; mode: Mode; granted?: GrantedEndpoint; vm?: Partial<VmSpec> }>([
    { sample: 'accepted-sriov', of: accepted('sriov'), mode: PASSTHROUGH },
    { sample: 'accepted-kernelboot', of: accepted('kernelboot'), mode: PASSTHROUGH },
    { sample: 'accepted-bridge', of: accepted('bridge'), mode: VIRTIO, granted: NETDEV },
    { sample: 'bridge-netdev', of: variant('bridge-netdev'), mode: VIRTIO, granted: NETDEV },
    { sample: 'kernelboot', of: variant('kernelboot'), mode: PASSTHROUGH },
    {
      sample: 'dedicated-noresources',
      of: variant('dedicated-noresources'),
      mode: PASSTHROUGH,
      vm: { dedicatedCPU: true },
    },
    { sample: 'dedicated-isolate', of: variant('dedicated-isolate'), mode: isolated, vm: { dedicatedCPU: true } },
    {
      sample: 'dedicated-numa-huge1g',
      of: variant('dedicated-numa-huge1g'),
      mode: PASSTHROUGH,
      vm: { dedicatedCPU: true, hugepages: '1Gi', numaPassthrough: true },
    },
    { sample: 'hugepages2m', of: variant('hugepages2m'), mode: PASSTHROUGH, vm: { hugepages: '2Mi' } },
    { sample: 'net-multiqueue', of: variant('net-multiqueue'), mode: PASSTHROUGH, vm: { multiqueue: true } },
  ])('$sample', ({ of, mode, granted = VF, vm = {} }) => {
    expect(specOf(vm, mode, granted)).toEqual(ours(of));
  });

  test.each(['no-vf-resources', 'vf-limits-only', 'vf-requests-only'])('never %s', (name) => {
    const { resources } = variant(name).spec.domain;
    const own = specOf({}, PASSTHROUGH, VF).domain.resources;
    expect(own).not.toEqual(resources);
    expect(own).toEqual({ requests: { 'openshift.io/benchvfio': '1' }, limits: { 'openshift.io/benchvfio': '1' } });
  });
});

describe('a cloud image as guest', () => {
  const RUNNER = 'registry.example/vfbench/guest:1';
  const DISK = { bus: 'virtio' };

  test('boots from its own disk, with the runner disk beside it: the whole spec', () => {
    const { spec } = accepted('sriov');
    expect(specOf({ runnerDisk: RUNNER, imagePullPolicy: 'Always' }, PASSTHROUGH, VF)).toEqual({
      ...spec,
      affinity: ON_NODE_A,
      domain: {
        ...spec.domain,
        devices: {
          ...spec.domain.devices,
          ...OURS,
          disks: [
            { name: 'root', disk: DISK, bootOrder: 1 },
            { name: 'runner', disk: DISK, serial: 'vfbench-runner' },
            { name: 'cloudinit', disk: DISK },
          ],
        },
      },
      volumes: [
        { name: 'root', containerDisk: { image: IMAGE, imagePullPolicy: 'Always' } },
        { name: 'runner', containerDisk: { image: RUNNER, imagePullPolicy: 'Always' } },
        SEED,
      ],
    });
  });
});

describe('a VM', () => {
  test('carries the marks of its trial', () => {
    const { apiVersion, kind, metadata } = renderVm(TRIAL, bedWith(), VIRTIO, endpoint('br-data'));
    expect({ apiVersion, kind, metadata }).toEqual({
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstance',
      metadata: {
        name: `${TRIAL.metadata.name}-server-0`,
        namespace: 'bench',
        labels: {
          'vfbench.io/trial': TRIAL.metadata.name,
          'vfbench.io/trial-uid': TRIAL.metadata.uid,
          'vfbench.io/experiment': 'exp',
          'vfbench.io/endpoint': 'server-0',
        },
        ownerReferences: [
          {
            apiVersion: 'vfbench.io/v1alpha1',
            kind: 'Trial',
            name: TRIAL.metadata.name,
            uid: TRIAL.metadata.uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
    });
  });

  test('without a device asks for none', () => {
    expect(specOf({}).domain.resources).toEqual({});
  });

  test('has what the mode changes', () => {
    const all = { dedicatedCPU: true, multiqueue: true, hugepages: '1Gi', numaPassthrough: true } as const;
    const mode: Mode = {
      ...VIRTIO,
      vm: { dedicatedCPU: false, multiqueue: false, hugepages: 'None', numaPassthrough: false, cores: 8 },
    };
    const { domain } = specOf(all, mode);
    expect(domain).toMatchObject({ cpu: { cores: 8 }, memory: { guest: '1Gi' } });
    expect(JSON.stringify(domain)).not.toMatch(/dedicated|Multiqueue|hugepages|numa|isolate/i);
  });

  test('of a Testbed without VMs there is none', () => {
    const { vm: _vm, ...spec } = bedWith().spec;
    expect(() => renderVm(TRIAL, { ...bedWith(), spec }, VIRTIO, VF)).toThrow('Testbed lab describes no VM');
  });
});

test('what is secret stands in the Secret alone', () => {
  const pod: GrantedEndpoint = { ...VF, name: 'client-0', kind: 'Pod', object: `${TRIAL.metadata.name}-client-0` };
  const owner: Trial = { ...TRIAL, status: { conditions: [] } };
  const grant = { nodes: { server: 'node-a', client: 'node-a' }, endpoints: [VF, pod] };
  const bed = bedWith({ runnerDisk: 'registry.example/runner:1' });
  const secrets = [
    credentials.token(TRIAL.metadata.uid ?? '', 'server-0'),
    credentials.token(TRIAL.metadata.uid ?? '', 'client-0'),
    credentials.controlKey(TRIAL.metadata.uid ?? '', 0),
  ];
  const shown = (object: PlannedObject): string[] => secrets.filter((text) => JSON.stringify(object).includes(text));

  expect(shown(renderVm(owner, bed, PASSTHROUGH, VF))).toEqual([]);
  expect(shown(renderPod(owner, bed, pod))).toEqual([]);
  expect(shown(renderSecret(owner, bed, { grant, modeType: 'Passthrough', credentials }))).toEqual(secrets);
});
