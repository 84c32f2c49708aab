/** May this Experiment run here? Static checks, each with what to change; shortages come from the allocator. */
import type { Experiment, Mode, Testbed } from '../api/v1alpha1.ts';
import { pairsWords } from '../results/rowName.ts';
import { capacity, parseSubnet } from './addresses.ts';
import { ANNOTATION_RESOURCE_NAME } from '../api/labels.ts';
import { isPodAt } from '../results/endpointKind.ts';
import { ROLES } from './candidates.ts';
import { chooseNodes, type Nodes } from './chooseNodes.ts';
import { poolJudge, poolsAt } from './chosenPools.ts';
import { attachmentKey, networkAt, resourceOf } from './endpoints.ts';
import { type NodeJudge, nodeJudge } from './nodeFit.ts';
import type { Finding, NetworkAttachment, Node } from './observed.ts';
import { heldBy, isError } from './preflight/finding.ts';
import { judgeNetwork, type NetworkInput } from './preflight/networks.ts';
import { guestFinding } from './render/guest.ts';
import { sharedPools, sharedText } from './preflight/sharedPools.ts';
import { type PlacedUse, placedUses, usesOf } from './uses.ts';

export interface AdmitInput {
  experiment: Experiment;
  testbed: Testbed | null;
  nodes: ReadonlyMap<string, Node>;
  /** Attachments by `namespace/name`; null where their kind is not installed. */
  attachments: ReadonlyMap<string, NetworkAttachment> | null;
}

export type Admission = { admitted: true; nodes: Nodes } | { admitted: false; finding: Finding };

const refuse = (reason: string, message: string): Admission => ({ admitted: false, finding: { reason, message } });

/** What networks are judged by: the Testbed, and what of the cluster they stand on. */
type Judging = NetworkInput & Pick<AdmitInput, 'experiment'>;

/** Whether a network can be used as a mode's endpoints of one role would use it. */
function useFinding(judging: Judging, mode: Mode, { type, network: name, role }: PlacedUse): Finding | null {
  const { testbed, attachments } = judging;
  const network = testbed.spec.networks.find((candidate) => candidate.name === name);
  if (network === undefined) {
    const known = testbed.spec.networks.map((n) => n.name).join(', ');
    return {
      reason: 'NetworkNotFound',
      message: `Mode ${mode.name} wants network ${name}: Testbed ${testbed.metadata.name} has ${known}; add it there or name one of these`,
    };
  }
  const key = attachmentKey(testbed, network.attachment);
  if (!attachments.has(key)) {
    return {
      reason: 'AttachmentNotFound',
      message: `Network ${name}: there is no NetworkAttachmentDefinition ${key}: create it`,
    };
  }
  const unfit = judgeNetwork(judging, network, type, [role]).find(isError);
  return unfit === undefined ? null : { reason: unfit.reason, message: unfit.message };
}

/** Whether the VFs that a mode passes through are of a resource that is known. */
function resourceFinding({ testbed, attachments }: Judging, mode: Mode): Finding | null {
  if (mode.type !== 'Passthrough') return null;
  const guests = ROLES.filter((role) => !isPodAt(mode, role)).map((role) => networkAt(mode, role));
  const bare = guests.find((name) => resourceOf(testbed, name, attachments) === undefined);
  if (bare === undefined) return null;
  return {
    reason: 'ResourceUnknown',
    message: `Mode ${mode.name} passes a VF of network ${bare} through, and no device resource is known for it: set resource there in Testbed ${testbed.metadata.name}, or annotate its NetworkAttachmentDefinition with ${ANNOTATION_RESOURCE_NAME}`,
  };
}

function modeFinding(judging: Judging, mode: Mode): Finding | null {
  for (const use of placedUses(mode, judging.experiment.spec.placements)) {
    const finding = useFinding(judging, mode, use);
    if (finding !== null) return finding;
  }
  return resourceFinding(judging, mode) ?? guestFinding(judging.testbed, mode);
}

/** Whether modes take one pool for pods and for VMs. */
function poolFinding(judging: Judging): Finding | null {
  const { modes, placements } = judging.experiment.spec;
  const uses = modes.flatMap((mode) => placedUses(mode, placements).map((use) => ({ ...use, mode: mode.name })));
  const [shared] = sharedPools(judging, uses);
  if (shared === undefined) return null;
  return { reason: 'PoolShared', message: `Testbed ${judging.testbed.metadata.name}: ${sharedText(shared)}` };
}

function networkFinding(input: AdmitInput, testbed: Testbed, nodes: Nodes | null): Finding | null {
  const { attachments, experiment } = input;
  if (attachments === null) {
    return {
      reason: 'AttachmentNotFound',
      message: 'Kind NetworkAttachmentDefinition is not installed: install Multus',
    };
  }
  const judging = {
    experiment,
    testbed,
    attachments,
    poolsOf: (resource: string) => poolsAt(testbed, nodes, resource),
  };
  for (const mode of experiment.spec.modes) {
    const finding = modeFinding(judging, mode);
    if (finding !== null) return finding;
  }
  return poolFinding(judging);
}

function sizeFinding(input: AdmitInput, testbed: Testbed): Finding | null {
  const pairs = Math.max(...input.experiment.spec.pairs);
  const subnet = parseSubnet(testbed.spec.subnet);
  const room = subnet === null ? 0 : capacity(subnet);
  if (room >= 2 * pairs) return null;
  return {
    reason: 'SubnetTooSmall',
    message: `${pairsWords(pairs)} ${pairs === 1 ? 'needs' : 'need'} ${2 * pairs} addresses, subnet ${testbed.spec.subnet} has ${room}: give Testbed ${testbed.metadata.name} a larger one`,
  };
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
  if (fault !== null) return { admitted: false, finding: fault };
  if (nodes === null) {
    return refuse(
      'NodeUnavailable',
      `Testbed ${testbed.metadata.name} has no ready server and client node that differ: check spec.nodes against kubectl get nodes`,
    );
  }
  const finding = nodesFinding(input, nodes, judge);
  return finding === null ? { admitted: true, nodes } : { admitted: false, finding };
}
