/** Will guests have an address on the way to the collector? KubeVirt gives them one by DHCPv4 alone, under masquerade. */
import type { TestbedFinding } from '../../api/v1alpha1.ts';
import { failure, VM_TYPES } from './finding.ts';
import type { TestbedObserved } from './observed.ts';
import { podAddresses } from './podAddresses.ts';

const GIVEN = 'KubeVirt gives a VM its management address by DHCP for IPv4';

const unreachable = (text: string): TestbedFinding => failure('NoManagementAddress', text, { modes: [...VM_TYPES] });

/** By the pods that run on the candidate nodes, of which there may be none yet, and by where the collector is. */
export function managementFindings({ testbed, pods, collector }: TestbedObserved): TestbedFinding[] {
  if (testbed.spec.vm === undefined) return [];
  const addresses = podAddresses(pods, 'podNetwork');
  if (addresses.length > 0 && addresses.every(({ family }) => family === 6)) {
    return [
      unreachable(
        `pods on the nodes have IPv6 addresses only, and ${GIVEN}: guests would not reach the collector; run Native modes, or VMs in a cluster whose pods have IPv4`,
      ),
    ];
  }
  // In a dual-stack cluster the collector's Service has the first family alone, and guests have IPv4 whichever that is.
  if (collector?.includes(':') !== true) return [];
  return [
    unreachable(
      `the collector has the IPv6 address ${collector}, and ${GIVEN} alone: guests would not reach it; run Native modes, or VMs in a cluster whose first family is IPv4, or give the collector's URL an IPv4 address that leads to the operator`,
    ),
  ];
}
