/** Faults that keep an endpoint from starting: nobody places it, takes it, pulls its image or makes its network. */
import { ALL, type FaultRow, VFS, VMS } from './kinds.ts';

const POD = 'Pod \\S+-client-0';
const cni = (end: string): RegExp => new RegExp(`^client-0: failed to setup network: plugin type="multus" .*${end}`);

export const STARTED: readonly FaultRow[] = [
  {
    name: 'crowded',
    types: ALL,
    limits: 'Crowded',
    guests: 'None',
    reason: 'Unschedulable',
    message: /^(server|client)-0: 0\/\d+ nodes are available: .*Insufficient (cpu|memory).* \(waited \d+ s\)$/,
  },
  {
    name: 'image-pull',
    types: ALL,
    limits: 'Placing',
    guests: 'None',
    switches: ['image-pull'],
    reason: 'ImagePullFailed',
    message:
      /^client-0: ImagePullBackOff: Back-off pulling image "vfbench.io\/(runner|guest):\S+": ErrImagePull: failed to pull and unpack image .*: not found \(waited/,
  },
  {
    name: 'wrong-image',
    types: ALL,
    limits: 'WrongImage',
    guests: 'None',
    reason: 'ImagePullFailed',
    message:
      /^(server|client)-0: ImagePullBackOff: Back-off pulling image "registry.example\/other:1": ErrImagePull: .*: not found \(waited/,
  },
  {
    name: 'cni-failure',
    types: ALL,
    limits: 'Placing',
    guests: 'None',
    switches: ['cni-failure'],
    reason: 'NetworkAttachFailed',
    message: cni('error adding container to network .*cni-failure \\(waited \\d+ s\\)$'),
  },
  {
    name: 'nad-missing',
    types: ALL,
    limits: 'Placing',
    guests: 'None',
    switches: ['nad-missing'],
    reason: 'NetworkAttachFailed',
    message: cni('cannot find a network-attachment-definition \\(\\S+\\) in namespace \\(\\S+\\): .*: create that'),
  },
  {
    name: 'plugin-missing',
    types: ALL,
    limits: 'Placing',
    guests: 'None',
    switches: ['plugin-missing'],
    reason: 'NetworkAttachFailed',
    message: cni('failed to find plugin "ovs" in path .*: install that CNI plugin'),
  },
  {
    name: 'vf-locked',
    types: VFS,
    limits: 'Placing',
    guests: 'None',
    switches: ['vf-locked'],
    reason: 'NetworkAttachFailed',
    message: cni('pci address 0000:0[12]:1\\S+ is already allocated: another pod still holds that VF'),
  },
  {
    name: 'no-devices',
    types: VFS,
    limits: 'Patient',
    guests: 'None',
    switches: ['no-devices'],
    reason: 'InsufficientVFs',
    message:
      /^client-0: .*UnexpectedAdmissionError .*requested number of devices unavailable for sandbox\.vfbench\.io\/vf(net|vfio)\. Requested: 1, Available: 0, which is unexpected$/,
  },
  {
    name: 'mount-failure',
    types: ['Native'],
    limits: 'Placing',
    switches: ['mount-failure'],
    reason: 'VolumeMountFailed',
    message: /^client-0: MountVolume\.SetUp failed for volume "\S+" : secret "\S+" not found \(waited/,
  },
  {
    name: 'refused',
    types: ALL,
    limits: 'Patient',
    guests: 'None',
    switches: ['refuse'],
    reason: 'AdmissionRefused',
    message: {
      Native:
        /^pods "\S+-0" is forbidden: ValidatingAdmissionPolicy 'licence' .* denied request: pods of this Experiment want a licence$/,
      Virtio:
        /^admission webhook "virtualmachineinstances-create-validator\.kubevirt\.io" denied the request: logical \S+ interface must have exactly one binding method/,
      Passthrough:
        /^admission webhook "virtualmachineinstances-create-validator\.kubevirt\.io" denied the request: logical \S+ interface must have exactly one binding method/,
    },
  },
  {
    name: 'quota',
    types: ALL,
    limits: 'Quota',
    guests: 'None',
    reason: { Native: 'AdmissionRefused', Virtio: 'VMNotSynchronized', Passthrough: 'VMNotSynchronized' },
    message: {
      Native: /^pods "\S+-0" is forbidden: exceeded quota: none/,
      Virtio:
        /^(server|client)-0: FailedCreate: failed to create virtual machine pod: pods "virt-launcher-\S+" is forbidden: exceeded quota: none/,
      Passthrough:
        /^(server|client)-0: FailedCreate: failed to create virtual machine pod: pods "virt-launcher-\S+" is forbidden: exceeded quota: none/,
    },
  },
  {
    name: 'no-controller',
    types: VMS,
    limits: 'Placing',
    guests: 'None',
    switches: ['no-controller'],
    reason: 'LauncherMissing',
    message: /^client-0: VirtualMachineInstance \S+ was not placed on node \S+ within \d+ s: KubeVirt made no launcher/,
  },
  {
    name: 'no-handler',
    types: VMS,
    limits: 'Starting',
    guests: 'None',
    switches: ['no-handler'],
    reason: 'StartTimeout',
    message:
      /^client-0: VirtualMachineInstance \S+ was not running within \d+ s: its launcher pod runs, but KubeVirt did not start the guest/,
  },
  {
    name: 'double-vf',
    types: VFS,
    limits: 'Patient',
    guests: 'None',
    switches: ['double-vf'],
    reason: 'InjectorConflict',
    message: new RegExp(
      `^client-0: (${POD}|Launcher pod \\S+) asks for 2 of sandbox\\.vfbench\\.io/vf(net|vfio), granted is 1`,
    ),
  },
  {
    name: 'no-vf',
    types: ['Passthrough'],
    limits: 'Patient',
    guests: 'None',
    switches: ['no-vf'],
    reason: 'InjectorConflict',
    message: /^client-0: Launcher pod \S+ asks for 0 of sandbox\.vfbench\.io\/vfvfio, granted is 1/,
  },
  {
    name: 'never-boots',
    types: VMS,
    limits: 'Starting',
    guests: 'None',
    switches: ['never-boots'],
    reason: 'BootTimeout',
    message:
      /^client-0: \S+ runs, but did not report in within \d+ s: check that it reaches the collector, and its console$/,
  },
];
