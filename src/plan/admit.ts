/** May this Experiment run here? Static checks, each with what to change; shortages come from the allocator. */
import type { DeviceKind, Experiment, ExperimentStatus, NodeSet, Testbed } from '../api/v1alpha1.ts';
import { capacity, parseSubnet } from './addresses.ts';
import { ANNOTATION_RESOURCE_NAME, LABEL_SCHEDULABLE } from '../api/labels.ts';
import { attachmentKey, deviceCounts, endpointNeeds, networkAt, resourceOf } from './endpoints.ts';
import { cells, modeOf } from './expand.ts';
import { guestNodeFinding } from './guestNodes.ts';
import { allocatable } from './inventory.ts';
import { type Finding, isReady, type NetworkAttachment, type Node } from './observed.ts';
import { heldBy, isError } from './preflight/finding.ts';
import { judgeNetwork } from './preflight/networks.ts';
import { guestFinding } from './render/guest.ts';
import { usesOf } from './uses.ts';

export interface AdmitInput {
  experiment: Experiment;
  testbed: Testbed | null;
  nodes: ReadonlyMap<string, Node>;
  /** Attachments by `namespace/name`; null where their kind is not installed. */
  attachments: ReadonlyMap<string, NetworkAttachment> | null;
}

type Nodes = NonNullable<ExperimentStatus['nodes']>;
export type Admission = { admitted: true; nodes: Nodes } | { admitted: false; finding: Finding };

const refuse = (reason: string, message: string): Admission => ({ admitted: false, finding: { reason, message } });

function matches(set: NodeSet, node: Node): boolean {
  if (set.names !== undefined) return set.names.includes(node.metadata.name);
  const wanted = Object.entries(set.selector?.matchLabels ?? {});
  return wanted.length > 0 && wanted.every(([label, value]) => node.metadata.labels?.[label] === value);
}

/** Candidates in a fixed order: as named in the Testbed, else by name. */
export function candidates(set: NodeSet, nodes: ReadonlyMap<string, Node>): Node[] {
  if (set.names !== undefined) return set.names.flatMap((name) => nodes.get(name) ?? []);
  return [...nodes.values()]
    .filter((node) => matches(set, node))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

const usable = (node: Node): boolean => isReady(node) && node.spec?.unschedulable !== true;

/** Those first on which KubeVirt puts VMs, where any are asked for; else as they come. */
function fit(set: NodeSet, { experiment, nodes }: AdmitInput): Node[] {
  const found = candidates(set, nodes).filter(usable);
  if (experiment.spec.modes.every(({ type }) => type === 'Native')) return found;
  const takesVms = ({ metadata }: Node): number => Number(metadata.labels?.[LABEL_SCHEDULABLE] === 'true');
  return found.toSorted((a, b) => takesVms(b) - takesVms(a));
}

/** One server and one client node, different ones where any placement crosses nodes, else one for both. */
function pickNodes(input: AdmitInput, testbed: Testbed): Nodes | null {
  const crosses = input.experiment.spec.placements.includes('CrossNode');
  const servers = fit(testbed.spec.nodes.server, input);
  const clients = fit(testbed.spec.nodes.client, input);
  for (const server of servers) {
    const client = crosses ? clients.find((node) => node.metadata.name !== server.metadata.name) : server;
    if (client !== undefined) return { server: server.metadata.name, client: client.metadata.name };
  }
  return null;
}

/** What the VFs of a resource are bound to, as the preflight found it on the Testbed's nodes; undefined where they differ. */
function deviceOf({ status }: Testbed, resource: string): DeviceKind | undefined {
  const found = (status?.nodes ?? []).flatMap(({ resources }) => resources.filter(({ name }) => name === resource));
  const kinds = new Set(found.flatMap(({ device }) => device ?? []));
  const [only] = kinds;
  return kinds.size === 1 ? only : undefined;
}

function networkFinding(input: AdmitInput, testbed: Testbed): Admission | null {
  const { attachments } = input;
  if (attachments === null) {
    return refuse('AttachmentNotFound', 'Kind NetworkAttachmentDefinition is not installed: install Multus');
  }
  const judged = { testbed, attachments, deviceOf: (resource: string) => deviceOf(testbed, resource) };
  for (const mode of input.experiment.spec.modes) {
    for (const { type, network: name } of usesOf(mode)) {
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
      const unfit = judgeNetwork(judged, network, type).find(isError);
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
  return null;
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

/** More devices than the nodes have at all: waiting cannot help until somebody adds some. */
function deviceFinding(input: AdmitInput, testbed: Testbed, nodes: Nodes): Admission | null {
  const { spec } = input.experiment;
  const attachments = input.attachments ?? new Map<string, NetworkAttachment>();
  for (const cell of cells(spec)) {
    const mode = modeOf(spec, cell.mode);
    if (mode === undefined) continue;
    for (const [key, needed] of deviceCounts(endpointNeeds(testbed, mode, cell, { nodes, attachments }))) {
      const [node = '', resource = ''] = key.split('|');
      const total = allocatable(input.nodes.get(node), resource);
      if (total >= needed) continue;
      return refuse(
        'InsufficientVFs',
        `Mode ${mode.name} (${cell.placement}, ${cell.pairs} pairs) needs ${needed} of ${resource} on node ${node}, which has ${total}: make more VFs there, or use fewer pairs`,
      );
    }
  }
  return null;
}

const isFit = (input: AdmitInput, name: string): boolean => {
  const node = input.nodes.get(name);
  return node !== undefined && usable(node);
};

function nodeFinding(input: AdmitInput, nodes: Nodes): Admission | null {
  for (const name of [nodes.server, nodes.client]) {
    if (isFit(input, name)) continue;
    const node = input.nodes.get(name);
    return refuse(
      'NodeUnavailable',
      node === undefined
        ? `Node ${name} is gone: bring it back under this name and trials go on; else create the Experiment anew, figures of different nodes are not mixed`
        : `Node ${name} is ${isReady(node) ? 'cordoned: uncordon it' : 'not Ready: mend it'}, trials go on then`,
    );
  }
  return null;
}

function guestsFinding({ experiment, nodes }: AdmitInput, testbed: Testbed, chosen: Nodes): Admission | null {
  for (const mode of experiment.spec.modes) {
    const finding = guestNodeFinding(testbed, mode, chosen, nodes);
    if (finding !== null) return { admitted: false, finding };
  }
  return null;
}

/** Those chosen before, unless nothing binds to them and they are not fit. */
function nodesFor(input: AdmitInput, testbed: Testbed, isBound: boolean): Nodes | null {
  const chosen = input.experiment.status?.nodes;
  if (chosen === undefined) return pickNodes(input, testbed);
  const keeps = isBound || (isFit(input, chosen.server) && isFit(input, chosen.client));
  return keeps ? chosen : pickNodes(input, testbed);
}

/**
 * Admits with the nodes of the Experiment, those chosen before where there are any.
 * @param isBound whether something was measured on them already; else others are chosen where those are not fit.
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
  const fault = networkFinding(input, testbed) ?? sizeFinding(input, testbed);
  if (fault !== null) return fault;
  const nodes = nodesFor(input, testbed, isBound);
  if (nodes === null) {
    return refuse(
      'NodeUnavailable',
      `Testbed ${testbed.metadata.name} has no ready server and client node that differ: check spec.nodes against kubectl get nodes`,
    );
  }
  return (
    nodeFinding(input, nodes) ??
    guestsFinding(input, testbed, nodes) ??
    deviceFinding(input, testbed, nodes) ?? { admitted: true, nodes }
  );
}
