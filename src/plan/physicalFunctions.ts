/**
 * Whether the two VFs of a pair on one node belong to one PF or to two. On one, traffic may turn round inside the NIC;
 * on two, it takes the wire: two different measurements.
 */
import type { EndpointFacts, Mode, PhysicalFunctions, TrialSpec } from '../api/v1alpha1.ts';
import type { Finding } from './observed.ts';

type Fact = Pick<EndpointFacts, 'name' | 'hostPciAddress' | 'pfPciAddress'>;

const ends = (facts: readonly Fact[], pair: number): (Fact | undefined)[] =>
  ['server', 'client'].map((role) => facts.find(({ name }) => name === `${role}-${pair}`));

/** How the pairs of a SameNode trial are placed; null where it crosses nodes, has no VFs, or nobody tells their PFs. */
export function physicalFunctions(
  { placement, pairs }: Pick<TrialSpec, 'placement' | 'pairs'>,
  facts: readonly Fact[],
): PhysicalFunctions | null {
  if (placement !== 'SameNode') return null;
  const found = new Set<PhysicalFunctions>();
  for (let pair = 0; pair < pairs; pair++) {
    const [server, client] = ends(facts, pair).map((fact) => fact?.pfPciAddress);
    if (server === undefined || client === undefined) return null;
    found.add(server === client ? 'Same' : 'Different');
  }
  const [first = null] = found;
  return found.size > 1 ? 'Mixed' : first;
}

/** Why the placement of PFs that a mode demands does not hold, or null. Only SameNode trials have one. */
export function wrongPhysicalFunctions(
  { pf }: Mode,
  spec: Pick<TrialSpec, 'placement' | 'pairs'>,
  facts: readonly Fact[],
): Finding | null {
  if (pf === undefined || spec.placement !== 'SameNode') return null;
  for (let pair = 0; pair < spec.pairs; pair++) {
    const [server, client] = ends(facts, pair);
    const unknown = [server, client].find((fact) => fact?.pfPciAddress === undefined);
    if (unknown !== undefined) return untold(pf, unknown);
    if ((server?.pfPciAddress === client?.pfPciAddress) !== (pf === 'Same')) return other(pf, server, client);
  }
  return null;
}

function untold(pf: string, { name, hostPciAddress }: Fact): Finding {
  const what =
    hostPciAddress === undefined
      ? `${name} has no VF that is known`
      : `Nobody tells the PF of ${name}'s VF ${hostPciAddress}`;
  return {
    reason: 'PhysicalFunctionUnknown',
    message: `${what}, and the mode wants pf: ${pf}. Take attachments and a device plugin that tell it (pf-pci-address in network-status), or the SR-IOV network operator (SriovNetworkNodeState), or remove pf`,
  };
}

function other(pf: string, server: Fact | undefined, client: Fact | undefined): Finding {
  const cure =
    pf === 'Same'
      ? 'let one resource pool hold the VFs of one PF only, and use its network for both ends'
      : 'make a resource pool and a network for each PF, and name one as network and the other as clientNetwork';
  return {
    reason: 'WrongPhysicalFunction',
    message: `${server?.name} is on PF ${server?.pfPciAddress}, ${client?.name} on PF ${client?.pfPciAddress}, and the mode wants pf: ${pf}: ${cure}`,
  };
}
