import { describe, expect, test } from '@jest/globals';
import { launcherPod, node, nodes, pod, vmi } from '../../test/support/builders.ts';
import type { Node, Pod, Vmi } from './observed.ts';
import { remains } from './remains.ts';

const DELETED = { deletionTimestamp: '2026-01-01T00:00:00Z' };
const VM: Vmi = {
  metadata: {
    ...vmi('vm').metadata,
    ...DELETED,
    finalizers: ['kubevirt.io/foregroundDeleteVirtualMachine'],
  },
  status: { phase: 'Failed' },
};
const LAUNCHER: Pod = launcherPod('virt-launcher-vm-x', VM, 'node-a');
const down: Node = { ...node('node-a'), status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } };

const left = (at: { pods?: Pod[]; vmis?: Vmi[]; nodes?: Map<string, Node> }): string[] =>
  remains({ pods: [], vmis: [], nodes: nodes('node-a', 'node-b'), ...at });

describe('what remains says who holds it', () => {
  test.each<[string, string[], string[]]>([
    ['nothing', left({}), []],
    [
      'a VM whose launcher still ends',
      left({ vmis: [VM], pods: [{ ...LAUNCHER, metadata: { ...LAUNCHER.metadata, ...DELETED } }] }),
      [
        'VirtualMachineInstance vm (phase Failed, finalizers kubevirt.io/foregroundDeleteVirtualMachine, waits for virt-launcher-vm-x)',
        'launcher Pod virt-launcher-vm-x (phase Running, on node node-a, whose kubelet has to end it)',
      ],
    ],
    [
      'a VM that nobody lets go',
      left({ vmis: [VM] }),
      [
        'VirtualMachineInstance vm (phase Failed, finalizers kubevirt.io/foregroundDeleteVirtualMachine, no launcher pod: virt-controller has to let it go)',
      ],
    ],
    [
      'a pod on a node that is down',
      left({ pods: [pod('p', DELETED)], nodes: new Map([['node-a', down]]) }),
      ['Pod p (phase Running, on node node-a, which is gone or not Ready)'],
    ],
    [
      "somebody's finalizer on a pod that has ended",
      left({ pods: [pod('p', { ...DELETED, finalizers: ['example.com/audit'] }, { phase: 'Succeeded' })] }),
      ['Pod p (phase Succeeded, finalizers example.com/audit, on node node-a, whose kubelet has to let it go)'],
    ],
    [
      'a deletion that was lost',
      left({ pods: [{ ...pod('p'), spec: { containers: [] } }] }),
      ['Pod p (phase Running, its deletion was not taken up, on no node)'],
    ],
  ])('%s', (_, found, expected) => expect(found).toEqual(expected));
});
