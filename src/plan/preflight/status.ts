/** What a Testbed's status tells of its nodes and networks. */
import type { ModeType, Network, NetworkStatus, NodeStatus, TestbedFinding } from '../../api/v1alpha1.ts';
import { LABEL_ENVIRONMENT } from '../../api/labels.ts';
import type { Role } from '../../results/endpointKind.ts';
import { candidates } from '../candidates.ts';
import { attachmentKey, resourceOf } from '../endpoints.ts';
import { allocatable } from '../inventory.ts';
import { stateOf } from '../nodeState.ts';
import type { Node } from '../observed.ts';
import { configurationOf } from './attachment.ts';
import { inUse, othersOn } from './devices.ts';
import { clip, concerns, isError } from './finding.ts';
import { carries, type NetworkInput } from './networks.ts';
import { usable } from './nodes.ts';
import type { TestbedObserved } from './observed.ts';
import { deviceOf } from './pools.ts';
import { pairsOf } from './subnet.ts';

/** Bound of the CRD. */
const NODES_LIMIT = 128;

function resources({ testbed, attachments }: TestbedObserved): string[] {
  const found = testbed.spec.networks.map(({ name }) => resourceOf(testbed, name, attachments ?? new Map()));
  return [...new Set(found.filter((resource) => resource !== undefined))].sort();
}

function nodeStatus(observed: TestbedObserved, node: Node, roles: NodeStatus['roles']): NodeStatus {
  const { name } = node.metadata;
  const others = othersOn(observed.pods, name);
  const kernel = node.status?.nodeInfo?.kernelVersion;
  const environment = node.metadata.labels?.[LABEL_ENVIRONMENT];
  return {
    name,
    roles,
    state: stateOf(node),
    ...(kernel === undefined ? {} : { kernel: clip(kernel, 256) }),
    ...(environment === undefined ? {} : { environment }),
    resources: resources(observed).map((resource) => {
      const device = deviceOf(observed.sriovStates.get(name), resource);
      return {
        name: resource,
        allocatable: allocatable(node, resource),
        inUse: inUse(others, resource),
        ...(device === undefined ? {} : { device }),
      };
    }),
  };
}

/** Candidate nodes by name. Pods of Trials are left out, so that they cause no writes here. */
export function nodeStatuses(observed: TestbedObserved): NodeStatus[] {
  const { testbed, nodes } = observed;
  const servers = candidates(testbed.spec.nodes.server, nodes);
  const clients = candidates(testbed.spec.nodes.client, nodes);
  return [...new Set([...servers, ...clients])]
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .slice(0, NODES_LIMIT)
    .map((node) =>
      nodeStatus(observed, node, [
        ...(servers.includes(node) ? ['Server' as const] : []),
        ...(clients.includes(node) ? ['Client' as const] : []),
      ]),
    );
}

/** Most devices that a node of a role has; one where the plugin moves a given device; no bound where it needs none. */
function most(observed: TestbedObserved, role: Role, resource: string | undefined, isExclusive: boolean): number {
  if (isExclusive) return 1;
  if (resource === undefined) return Infinity;
  return Math.max(0, ...usable(observed, role).map((node) => allocatable(node, resource)));
}

function pairs(observed: TestbedObserved, resource: string | undefined, isExclusive: boolean): NetworkStatus['pairs'] {
  const room = pairsOf(observed.testbed.spec.subnet);
  const [server, client] = [
    most(observed, 'server', resource, isExclusive),
    most(observed, 'client', resource, isExclusive),
  ];
  return { crossNode: Math.min(room, server, client), sameNode: Math.min(room, Math.floor(server / 2)) };
}

function networkStatus(
  observed: TestbedObserved,
  { input, findings, network }: { input: NetworkInput; findings: readonly TestbedFinding[]; network: Network },
): NetworkStatus {
  const { name } = network;
  const resource = resourceOf(observed.testbed, name, input.attachments);
  const attachment = configurationOf(input.attachments.get(attachmentKey(observed.testbed, network.attachment)));
  const held = (type: ModeType): boolean =>
    findings.some((one) => isError(one) && concerns(one, { type, network: name }));
  const bounds = pairs(observed, resource, attachment?.isExclusive === true);
  return {
    name,
    ...(attachment === null ? {} : { plugin: attachment.plugin }),
    ...(resource === undefined ? {} : { resource }),
    modes: carries(input, network).filter((type) => !held(type)),
    ...(bounds === undefined ? {} : { pairs: bounds }),
  };
}

/** `findings`: all of the Testbed. */
export function networkStatuses(
  observed: TestbedObserved,
  input: NetworkInput,
  findings: readonly TestbedFinding[],
): NetworkStatus[] {
  return observed.testbed.spec.networks.map((network) => networkStatus(observed, { input, findings, network }));
}
