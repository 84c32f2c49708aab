/** Faults by which an endpoint that runs comes to its end too early. */
import { ALL, type FaultRow, VMS } from './kinds.ts';

const POD_DELETED = /^Pod \S+-client-0 (is gone: it was deleted or evicted|was deleted by somebody else)/;
/** Of the VM and of its launcher pod, which KubeVirt deletes with it, two watches tell: either may be first. */
const VM_DELETED =
  /^(VirtualMachineInstance \S+-client-0 (is gone: it was deleted or evicted|was deleted by somebody else)|client-0: VM \S+-client-0 lost its launcher pod: it was deleted (or evicted|by somebody else)$)/;

/** By KubeVirt's event, or by how its launcher pod ended, whichever is seen first. */
const CRASHED =
  /^client-0: (VM \S+ failed: (The VirtualMachineInstance crashed\.|Pod virt-launcher-\S+ failed: exit code 1)|Pod virt-launcher-\S+ failed: exit code 1 \(Error\)$)/;

export const ENDED: readonly FaultRow[] = [
  {
    name: 'crash',
    types: ALL,
    limits: 'Patient',
    switches: ['crash'],
    misdeed: 'hangs',
    reason: 'EndpointFailed',
    message: {
      Native: /^client-0: Pod \S+ failed: exit code 137 \(Error\)$/,
      Virtio: CRASHED,
      Passthrough: CRASHED,
    },
  },
  {
    name: 'pressure',
    types: ['Native'],
    limits: 'Patient',
    switches: ['evict'],
    misdeed: 'hangs',
    reason: 'EndpointFailed',
    message: /^client-0: Pod \S+ failed: .*Evicted The node was low on resource: memory\./,
  },
  {
    name: 'evicted',
    types: ALL,
    limits: 'Patient',
    misdeed: 'hangs',
    deed: 'evict',
    reason: 'EndpointLost',
    message: {
      Native: /^Pod \S+ (was deleted by somebody else \(EvictionByEvictionAPI: |is gone)/,
      Virtio: /^client-0: VM \S+ lost its launcher pod: (EvictionByEvictionAPI: |it was deleted or evicted)/,
      Passthrough: /^client-0: VM \S+ lost its launcher pod: (EvictionByEvictionAPI: |it was deleted or evicted)/,
    },
  },
  {
    name: 'deleted',
    types: ALL,
    limits: 'Patient',
    misdeed: 'hangs',
    deed: 'delete',
    reason: 'EndpointLost',
    message: { Native: POD_DELETED, Virtio: VM_DELETED, Passthrough: VM_DELETED },
  },
  {
    name: 'pod-gone',
    types: VMS,
    limits: 'Patient',
    misdeed: 'hangs',
    deed: 'delete-launcher',
    reason: 'EndpointLost',
    message: /^client-0: VM \S+ lost its launcher pod: it was deleted (or evicted|by somebody else)$/,
  },
  {
    name: 'launcher-crash',
    types: VMS,
    limits: 'Patient',
    guests: 'None',
    switches: ['launcher-crash'],
    reason: 'EndpointFailed',
    message: CRASHED,
  },
  {
    name: 'launcher-ends',
    types: VMS,
    limits: 'Patient',
    guests: 'None',
    switches: ['launcher-crash', 'no-handler'],
    reason: 'EndpointFailed',
    message: /^client-0: Pod virt-launcher-\S+ failed: exit code 1 \(Error\)$/,
  },
  {
    name: 'ends-early',
    types: ALL,
    limits: 'Patient',
    misdeed: 'ends-early',
    played: ALL,
    reason: 'ResultLost',
    message: /^(Pod|VirtualMachineInstance) \S+-client-0 ended without delivering its results/,
  },
];
