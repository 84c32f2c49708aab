/** Has the subnet addresses for what is to run at once? */
import type { TestbedFinding } from '../../api/v1alpha1.ts';
import { capacity, parseSubnet } from '../addresses.ts';
import { failure, some, warning } from './finding.ts';
import type { TestbedObserved } from './observed.ts';

/** Pairs that the subnet has addresses for; 0 where it is none. */
export function pairsOf(text: string): number {
  const subnet = parseSubnet(text);
  return subnet === null ? 0 : Math.floor(capacity(subnet) / 2);
}

export function subnetFindings({ testbed, experiments }: TestbedObserved): TestbedFinding[] {
  const { subnet, concurrency } = testbed.spec;
  if (parseSubnet(subnet) === null)
    return [failure('SubnetInvalid', `spec.subnet ${subnet} is no subnet: write it as 192.168.50.0/24`)];
  const room = pairsOf(subnet);
  const crowded = experiments
    .map(({ metadata, spec }) => ({ name: metadata.name, pairs: Math.max(...spec.pairs) }))
    .filter(({ pairs }) => pairs > room)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const found: TestbedFinding[] = [];
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
