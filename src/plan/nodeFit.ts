/**
 * What stands in the way of an Experiment on a node: what endpoints cannot be placed on, what KubeVirt misses there for its
 * VMs, and fewer devices, CPUs or memory than its largest cells take at once. What is in use is the allocator's matter, and
 * the scheduler's. Pure.
 */
import type { Experiment, Mode, Placement, Testbed } from '../api/v1alpha1.ts';
import { isPodAt, type Role } from '../results/endpointKind.ts';
import { pairsWords } from '../results/rowName.ts';
import { amountText, type Asks, HUGEPAGES_CURE, isEnough, isHugepages, offered, podAsks, vmAsks } from './asks.ts';
import { ROLES } from './candidates.ts';
import { networkAt, resourceOf } from './endpoints.ts';
import { guestNodeFinding } from './guestNodes.ts';
import { allocatable } from './inventory.ts';
import { hasNone } from './noDevices.ts';
import { isCordoned, stateOf, taintText } from './nodeState.ts';
import { type Finding, isReady, type NetworkAttachment, type Node } from './observed.ts';
import { guestOf } from './render/guest.ts';

export interface FitInput {
  experiment: Experiment;
  testbed: Testbed;
  attachments: ReadonlyMap<string, NetworkAttachment>;
}

/** Judges a node for the endpoints that stand on it where it has that role; null where nothing is in their way. */
export type NodeJudge = (node: Node, role: Role) => Finding | null;

/** A mode in its largest cell of a placement. */
interface Load {
  mode: Mode;
  placement: Placement;
  pairs: number;
}

/** What a Load takes of one resource on one node. */
interface Want {
  resource: string;
  isDevice: boolean;
  amount: number;
}

/** Of each pair the ends that stand on the node of a role. */
function endsAt(placement: Placement, role: Role): readonly Role[] {
  if (placement === 'CrossNode') return [role];
  return role === 'server' ? ROLES : [];
}

function asksAt(testbed: Testbed, mode: Mode, end: Role): Asks {
  if (isPodAt(mode, end)) return podAsks(testbed.spec.pod);
  const guest = guestOf(testbed, mode);
  return guest === null ? new Map<string, number>() : vmAsks(guest, testbed.status?.kubevirt?.memoryOvercommit);
}

function wantsOf({ testbed, attachments }: FitInput, { mode, placement, pairs }: Load, role: Role): Want[] {
  const wants = new Map<string, Want>();
  const add = (resource: string, amount: number, isDevice: boolean): void => {
    const before = wants.get(resource)?.amount ?? 0;
    wants.set(resource, { resource, isDevice, amount: before + amount * pairs });
  };
  for (const end of endsAt(placement, role)) {
    const device = resourceOf(testbed, networkAt(mode, end), attachments);
    if (device !== undefined) add(device, 1, true);
    for (const [resource, amount] of asksAt(testbed, mode, end)) add(resource, amount, false);
  }
  return [...wants.values()];
}

function lack(node: Node, { mode, placement, pairs }: Load, { resource, isDevice, amount }: Want): Finding | null {
  const has = isDevice ? allocatable(node, resource) : offered(node, resource);
  if (has === null || isEnough(has, amount)) return null;
  const [needed, there] = [amountText(resource, amount), amountText(resource, has)];
  const who = `Mode ${mode.name} (${placement}, ${pairsWords(pairs)})`;
  const where = `${who} needs ${needed} of ${resource} on node ${node.metadata.name}, which`;
  if (isDevice && has === 0) return { reason: 'InsufficientVFs', message: `${where} ${hasNone(node, resource)}` };
  const what = `${where} has ${there}`;
  if (isDevice) return { reason: 'InsufficientVFs', message: `${what}: make more VFs there, or use fewer pairs` };
  return isHugepages(resource)
    ? { reason: 'InsufficientHugepages', message: `${what}: ${HUGEPAGES_CURE}, or use fewer pairs` }
    : { reason: 'InsufficientCompute', message: `${what}: ask for less, or use fewer pairs` };
}

/** Why nothing can be placed on a node at all, in whatever Experiment. */
export function stateFinding(node: Node): Finding | null {
  if (stateOf(node) === 'Ready') return null;
  const { name } = node.metadata;
  const unfit = isCordoned(node) ? 'is cordoned: uncordon it' : taintText(node);
  const text = isReady(node) ? unfit : 'is not Ready: mend it';
  return { reason: 'NodeUnavailable', message: `Node ${name} ${text}, trials go on then` };
}

export function nodeJudge(input: FitInput): NodeJudge {
  const { modes, placements, pairs } = input.experiment.spec;
  const largest = Math.max(...pairs);
  const loads = modes.flatMap((mode) => placements.map((placement): Load => ({ mode, placement, pairs: largest })));
  const of = (role: Role) => ({
    guests: loads.filter(({ mode, placement }) => endsAt(placement, role).some((end) => !isPodAt(mode, end))),
    wants: loads.flatMap((load) => wantsOf(input, load, role).map((want) => ({ load, want }))),
  });
  const byRole = { server: of('server'), client: of('client') };
  return (node, role) => {
    const state = stateFinding(node);
    if (state !== null) return state;
    const { guests, wants } = byRole[role];
    for (const { mode } of guests) {
      const finding = guestNodeFinding(input.testbed, mode, node);
      if (finding !== null) return finding;
    }
    for (const { load, want } of wants) {
      const finding = lack(node, load, want);
      if (finding !== null) return finding;
    }
    return null;
  };
}
