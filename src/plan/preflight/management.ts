/** Will guests have an address on the way to the collector? KubeVirt gives them one by DHCPv4 alone, under masquerade. */
import type { TestbedFinding } from '../../api/v1alpha1.ts';
import { isLive, type Pod } from '../observed.ts';
import { failure, VM_TYPES } from './finding.ts';
import type { TestbedObserved } from './observed.ts';

/** Of the pod network, not of the node's own. */
function addressesOf({ spec, status }: Pod): string[] {
  if (spec.hostNetwork === true) return [];
  return (status?.podIPs ?? []).flatMap(({ ip }) => (ip === undefined || ip === '' ? [] : [ip]));
}

/** By the pods that run on the candidate nodes; without any, nothing is known. */
export function managementFindings({ testbed, pods }: TestbedObserved): TestbedFinding[] {
  const addresses = pods.filter(isLive).flatMap(addressesOf);
  if (testbed.spec.vm === undefined || addresses.length === 0) return [];
  if (addresses.some((address) => !address.includes(':'))) return [];
  return [
    failure(
      'NoManagementAddress',
      'pods on the nodes have IPv6 addresses only, and KubeVirt gives a VM its management address by DHCP for IPv4: guests would not reach the collector; run Native modes, or VMs in a cluster whose pods have IPv4',
      { modes: [...VM_TYPES] },
    ),
  ];
}
