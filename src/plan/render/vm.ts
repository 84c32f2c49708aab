/**
 * An endpoint in a VM: a VirtualMachineInstance of KubeVirt with a management NIC by masquerade and
 * one data NIC, virtio on a bridge or a VF passed through. Since KubeVirt 1.9 a VM gets no VF unless
 * the VMI itself asks for it, and requests must equal limits.
 */
import type { GrantedEndpoint, Mode, Testbed, Trial } from '../../api/v1alpha1.ts';
import { secretName } from '../names.ts';
import type { PlannedObject } from '../types.ts';
import { RUNNER_DISK_SERIAL } from './cloudGuest.ts';
import { type Guest, guestOf } from './guest.ts';
import { childMeta } from './metadata.ts';
import { onNode } from './placement.ts';

export const KERNEL_PATH = '/boot/vmlinuz';
export const INITRD_PATH = '/boot/initrd.img';
export const KERNEL_ARGS = 'console=ttyS0 root=/dev/vda ro';

/** Our own guest's kernel, started without a boot loader; a cloud image brings its own. */
function firmware(guest: Guest): object {
  if (guest.runnerDisk !== undefined) return {};
  const { image, imagePullPolicy = 'IfNotPresent' } = guest;
  const container = { image, imagePullPolicy, kernelPath: KERNEL_PATH, initrdPath: INITRD_PATH };
  return { firmware: { kernelBoot: { container, kernelArgs: KERNEL_ARGS } } };
}

const virtio = (name: string): object => ({ name, disk: { bus: 'virtio' } });

function disks(guest: Guest): object[] {
  if (guest.runnerDisk === undefined) return [virtio('root'), virtio('cloudinit')];
  const runner = { ...virtio('runner'), serial: RUNNER_DISK_SERIAL };
  return [{ ...virtio('root'), bootOrder: 1 }, runner, virtio('cloudinit')];
}

function volumes(guest: Guest, secret: string): object[] {
  const { image, runnerDisk, imagePullPolicy = 'IfNotPresent' } = guest;
  const seed = { secretRef: { name: secret }, networkDataSecretRef: { name: secret } };
  return [
    { name: 'root', containerDisk: { image, imagePullPolicy } },
    ...(runnerDisk === undefined ? [] : [{ name: 'runner', containerDisk: { image: runnerDisk, imagePullPolicy } }]),
    { name: 'cloudinit', cloudInitNoCloud: seed },
  ];
}

function cpu(guest: Guest): object {
  return {
    sockets: 1,
    cores: guest.cores,
    threads: 1,
    ...(guest.dedicatedCPU ? { dedicatedCpuPlacement: true } : {}),
    ...(guest.isolateEmulatorThread ? { isolateEmulatorThread: true } : {}),
    ...(guest.numaPassthrough === true ? { numa: { guestMappingPassthrough: {} } } : {}),
  };
}

function domain(guest: Guest, mode: Mode, endpoint: GrantedEndpoint): object {
  const device = endpoint.resource === undefined ? {} : { [endpoint.resource]: '1' };
  const binding = mode.type === 'Passthrough' ? { sriov: {} } : { bridge: {} };
  return {
    cpu: cpu(guest),
    memory: {
      guest: guest.memory,
      ...(guest.hugepages === undefined ? {} : { hugepages: { pageSize: guest.hugepages } }),
    },
    resources: endpoint.resource === undefined ? {} : { requests: device, limits: device },
    ...firmware(guest),
    devices: {
      autoattachGraphicsDevice: false,
      autoattachMemBalloon: false,
      logSerialConsole: true,
      rng: {},
      ...(guest.multiqueue ? { networkInterfaceMultiqueue: true } : {}),
      disks: disks(guest),
      interfaces: [
        { name: 'mgmt', masquerade: {}, macAddress: endpoint.managementMac },
        { name: 'data', ...binding, macAddress: endpoint.mac },
      ],
    },
  };
}

/** Throws TypeError where the Testbed describes no VM, which is found before anything is granted. */
export function renderVm(trial: Trial, testbed: Testbed, mode: Mode, endpoint: GrantedEndpoint): PlannedObject {
  const guest = guestOf(testbed, mode);
  if (guest === null) throw new TypeError(`Testbed ${testbed.metadata.name} describes no VM`);
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: childMeta(trial, endpoint.object, endpoint.name),
    spec: {
      evictionStrategy: 'None',
      terminationGracePeriodSeconds: 0,
      affinity: onNode(endpoint.node),
      domain: domain(guest, mode, endpoint),
      networks: [
        { name: 'mgmt', pod: {} },
        { name: 'data', multus: { networkName: `${testbed.metadata.namespace}/${endpoint.attachment}` } },
      ],
      volumes: volumes(guest, secretName(trial.metadata)),
    },
  };
}
