import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { GrantedEndpoint, Mode, TestbedSpec } from '../../api/v1alpha1.ts';
import { testbed, trial } from '../../../test/support/builders.ts';
import { secretName } from '../names.ts';
import { renderVm, vmTemplate } from './vm.ts';

interface AcceptedVmi {
  spec: {
    domain: { devices: object; resources: object; firmware?: object };
    nodeSelector?: object;
    volumes: object[];
  };
}
const accepted = (name: string): AcceptedVmi =>
  parse(readFileSync(new URL(`testdata/accepted-${name}.yaml`, import.meta.url), 'utf8')) as AcceptedVmi;

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

const bedWith = (vm: Partial<NonNullable<TestbedSpec['vm']>> = {}) =>
  testbed({ vm: { image: IMAGE, cores: 2, memory: '1Gi', dedicatedCPU: false, multiqueue: false, ...vm } });

describe('a VM against what KubeVirt v1.9.0 accepted', () => {
  const kernelBoot = {
    container: { image: IMAGE, kernelPath: '/boot/vmlinuz', initrdPath: '/boot/initrd.img' },
    kernelArgs: 'console=ttyS0 root=/dev/vda ro',
  };

  test.each<[string, Mode, GrantedEndpoint]>([
    ['sriov', PASSTHROUGH, endpoint('data-vfio', 'openshift.io/benchvfio')],
    ['kernelboot', PASSTHROUGH, endpoint('data-vfio', 'openshift.io/benchvfio')],
    ['bridge', VIRTIO, endpoint('data-bridge', 'openshift.io/benchnetdev')],
  ])('%s: the same but for what is ours', (name, mode, granted) => {
    const { spec } = accepted(name);
    const { domain } = spec;
    expect(renderVm(TRIAL, bedWith(), mode, granted)['spec']).toEqual({
      ...spec,
      nodeSelector: { 'kubernetes.io/hostname': 'node-a' },
      domain: {
        ...domain,
        firmware: { kernelBoot },
        devices: { ...domain.devices, autoattachMemBalloon: false, rng: {} },
      },
      volumes: [
        { name: 'root', containerDisk: { image: IMAGE, imagePullPolicy: 'IfNotPresent' } },
        { name: 'cloudinit', cloudInitNoCloud: { secretRef: SECRET, networkDataSecretRef: SECRET } },
      ],
    });
  });
});

describe('a VM', () => {
  const domainOf = (vm: Parameters<typeof bedWith>[0], mode: Mode = VIRTIO, granted = endpoint('br-data')) =>
    (renderVm(TRIAL, bedWith(vm), mode, granted)['spec'] as AcceptedVmi['spec']).domain;

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
    expect(domainOf({}).resources).toEqual({});
  });

  test('has what the Testbed says, and what the mode changes', () => {
    expect(domainOf({ hugepages: '1Gi', dedicatedCPU: true, multiqueue: true, cores: 4, memory: '4Gi' })).toMatchObject(
      {
        cpu: { sockets: 1, cores: 4, threads: 1, dedicatedCpuPlacement: true },
        memory: { guest: '4Gi', hugepages: { pageSize: '1Gi' } },
        devices: { networkInterfaceMultiqueue: true },
      },
    );
    const plain = domainOf(
      { dedicatedCPU: true, multiqueue: true },
      { ...VIRTIO, vm: { dedicatedCPU: false, multiqueue: false, cores: 8 } },
    );
    expect(plain).toMatchObject({ cpu: { cores: 8 } });
    expect(JSON.stringify(plain)).not.toMatch(/dedicatedCpuPlacement|networkInterfaceMultiqueue|hugepages/);
  });

  test('of a Testbed without VMs there is none', () => {
    const { vm: _vm, ...spec } = bedWith().spec;
    expect(vmTemplate({ ...bedWith(), spec }, VIRTIO)).toBeNull();
  });
});
