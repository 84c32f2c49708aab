/** What an endpoint was made from, as fields of its fingerprint: edits of a Testbed show there by what they changed. */
import type { GrantedEndpoint, PodTemplate } from '../api/v1alpha1.ts';
import { spelled } from './quantity.ts';
import { type Guest, guestOf } from './render/guest.ts';
import type { TrialObserved } from './trialObserved.ts';

/** Stands for what is not set: a field that is not told is not compared. */
const NONE = 'none';

type Fields = Record<string, string>;

/**
 * Of the Testbed as granted, and of a VM with what the mode changes. Nothing where the grant kept nothing: what the
 * endpoint was made from is not known then.
 */
export function testbedFields(
  { trial, testbed, mode }: Pick<TrialObserved, 'trial' | 'testbed' | 'mode'>,
  { kind, attachment, resource = NONE, address }: GrantedEndpoint,
): Fields {
  if (testbed === null || trial.status?.grant?.testbed === undefined) return {};
  const { link, concurrency, pod } = testbed.spec;
  const guest = mode === null ? null : guestOf(testbed, mode);
  return {
    'testbed.concurrency': `${concurrency}`,
    'testbed.link.bitsPerSecond': spelled(link.bitsPerSecond),
    'testbed.network.attachment': attachment,
    'testbed.network.family': address.includes(':') ? 'IPv6' : 'IPv4',
    'testbed.network.resource': resource,
    ...(kind === 'Pod' ? podFields(pod) : guestFields(guest)),
  };
}

const podFields = ({ image, resources = {} }: PodTemplate): Fields => ({
  'testbed.pod.image': image,
  'testbed.pod.limits': amounts(resources.limits),
  'testbed.pod.requests': amounts(resources.requests),
});

/** `cpu=2 memory=1Gi`. */
function amounts(map: Readonly<Record<string, string | number>> = {}): string {
  const texts = Object.entries(map).map(([name, amount]) => `${name}=${spelled(amount)}`);
  return texts.length === 0 ? NONE : texts.toSorted().join(' ');
}

function guestFields(guest: Guest | null): Fields {
  if (guest === null) return {};
  const { image, runnerDisk = NONE, cores, memory, hugepages = NONE } = guest;
  return {
    'testbed.vm.cores': `${cores}`,
    'testbed.vm.dedicatedCPU': `${guest.dedicatedCPU}`,
    'testbed.vm.hugepages': hugepages,
    'testbed.vm.image': image,
    'testbed.vm.memory': spelled(memory),
    'testbed.vm.multiqueue': `${guest.multiqueue}`,
    'testbed.vm.numaPassthrough': `${guest.numaPassthrough ?? false}`,
    'testbed.vm.runnerDisk': runnerDisk,
  };
}
