/** The networks of a Testbed, each judged for the types of modes that use it. */
import type { ModeType, Network, Testbed, TestbedFinding } from '../../api/v1alpha1.ts';
import { ANNOTATION_RESOURCE_NAME } from '../../api/labels.ts';
import { attachmentKey, resourceOf } from '../endpoints.ts';
import type { Role } from '../../results/endpointKind.ts';
import type { PlacedUse } from '../uses.ts';
import type { NetworkAttachment } from '../observed.ts';
import { parseQuantity } from '../quantity.ts';
import { parseAttachment } from './attachment.ts';
import { failure, isError, MODE_TYPES, type Reason, some, warning } from './finding.ts';
import { judge } from './networkRules.ts';
import type { NodePool } from './pools.ts';
import { sharedPools, sharedText } from './sharedPools.ts';

export interface NetworkInput {
  testbed: Testbed;
  attachments: ReadonlyMap<string, NetworkAttachment>;
  /** What the VFs of a resource are bound to on each node that endpoints may be placed on. */
  poolsOf?: (resource: string) => readonly NodePool[];
  /** How Experiments that are not finished use the networks. */
  uses?: readonly Asked[];
}

/** A network as a mode of an Experiment uses it. */
export interface Asked extends PlacedUse {
  experiment: string;
  mode: string;
}

/** The type of modes that a network is for by its name; null where it may be for any. */
export function typeByName(name: string): ModeType | null {
  return MODE_TYPES.find((type) => type.toLowerCase() === name) ?? null;
}

/** Types of modes that the Testbed offers at all. */
export function offered(testbed: Testbed): readonly ModeType[] {
  return testbed.spec.vm === undefined ? ['Native'] : MODE_TYPES;
}

function absent({ testbed, attachments }: NetworkInput, { name, attachment }: Network): TestbedFinding {
  const prefix = attachmentKey(testbed, '');
  const there = [...attachments.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  const others = there.length === 0 ? '' : ` (the namespace has ${some(there.sort())})`;
  const key = attachmentKey(testbed, attachment);
  const message = `network ${name}: there is no NetworkAttachmentDefinition ${key}: create it${others}`;
  return failure('AttachmentNotFound', message, { network: name });
}

/** A network that gives pods an interface from the same pool; only one of the two can be right. */
function sharedWith({ testbed, attachments }: NetworkInput, network: Network, resource?: string): string | undefined {
  if (resource === undefined) return undefined;
  return testbed.spec.networks.find(
    ({ name }) =>
      name !== network.name &&
      ['Native', 'Virtio'].includes(typeByName(name) ?? '') &&
      resourceOf(testbed, name, attachments) === resource,
  )?.name;
}

/** All about one network under one type of mode, for endpoints of these roles. */
export function judgeNetwork(
  input: NetworkInput,
  network: Network,
  type: ModeType,
  roles: readonly Role[] = ['server', 'client'],
): TestbedFinding[] {
  const { testbed, attachments, poolsOf } = input;
  const key = attachmentKey(testbed, network.attachment);
  const nad = attachments.get(key);
  if (nad === undefined) return [absent(input, network)];
  const parsed = parseAttachment(nad);
  const where = `network ${network.name}: NetworkAttachmentDefinition ${key}`;
  if (parsed === 'none') {
    const text = `${where} has no spec.config, Multus takes a file of each node instead, which is not judged: write it here`;
    return [warning('AttachmentUnreadable', text, { network: network.name })];
  }
  if ('problem' in parsed)
    return [failure('AttachmentInvalid', `${where}: ${parsed.problem}: correct it`, { network: network.name })];
  const resource = resourceOf(testbed, network.name, attachments);
  const { bitsPerSecond, mtu } = testbed.spec.link;
  return judge({
    network,
    type,
    attachment: parsed.attachment,
    annotated: nad.metadata.annotations?.[ANNOTATION_RESOURCE_NAME],
    resource,
    pools: resource === undefined ? [] : (poolsOf?.(resource) ?? []),
    roles,
    isForAllRoles: typeByName(network.name) === type,
    sharedWith: type === 'Passthrough' ? sharedWith(input, network, resource) : undefined,
    link: { rate: parseQuantity(bitsPerSecond), mtu },
  });
}

/** Types that a network can carry, as far as its attachment goes. */
export function carries(input: NetworkInput, network: Network): ModeType[] {
  return offered(input.testbed).filter((type) => !judgeNetwork(input, network, type).some(isError));
}

/**
 * A network named after a type is judged for that type; any other has to be right for one of them, and where it is for
 * none, the findings of the nearest are told.
 */
function findingsOf(input: NetworkInput, network: Network): TestbedFinding[] {
  const types = offered(input.testbed);
  const own = typeByName(network.name);
  if (own !== null) return types.includes(own) ? judgeNetwork(input, network, own) : [];
  const judged = types.map((type) => judgeNetwork(input, network, type));
  const errors = judged.map((findings) => findings.filter(isError).length);
  const fewest = Math.min(...errors);
  const nearest = judged.filter((_, index) => errors[index] === fewest);
  return fewest === 0 ? nearest.flat() : (nearest[0] ?? []);
}

/**
 * What is wrong with a network for a mode that an Experiment names it for, as `network` or `clientNetwork`. Warnings: the
 * Testbed is none the worse for an Experiment, which is refused by itself.
 */
function askedFindings(input: NetworkInput, told: readonly TestbedFinding[]): TestbedFinding[] {
  const { testbed, uses = [] } = input;
  const known = new Set(told.map(({ message }) => message));
  const ofNetworks = uses.flatMap(({ type, network: name, experiment, mode, role }) => {
    const network = testbed.spec.networks.find((one) => one.name === name);
    if (network === undefined || !offered(testbed).includes(type)) return [];
    const wrong = judgeNetwork(input, network, type, [role]).filter((one) => isError(one) && !known.has(one.message));
    return wrong.map(({ reason, message }) =>
      warning(reason as Reason, `Experiment ${experiment}, mode ${mode}: ${message}`, { network: name, modes: [type] }),
    );
  });
  return [...ofNetworks, ...askedOfOnePool(input, [...told, ...ofNetworks])];
}

/** Modes of one Experiment that cannot be right both, whatever their networks are called. */
function askedOfOnePool(input: NetworkInput, told: readonly TestbedFinding[]): TestbedFinding[] {
  const known = new Set(told.filter(({ reason }) => reason === 'PoolShared').map(({ network }) => network));
  const byExperiment = Map.groupBy(input.uses ?? [], ({ experiment }) => experiment);
  return [...byExperiment].flatMap(([experiment, uses]) =>
    sharedPools(input, uses)
      .filter(({ guest }) => !known.has(guest.network))
      .map((shared) =>
        warning('PoolShared', `Experiment ${experiment}: ${sharedText(shared)}`, {
          network: shared.guest.network,
          modes: ['Passthrough'],
        }),
      ),
  );
}

export function networkFindings(input: NetworkInput): TestbedFinding[] {
  const found = input.testbed.spec.networks.flatMap((network) => findingsOf(input, network));
  return [...found, ...askedFindings(input, found)];
}
