import { describe, expect, test } from '@jest/globals';
import { testbed } from '../../../test/support/builders.ts';
import { fitNode, kubevirt, nodeMap, statusOf, told, VM } from '../../../test/support/preflight.ts';
import type { TestbedObserved } from './observed.ts';

/** What is broken, and all that the preflight says of it. */
type Case = [string, Partial<TestbedObserved>, string[]];

describe('KubeVirt', () => {
  test.each<Case>([
    [
      'no object of KubeVirt',
      { kubevirt: [] },
      [
        'Warning KubeVirtVersionUnknown [Virtio+Passthrough]: there is no object of kind KubeVirt, so that its version is not recorded: see whether virt-operator is installed',
      ],
    ],
    [
      'being deployed',
      { kubevirt: [kubevirt({ phase: 'Deploying' })] },
      [
        'Error KubeVirtNotReady [Virtio+Passthrough]: KubeVirt kubevirt/kubevirt is in phase Deploying, not Deployed: wait, or kubectl describe kubevirt kubevirt -n kubevirt',
      ],
    ],
    [
      'not available',
      {
        kubevirt: [
          kubevirt({ conditions: [{ type: 'Available', status: 'False', message: 'virt-api is not ready' }] }),
        ],
      },
      [
        'Error KubeVirtNotReady [Virtio+Passthrough]: KubeVirt kubevirt/kubevirt is not available (virt-api is not ready): kubectl describe kubevirt kubevirt -n kubevirt',
      ],
    ],
    [
      'old',
      { kubevirt: [kubevirt({ observedKubeVirtVersion: 'v1.7.4' })] },
      [
        "Warning KubeVirtOld [Virtio+Passthrough]: KubeVirt v1.7.4 is older than v1.8: without checksum offload on the launcher's bridge mode Virtio is slower; upgrade, or compare results of this version only",
      ],
    ],
    [
      'emulated CPUs, no KVM',
      {
        kubevirt: [kubevirt({}, { useEmulation: true })],
        nodes: nodeMap(fitNode('node-a', { allocatable: { 'devices.kubevirt.io/kvm': '0' } }), fitNode('node-b')),
      },
      [
        'Warning Emulation [Virtio+Passthrough]: KubeVirt emulates CPUs (developerConfiguration.useEmulation): figures of VMs prove the plumbing only; remove it on nodes with KVM',
      ],
    ],
    [
      'overcommitted memory',
      { kubevirt: [kubevirt({}, { memoryOvercommit: 150 })] },
      [
        'Warning MemoryOvercommit [Virtio+Passthrough]: KubeVirt gives guests 150 % of the memory that their pods ask for (developerConfiguration.memoryOvercommit): nodes may run short of it while they measure, and guests with a VF, whose memory is locked as a whole, may not start; set it to 100, or use hugepages in spec.vm',
      ],
    ],
    ['memory that is not', { kubevirt: [kubevirt({}, { memoryOvercommit: 100 })] }, []],
    ['memory undercommitted', { kubevirt: [kubevirt({}, { memoryOvercommit: 80 })] }, []],
    [
      'overcommitted memory, but for huge pages',
      {
        kubevirt: [kubevirt({}, { memoryOvercommit: 150 })],
        testbed: testbed({ vm: { ...VM, hugepages: '1Gi' } }),
      },
      [],
    ],
    [
      'no KVM',
      { nodes: nodeMap(fitNode('node-a', { allocatable: { 'devices.kubevirt.io/kvm': '0' } }), fitNode('node-b')) },
      [
        'Error NoKVM [Virtio+Passthrough]: VMs need KVM, and no node of spec.nodes.server is fit: node-a (0 of devices.kubevirt.io/kvm): enable virtualization in its firmware, load the kvm module',
      ],
    ],
    [
      'no vhost-net',
      {
        nodes: nodeMap(fitNode('node-a', { allocatable: { 'devices.kubevirt.io/vhost-net': '0' } }), fitNode('node-b')),
      },
      [
        "Warning NoVhostNet [Virtio]: no vhost-net on node-a: QEMU itself carries virtio's packets, more slowly; load module vhost_net",
      ],
    ],
    [
      'no virt-handler',
      { nodes: nodeMap(fitNode('node-a', { labels: { 'kubevirt.io/schedulable': 'false' } }), fitNode('node-b')) },
      [
        'Error NodeNotSchedulable [Virtio+Passthrough]: KubeVirt runs VMs on nodes labelled kubevirt.io/schedulable=true only, and no node of spec.nodes.server is fit: node-a (kubevirt.io/schedulable is false): see whether virt-handler runs there',
      ],
    ],
    [
      'no virt-handler on one of two',
      {
        testbed: testbed({ nodes: { server: { names: ['node-a', 'node-b'] }, client: { names: ['node-b'] } } }),
        nodes: nodeMap(fitNode('node-a', { labels: { 'kubevirt.io/schedulable': 'false' } }), fitNode('node-b')),
      },
      [
        'Warning NodeNotSchedulable [Virtio+Passthrough]: KubeVirt runs VMs on nodes labelled kubevirt.io/schedulable=true only, not so on node-a (kubevirt.io/schedulable is false): see whether virt-handler runs there',
      ],
    ],
    [
      'dedicated CPUs without CPU manager',
      {
        testbed: testbed({ vm: { ...VM, dedicatedCPU: true } }),
        nodes: nodeMap(fitNode('node-a'), fitNode('node-b', { labels: { 'kubevirt.io/cpumanager': 'false' } })),
      },
      [
        'Error NodeCPUManager [Virtio+Passthrough]: spec.vm.dedicatedCPU takes nodes labelled kubevirt.io/cpumanager=true only, and no node of spec.nodes.client is fit: node-b (kubevirt.io/cpumanager is false): set cpuManagerPolicy static in its kubelet, then kubectl label node node-b kubevirt.io/cpumanager=true --overwrite',
      ],
    ],
  ])('%s', (_, fields, expected) => {
    expect((statusOf(fields).findings ?? []).map(told)).toEqual(expected);
  });
});

describe('CPU, memory, huge pages', () => {
  test.each<Case>([
    [
      'huge pages of a size that the node has none of',
      { testbed: testbed({ vm: { ...VM, memory: '2Gi', hugepages: '2Mi' } }) },
      [
        'Error InsufficientHugepages [Virtio+Passthrough]: spec.vm.memory asks for 2Gi of hugepages-2Mi, more than any node of spec.nodes.server has: node-a has 0: reserve huge pages there (hugepages= on the kernel command line), or ask for less',
        'Error InsufficientHugepages [Virtio+Passthrough]: spec.vm.memory asks for 2Gi of hugepages-2Mi, more than any node of spec.nodes.client has: node-b has 0: reserve huge pages there (hugepages= on the kernel command line), or ask for less',
      ],
    ],
    [
      'too few huge pages on one of two',
      {
        testbed: testbed({
          nodes: { server: { names: ['node-a', 'node-b'] }, client: { names: ['node-b'] } },
          vm: { ...VM, memory: '2Gi', hugepages: '1Gi' },
        }),
        nodes: nodeMap(fitNode('node-a', { allocatable: { 'hugepages-1Gi': '1Gi' } }), fitNode('node-b')),
      },
      [
        'Warning InsufficientHugepages [Virtio+Passthrough]: spec.vm.memory asks for 2Gi of hugepages-1Gi: node-a has 1Gi: reserve huge pages there (hugepages= on the kernel command line), or ask for less',
      ],
    ],
    [
      'more memory than a node has',
      { testbed: testbed({ vm: { ...VM, memory: '1Ti' } }) },
      [
        'Error InsufficientCompute [Virtio+Passthrough]: spec.vm.memory asks for 1Ti of memory, more than any node of spec.nodes.server has: node-a has 64Gi: ask for less, or name other nodes',
        'Error InsufficientCompute [Virtio+Passthrough]: spec.vm.memory asks for 1Ti of memory, more than any node of spec.nodes.client has: node-b has 64Gi: ask for less, or name other nodes',
      ],
    ],
    [
      'more than a node has, by what is asked for where memory is overcommitted',
      {
        testbed: testbed({ vm: { ...VM, memory: '130Gi', dedicatedCPU: true } }),
        kubevirt: [kubevirt({}, { memoryOvercommit: 200 })],
      },
      [
        'Error InsufficientCompute [Virtio+Passthrough]: spec.vm.memory asks for 65Gi of memory, more than any node of spec.nodes.server has: node-a has 64Gi: ask for less, or name other nodes',
        'Error InsufficientCompute [Virtio+Passthrough]: spec.vm.memory asks for 65Gi of memory, more than any node of spec.nodes.client has: node-b has 64Gi: ask for less, or name other nodes',
      ],
    ],
    [
      'as much as a node has, where memory is overcommitted',
      {
        testbed: testbed({ vm: { ...VM, memory: '128Gi', dedicatedCPU: true } }),
        kubevirt: [kubevirt({}, { memoryOvercommit: 200 })],
      },
      [],
    ],
    [
      'more dedicated CPUs than a node has',
      { testbed: testbed({ vm: { ...VM, cores: 64, dedicatedCPU: true } }) },
      [
        'Error InsufficientCompute [Virtio+Passthrough]: spec.vm.cores asks for 64 of cpu, more than any node of spec.nodes.server has: node-a has 32: ask for less, or name other nodes',
        'Error InsufficientCompute [Virtio+Passthrough]: spec.vm.cores asks for 64 of cpu, more than any node of spec.nodes.client has: node-b has 32: ask for less, or name other nodes',
      ],
    ],
    [
      'more CPUs for a pod than a node has',
      { testbed: testbed({ pod: { image: 'runner:1', resources: { limits: { cpu: '64' } } } }) },
      [
        'Error InsufficientCompute [Native]: spec.pod.resources asks for 64 of cpu, more than any node of spec.nodes.server has: node-a has 32: ask for less, or name other nodes',
        'Error InsufficientCompute [Native]: spec.pod.resources asks for 64 of cpu, more than any node of spec.nodes.client has: node-b has 32: ask for less, or name other nodes',
      ],
    ],
  ])('%s', (_, fields, expected) => {
    expect((statusOf(fields).findings ?? []).map(told)).toEqual(expected);
  });
});

test.each<[number | undefined, number | undefined]>([
  [undefined, undefined],
  [100, undefined],
  [150, 150],
  [0, undefined],
  [-1, undefined],
  [1.5, undefined],
])('memoryOvercommit %p is told in status as %p', (memoryOvercommit, expected) => {
  const developer = memoryOvercommit === undefined ? {} : { memoryOvercommit };
  expect(statusOf({ kubevirt: [kubevirt({}, developer)] }).kubevirt?.memoryOvercommit).toBe(expected);
});
