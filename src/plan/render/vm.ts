/**
 * An endpoint in a VM: a VirtualMachineInstance of KubeVirt with a management NIC by masquerade and
 * one data NIC, virtio on a bridge or a VF passed through. Since KubeVirt 1.9 a VM gets no VF unless
 * the VMI itself asks for it, and requests must equal limits.
 */
import type { GrantedEndpoint, Mode, Testbed, Trial, VmTemplate } from '../../api/v1alpha1.ts';
import { secretName } from '../names.ts';
import type { PlannedObject } from '../types.ts';
import { childMeta } from './metadata.ts';

export const KERNEL_PATH = '/boot/vmlinuz';
export const INITRD_PATH = '/boot/initrd.img';
export const KERNEL_ARGS = 'console=ttyS0 root=/dev/vda ro';

/** The Testbed's VM with what the mode changes. Null where the Testbed describes none. */
export function vmTemplate(testbed: Testbed, mode: Mode): VmTemplate | null {
  return testbed.spec.vm === undefined ? null : { ...testbed.spec.vm, ...mode.vm };
}

function domain(vm: VmTemplate, mode: Mode, endpoint: GrantedEndpoint): object {
  const device = endpoint.resource === undefined ? {} : { [endpoint.resource]: '1' };
  const binding = mode.type === 'Passthrough' ? { sriov: {} } : { bridge: {} };
  return {
    cpu: {
      sockets: 1,
      cores: vm.cores,
      threads: 1,
      ...(vm.dedicatedCPU ? { dedicatedCpuPlacement: true } : {}),
    },
    memory: {
      guest: vm.memory,
      ...(vm.hugepages === undefined ? {} : { hugepages: { pageSize: vm.hugepages } }),
    },
    resources: endpoint.resource === undefined ? {} : { requests: device, limits: device },
    firmware: {
      kernelBoot: {
        container: { image: vm.image, kernelPath: KERNEL_PATH, initrdPath: INITRD_PATH },
        kernelArgs: KERNEL_ARGS,
      },
    },
    devices: {
      autoattachGraphicsDevice: false,
      autoattachMemBalloon: false,
      logSerialConsole: true,
      rng: {},
      ...(vm.multiqueue ? { networkInterfaceMultiqueue: true } : {}),
      disks: [
        { name: 'root', disk: { bus: 'virtio' } },
        { name: 'cloudinit', disk: { bus: 'virtio' } },
      ],
      interfaces: [
        { name: 'mgmt', masquerade: {}, macAddress: endpoint.managementMac },
        { name: 'data', ...binding, macAddress: endpoint.mac },
      ],
    },
  };
}

export function renderVm(trial: Trial, testbed: Testbed, mode: Mode, endpoint: GrantedEndpoint): PlannedObject {
  const vm = vmTemplate(testbed, mode);
  if (vm === null) throw new TypeError(`Testbed ${testbed.metadata.name} describes no VM`);
  const secret = { name: secretName(trial.metadata) };
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: childMeta(trial, endpoint.object, endpoint.name),
    spec: {
      evictionStrategy: 'None',
      terminationGracePeriodSeconds: 0,
      nodeSelector: { 'kubernetes.io/hostname': endpoint.node },
      domain: domain(vm, mode, endpoint),
      networks: [
        { name: 'mgmt', pod: {} },
        { name: 'data', multus: { networkName: `${testbed.metadata.namespace}/${endpoint.attachment}` } },
      ],
      volumes: [
        { name: 'root', containerDisk: { image: vm.image, imagePullPolicy: 'IfNotPresent' } },
        { name: 'cloudinit', cloudInitNoCloud: { secretRef: secret, networkDataSecretRef: secret } },
      ],
    },
  };
}
