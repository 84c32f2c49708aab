import { expect, test } from '@jest/globals';
import { networkFault } from './cni-faults.ts';
import type { Fault } from './faults.ts';
import type { Pod } from './objects.ts';

const POD: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'p',
    namespace: 'bench',
    uid: 'u',
    annotations: { 'k8s.v1.cni.cncf.io/networks': '[{"name":"vf-net","interface":"data0"}]' },
  },
  spec: { containers: [{ name: 'c', image: 'i' }] },
};

const told = (fault: Fault | null): string | undefined =>
  networkFault(POD, (each) => each === fault, '0000:01:10.0')?.message;

test.each<[Fault, string]>([
  ['nad-missing', 'cannot find a network-attachment-definition (vf-net) in namespace (bench)'],
  ['plugin-missing', 'error adding container to network "vf-net": failed to find plugin "ovs" in path'],
  ['vf-locked', 'SRIOV-CNI failed to load netconf: pci address 0000:01:10.0 is already allocated'],
  ['cni-failure', 'error adding container to network "vf-net": '],
])('%s fails in the recorded words, about the attachment of the pod', (fault, words) => {
  expect(told(fault)).toContain(words);
});

test('nothing fails without a fault, or where no attachment is asked for', () => {
  expect(told(null)).toBeUndefined();
  expect(told('crash')).toBeUndefined();
  expect(networkFault({ ...POD, metadata: { name: 'p' } }, () => true, undefined)).toBeUndefined();
});
