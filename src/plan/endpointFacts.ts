/** What is written down of each endpoint once all have reported in: by their own word, and by Multus'. */
import type { Registration } from '../api/protocol.ts';
import type { EndpointFacts, GrantedEndpoint } from '../api/v1alpha1.ts';
import { objectsOf } from './follow.ts';
import { type Attached, attached } from './networkStatus.ts';
import { endpointsOf } from './trialStates.ts';
import type { TrialObserved } from './trialObserved.ts';

/** What Multus made for an endpoint, in its pod or its VM's launcher pod. */
export function attachedOf(observed: TrialObserved, endpoint: GrantedEndpoint): Attached | null {
  const { pod, launcher } = objectsOf(endpoint, observed);
  return attached(pod ?? launcher, endpoint);
}

/** Null until every endpoint has reported in. */
export function factsOf(observed: TrialObserved): EndpointFacts[] | null {
  const out: EndpointFacts[] = [];
  for (const endpoint of endpointsOf(observed.trial)) {
    const report = observed.reports.get(endpoint.name);
    const registration = report?.registration ?? report?.result?.registration;
    if (!registration) return null;
    out.push(facts(observed, endpoint, registration));
  }
  return out;
}

function facts(
  observed: TrialObserved,
  endpoint: GrantedEndpoint,
  { nic, kernel, tools }: Registration,
): EndpointFacts {
  const host = hostDevice(endpoint, nic, attachedOf(observed, endpoint));
  return {
    name: endpoint.name,
    interface: nic.interface,
    mac: nic.mac,
    driver: nic.driver,
    bus: nic.bus,
    ...(nic.pciAddress === null ? {} : { pciAddress: nic.pciAddress }),
    ...host,
    ...(nic.numaNode === undefined ? {} : { numaNode: nic.numaNode }),
    ...(nic.vf === undefined ? {} : { vf: nic.vf }),
    mtu: nic.mtu,
    kernel,
    tools: observed.tools.map((tool) => ({ name: tool, version: tools[tool] ?? '' })),
  };
}

/** The VF on the node. A pod sees the node's PCI buses, a guest only its own. */
export function hostDevice(
  { kind }: GrantedEndpoint,
  nic: Registration['nic'],
  made: Attached | null,
): Pick<EndpointFacts, 'hostPciAddress' | 'pfPciAddress'> {
  const own = kind === 'Pod' && nic.bus === 'pci' ? nic : null;
  const hostPciAddress = made?.pciAddress ?? own?.pciAddress ?? undefined;
  const pfPciAddress = made?.pfPciAddress ?? own?.pfPciAddress;
  return {
    ...(hostPciAddress === undefined ? {} : { hostPciAddress }),
    ...(pfPciAddress === undefined ? {} : { pfPciAddress }),
  };
}
