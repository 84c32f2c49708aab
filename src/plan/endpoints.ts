/** Which endpoints a cell needs, and on what: the shape of a grant before addresses are known. */
import type { EndpointKind, ExperimentStatus, Mode, Testbed } from '../api/v1alpha1.ts';
import type { EndpointName } from '../api/protocol.ts';
import type { Cell } from './expand.ts';
import { networkName } from './expand.ts';
import type { NetworkAttachment } from './observed.ts';
import { ANNOTATION_RESOURCE_NAME } from '../api/labels.ts';
import { isPodAt, type Role } from '../results/endpointKind.ts';

export interface EndpointNeed {
  name: EndpointName;
  kind: EndpointKind;
  node: string;
  attachment: string;
  /** Absent where the attachment needs no device. */
  resource?: string;
}

type Nodes = NonNullable<ExperimentStatus['nodes']>;

/** `namespace/name` of an attachment as the Testbed names it. */
export function attachmentKey(testbed: Testbed, attachment: string): string {
  return `${testbed.metadata.namespace ?? ''}/${attachment}`;
}

/** The device resource behind a network: as the Testbed says, else as the attachment is annotated. */
export function resourceOf(
  testbed: Testbed,
  network: string,
  attachments: ReadonlyMap<string, NetworkAttachment>,
): string | undefined {
  const entry = testbed.spec.networks.find((candidate) => candidate.name === network);
  if (entry === undefined) return undefined;
  if (entry.resource !== undefined) return entry.resource;
  return attachments.get(attachmentKey(testbed, entry.attachment))?.metadata.annotations?.[ANNOTATION_RESOURCE_NAME];
}

/** The network of an end's data NIC: the mode's; for clients the one that the mode names for them. */
export function networkAt(mode: Mode, role: Role): string {
  if (role === 'server') return networkName(mode);
  return mode.clientNetwork ?? (mode.peer === 'Native' ? 'native' : networkName(mode));
}

/** Both endpoints of every pair of a cell, in the order server-0, client-0, server-1 ... */
export function endpointNeeds(
  testbed: Testbed,
  mode: Mode,
  cell: Cell,
  context: { nodes: Nodes; attachments: ReadonlyMap<string, NetworkAttachment> },
): EndpointNeed[] {
  const needs: EndpointNeed[] = [];
  for (let pair = 0; pair < cell.pairs; pair++) {
    for (const role of ['server', 'client'] as const) {
      const isPod = isPodAt(mode, role);
      const network = networkAt(mode, role);
      const resource = resourceOf(testbed, network, context.attachments);
      needs.push({
        name: `${role}-${pair}`,
        kind: isPod ? 'Pod' : 'VirtualMachineInstance',
        node: role === 'client' && cell.placement === 'CrossNode' ? context.nodes.client : context.nodes.server,
        attachment: testbed.spec.networks.find((n) => n.name === network)?.attachment ?? network,
        ...(resource === undefined ? {} : { resource }),
      });
    }
  }
  return needs;
}

/** Devices wanted by node and resource: `node|resource` to count. */
export function deviceCounts(needs: readonly Pick<EndpointNeed, 'node' | 'resource'>[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const need of needs) {
    if (need.resource === undefined) continue;
    const key = `${need.node}|${need.resource}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
