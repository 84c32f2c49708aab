/** What is written down of each endpoint once all have reported in: by their own word, and by Multus'. */
import type { Registration } from '../api/protocol.ts';
import type { EndpointFacts, GrantedEndpoint } from '../api/v1alpha1.ts';
import { objectsOf } from './follow.ts';
import { type Attached, attached } from './networkStatus.ts';
import { type NodeVf, nodeVf } from './nodeVfs.ts';
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
  const host = hostOf(observed, endpoint, nic);
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

/** What the SR-IOV network operator reports of the VF at an address of the endpoint's node. */
export const vfOnNode = ({ sriovStates }: TrialObserved, { node }: GrantedEndpoint, at?: string): NodeVf | undefined =>
  nodeVf(sriovStates.get(node), at);

/** The VF behind an endpoint, by all that is known. */
export const hostOf = (observed: TrialObserved, endpoint: GrantedEndpoint, nic: Registration['nic']): HostDevice =>
  hostDevice(endpoint, nic, attachedOf(observed, endpoint), (at) => vfOnNode(observed, endpoint, at));

type HostDevice = Pick<EndpointFacts, 'hostPciAddress' | 'pfPciAddress'>;

/**
 * The VF on the node. A pod sees the node's PCI buses, a guest only its own. Its PF by Multus' word (the device plugin's),
 * else by the pod's own, else by the SR-IOV network operator's.
 */
function hostDevice(
  { kind }: Pick<GrantedEndpoint, 'kind'>,
  nic: Registration['nic'],
  made: Attached | null,
  onNode: (pciAddress: string | undefined) => NodeVf | undefined,
): HostDevice {
  const own = kind === 'Pod' && nic.bus === 'pci' ? nic : null;
  const hostPciAddress = made?.pciAddress ?? own?.pciAddress ?? undefined;
  const pfPciAddress = made?.pfPciAddress ?? own?.pfPciAddress ?? onNode(hostPciAddress)?.pfPciAddress;
  return {
    ...(hostPciAddress === undefined ? {} : { hostPciAddress }),
    ...(pfPciAddress === undefined ? {} : { pfPciAddress }),
  };
}
