/** Has the subnet addresses for what is to run at once, and are they nobody else's? */
import type { TestbedFinding } from '../../api/v1alpha1.ts';
import { capacity, overlap, parseSubnet, type Subnet } from '../addresses.ts';
import { failure, some, VM_TYPES, warning } from './finding.ts';
import type { TestbedObserved } from './observed.ts';
import { podAddresses } from './podAddresses.ts';

/** Pairs that the subnet has addresses for; 0 where it is none. */
export function pairsOf(text: string): number {
  const subnet = parseSubnet(text);
  return subnet === null ? 0 : Math.floor(capacity(subnet) / 2);
}

/** What KubeVirt gives a guest's management NIC under masquerade, unless its network says otherwise; ours never does. */
const MASQUERADE = ['10.0.2.0/24', 'fd10:0:2::/120'];

/** Pods and guests have their management address beside the data address: in one subnet they would be one network. */
function overlapFindings({ testbed, pods }: TestbedObserved, own: Subnet): TestbedFinding[] {
  const { subnet } = testbed.spec;
  const cure = 'take one that neither pods nor nodes have addresses in';
  const within = (text: string): boolean => {
    const other = parseSubnet(text);
    return other !== null && overlap(own, other);
  };
  const taken = podAddresses(pods, 'all').find(({ ip, family }) => within(`${ip}/${family === 6 ? 128 : 32}`));
  const masquerade = testbed.spec.vm === undefined ? undefined : MASQUERADE.find(within);
  return [
    ...(taken === undefined
      ? []
      : [
          failure(
            'SubnetOverlaps',
            `spec.subnet ${subnet} has the address ${taken.ip} of pod ${taken.pod} in it: ${cure}`,
          ),
        ]),
    ...(masquerade === undefined
      ? []
      : [
          failure(
            'SubnetOverlaps',
            `spec.subnet ${subnet} overlaps ${masquerade}, which KubeVirt gives to the management NIC of every guest: take another`,
            { modes: [...VM_TYPES] },
          ),
        ]),
  ];
}

export function subnetFindings(observed: TestbedObserved): TestbedFinding[] {
  const { testbed, experiments } = observed;
  const { subnet, concurrency } = testbed.spec;
  const parsed = parseSubnet(subnet);
  if (parsed === null)
    return [failure('SubnetInvalid', `spec.subnet ${subnet} is no subnet: write it as 192.168.50.0/24`)];
  const room = pairsOf(subnet);
  const crowded = experiments
    .map(({ metadata, spec }) => ({ name: metadata.name, pairs: Math.max(...spec.pairs) }))
    .filter(({ pairs }) => pairs > room)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const found = overlapFindings(observed, parsed);
  if (crowded.length > 0) {
    const who = some(crowded.map(({ name, pairs }) => `Experiment ${name} asks for ${pairs}`));
    found.push(
      warning('SubnetTooSmall', `spec.subnet ${subnet} has addresses for ${room} pairs, ${who}: make it larger`),
    );
  }
  if (room < concurrency) {
    const text = `spec.subnet ${subnet} has addresses for ${room} pairs, spec.concurrency is ${concurrency}: trials wait for addresses; make it larger`;
    found.push(warning('SubnetTooSmall', text));
  }
  return found;
}
