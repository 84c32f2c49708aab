/** What a grant holds beside the places: of each endpoint a data address and, where it is a VM, MACs; its Testbed. Pure. */
import type { Grant, GrantedEndpoint, Testbed } from '../api/v1alpha1.ts';
import { capacity, freeHosts, parseSubnet, type Subnet } from './addresses.ts';
import type { Request } from './allocate.ts';
import { keptOf } from './grantedTestbed.ts';
import type { Held } from './held.ts';
import { inUseText } from './inventory.ts';
import { endpointObjectName, freshMac } from './names.ts';
import type { Finding } from './observed.ts';

/** MACs of the request's VMs by endpoint, no two alike, nor like one that is held: KubeVirt would not notice. */
function pinnedMacs(request: Request, held: Held): Map<string, Pick<GrantedEndpoint, 'mac' | 'managementMac'>> {
  const own = new Set<string>();
  const fresh = (name: string, nic: string): string => {
    const mac = freshMac((each) => own.has(each) || held.hasMac(each), request.uid, name, nic);
    own.add(mac);
    return mac;
  };
  const vms = request.needs.filter(({ kind }) => kind !== 'Pod');
  return new Map(vms.map(({ name }) => [name, { mac: fresh(name, 'data'), managementMac: fresh(name, 'management') }]));
}

/** Others have them: what is free is kept for it from now on, else small trials would never let a large one have enough. */
function wait(request: Request, subnet: Subnet, { spec }: Testbed, held: Held): Finding {
  const taken = held.addresses.in(subnet);
  const holders = new Map<string, number>();
  for (const who of taken.values()) holders.set(who, (holders.get(who) ?? 0) + 1);
  const [size, needed] = [capacity(subnet), request.needs.length];
  const free = size - taken.size;
  const rest = freeHosts(subnet, free, taken) ?? [];
  for (const address of rest) held.addresses.add(address, `trial ${request.trial} (waits for more)`);
  return {
    reason: 'AddressesBusy',
    message: `Subnet ${spec.subnet} has ${size} addresses: ${needed} needed, ${free} free${inUseText(holders)}`,
  };
}

/** The grant, or what it waits for; only addresses can be short here. */
export function address(request: Request, testbed: Testbed, held: Held): Grant | Finding {
  const subnet = parseSubnet(testbed.spec.subnet);
  const count = request.needs.length;
  if (subnet === null || capacity(subnet) < count) {
    return {
      reason: 'SubnetTooSmall',
      message: `Subnet ${testbed.spec.subnet} has no ${count} free addresses: give Testbed ${request.testbed} a larger one`,
    };
  }
  const hosts = freeHosts(subnet, count, held.addresses.in(subnet));
  if (hosts === null) return wait(request, subnet, testbed, held);
  const macs = pinnedMacs(request, held);
  const endpoints = request.needs.map((need, i): GrantedEndpoint => ({
    ...need,
    object: endpointObjectName(request.name, need.name),
    address: `${hosts[i]}/${subnet.prefix}`,
    ...macs.get(need.name),
  }));
  return { nodes: request.nodes, testbed: keptOf(testbed, request.needs), endpoints };
}
