/** May this Experiment run here? Static checks, each with what to change; shortages come from the allocator. */
import type { Experiment, Testbed } from '../api/v1alpha1.ts';
import { capacity, parseSubnet } from './addresses.ts';
import { ANNOTATION_RESOURCE_NAME } from '../api/labels.ts';
import { ROLES } from './candidates.ts';
import { chooseNodes, type Nodes } from './chooseNodes.ts';
import { poolJudge, poolsAt } from './chosenPools.ts';
import { attachmentKey, networkAt, resourceOf } from './endpoints.ts';
import { type NodeJudge, nodeJudge } from './nodeFit.ts';
import type { Finding, NetworkAttachment, Node } from './observed.ts';
import { heldBy, isError } from './preflight/finding.ts';
import { judgeNetwork } from './preflight/networks.ts';
import { guestFinding } from './render/guest.ts';
import { sharedPools, sharedText } from './preflight/sharedPools.ts';
import { placedUses, usesOf } from './uses.ts';

export interface AdmitInput {
  experiment: Experiment;
  testbed: Testbed | null;
  nodes: ReadonlyMap<string, Node>;
  /** Attachments by `namespace/name`; null where their kind is not installed. */
  attachments: ReadonlyMap<string, NetworkAttachment> | null;
}

export type Admission = { admitted: true; nodes: Nodes } | { admitted: false; finding: Finding };

const refuse = (reason: string, message: string): Admission => ({ admitted: false, finding: { reason, message } });

function networkFinding(input: AdmitInput, testbed: Testbed, nodes: Nodes | null): Admission | null {
  const { attachments } = input;
  if (attachments === null) {
    return refuse('AttachmentNotFound', 'Kind NetworkAttachmentDefinition is not installed: install Multus');
  }
  const { modes, placements } = input.experiment.spec;
  const judged = { testbed, attachments, poolsOf: (resource: string) => poolsAt(testbed, nodes, resource) };
  for (const mode of modes) {
    for (const { type, network: name, role } of placedUses(mode, placements)) {
      const network = testbed.spec.networks.find((candidate) => candidate.name === name);
      if (network === undefined) {
        const known = testbed.spec.networks.map((n) => n.name).join(', ');
        return refuse(
          'NetworkNotFound',
          `Mode ${mode.name} wants network ${name}: Testbed ${testbed.metadata.name} has ${known}; add it there or name one of these`,
        );
      }
      if (!attachments.has(attachmentKey(testbed, network.attachment))) {
        return refuse(
          'AttachmentNotFound',
          `Network ${name}: there is no NetworkAttachmentDefinition ${attachmentKey(testbed, network.attachment)}: create it`,
        );
      }
      const unfit = judgeNetwork(judged, network, type, [role]).find(isError);
      if (unfit !== undefined) return refuse(unfit.reason, unfit.message);
    }
    const guests =
      mode.peer === 'Native' ? [networkAt(mode, 'server')] : [networkAt(mode, 'server'), networkAt(mode, 'client')];
    const bare = guests.find((name) => resourceOf(testbed, name, attachments) === undefined);
    if (mode.type === 'Passthrough' && bare !== undefined) {
      return refuse(
        'ResourceUnknown',
        `Mode ${mode.name} passes a VF of network ${bare} through, and no device resource is known for it: set resource there in Testbed ${testbed.metadata.name}, or annotate its NetworkAttachmentDefinition with ${ANNOTATION_RESOURCE_NAME}`,
      );
    }
    const guest = guestFinding(testbed, mode);
    if (guest !== null) return { admitted: false, finding: guest };
  }
  const uses = modes.flatMap((mode) => placedUses(mode, placements).map((use) => ({ ...use, mode: mode.name })));
  const [shared] = sharedPools(judged, uses);
  return shared === undefined ? null : refuse('PoolShared', `Testbed ${testbed.metadata.name}: ${sharedText(shared)}`);
}

function sizeFinding(input: AdmitInput, testbed: Testbed): Admission | null {
  const pairs = Math.max(...input.experiment.spec.pairs);
  const subnet = parseSubnet(testbed.spec.subnet);
  const room = subnet === null ? 0 : capacity(subnet);
  if (room >= 2 * pairs) return null;
  return refuse(
    'SubnetTooSmall',
    `${pairs} pairs need ${2 * pairs} addresses, subnet ${testbed.spec.subnet} has ${room}: give Testbed ${testbed.metadata.name} a larger one`,
  );
}

/** What is in the way on the nodes; where one is gone or cannot be used at all, that first. */
function nodesFinding({ nodes }: AdmitInput, chosen: Nodes, judge: NodeJudge): Finding | null {
  const ends = ROLES.map((role) => ({ role, name: chosen[role], node: nodes.get(chosen[role]) }));
  const gone = ends.find(({ node }) => node === undefined);
  if (gone !== undefined) {
    const cure =
      'bring it back under this name and trials go on; else create the Experiment anew, figures of different nodes are not mixed';
    return { reason: 'NodeUnavailable', message: `Node ${gone.name} is gone: ${cure}` };
  }
  const found = ends.flatMap(({ role, node }) => (node === undefined ? [] : (judge(node, role) ?? [])));
  return found.find(({ reason }) => reason === 'NodeUnavailable') ?? found[0] ?? null;
}

/** Those chosen before, unless nothing binds to them and something is in the way there. */
function nodesFor(input: AdmitInput, testbed: Testbed, judge: NodeJudge, isBound: boolean): Nodes | null {
  const { experiment, nodes } = input;
  const chosen = experiment.status?.nodes;
  const keeps = chosen !== undefined && (isBound || nodesFinding(input, chosen, judge) === null);
  if (keeps) return chosen;
  return chooseNodes({ testbed, nodes, crosses: experiment.spec.placements.includes('CrossNode'), judge });
}

/**
 * Admits with the nodes of the Experiment, those chosen before where there are any.
 * @param isBound whether something was measured on them already; else others are chosen where something is in the way there.
 */
export function admit(input: AdmitInput, isBound = true): Admission {
  const { experiment, testbed } = input;
  if (testbed === null) {
    return refuse(
      'TestbedNotFound',
      `There is no Testbed ${experiment.spec.testbed} in namespace ${experiment.metadata.namespace}: create it, or name another one in spec.testbed`,
    );
  }
  const held = heldBy(testbed, experiment.spec.modes.flatMap(usesOf));
  if (held !== null) return refuse('TestbedNotReady', `Testbed ${testbed.metadata.name}: ${held}`);
  const fit = { experiment, testbed, attachments: input.attachments ?? new Map() };
  const [canPlace, hasPools] = [nodeJudge(fit), poolJudge(fit)];
  const judge: NodeJudge = (node, role) => canPlace(node, role) ?? hasPools(node, role);
  const nodes = nodesFor(input, testbed, judge, isBound);
  const fault = networkFinding(input, testbed, nodes) ?? sizeFinding(input, testbed);
  if (fault !== null) return fault;
  if (nodes === null) {
    return refuse(
      'NodeUnavailable',
      `Testbed ${testbed.metadata.name} has no ready server and client node that differ: check spec.nodes against kubectl get nodes`,
    );
  }
  const finding = nodesFinding(input, nodes, judge);
  return finding === null ? { admitted: true, nodes } : { admitted: false, finding };
}
