/** What the VFs on an Experiment's nodes are bound to, as the preflight wrote it into the Testbed's status. */
import type { DeviceKind, Testbed } from '../api/v1alpha1.ts';
import type { Role } from '../results/endpointKind.ts';
import { ROLES } from './candidates.ts';
import { resourceOf } from './endpoints.ts';
import type { Nodes } from './chooseNodes.ts';
import type { FitInput, NodeJudge } from './nodeFit.ts';
import { deviceFor, type NodePool, presumed } from './preflight/pools.ts';
import { placedUses } from './uses.ts';

function deviceAt({ status }: Testbed, node: string, resource: string): DeviceKind | undefined {
  const found = status?.nodes?.find(({ name }) => name === node);
  return found?.resources.find(({ name }) => name === resource)?.device;
}

/** Of each candidate, by role. */
function candidatePools(testbed: Testbed, resource: string): NodePool[] {
  return (testbed.status?.nodes ?? []).flatMap(({ name, roles }) =>
    roles.map((role) => ({
      node: name,
      role: role.toLowerCase() as Role,
      device: deviceAt(testbed, name, resource),
    })),
  );
}

/** Of the nodes chosen; of all candidates where none are. */
export function poolsAt(testbed: Testbed, nodes: Nodes | null, resource: string): NodePool[] {
  const all = candidatePools(testbed, resource);
  if (nodes === null) return presumed(all);
  const chosen = ROLES.map((role) => ({
    node: nodes[role],
    role,
    device: deviceAt(testbed, nodes[role], resource),
  }));
  return presumed([...chosen, ...all]).slice(0, chosen.length);
}

/** Whether an Experiment finds the VFs on a node bound as its modes need them. */
export function poolJudge({ experiment: { spec }, testbed, attachments }: FitInput): NodeJudge {
  const uses = spec.modes.flatMap((mode) => placedUses(mode, spec.placements));
  const wants = uses.flatMap(({ role, network, type }) => {
    const resource = resourceOf(testbed, network, attachments);
    return resource === undefined ? [] : [{ role, resource, type }];
  });
  return ({ metadata: { name } }, role) => {
    const unfit = wants.find(({ role: own, resource, type }) => {
      const device = own === role ? deviceAt(testbed, name, resource) : undefined;
      return device !== undefined && device !== deviceFor(type);
    });
    if (unfit === undefined) return null;
    const message = `VFs of ${unfit.resource} on node ${name} are not bound as mode ${unfit.type} needs them`;
    return { reason: 'PoolUnfit', message };
  };
}
