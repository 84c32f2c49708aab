/** Which networks a mode's endpoints are attached to, each as it is used. */
import type { Mode, Placement } from '../api/v1alpha1.ts';
import { isPodAt, type Role } from '../results/endpointKind.ts';
import { networkAt } from './endpoints.ts';
import type { Use } from './preflight/finding.ts';

const useAt = (mode: Mode, role: Role): Use => ({
  type: isPodAt(mode, role) ? 'Native' : mode.type,
  network: networkAt(mode, role),
});

/** Of the server's end and of the client's, once where they are alike. */
export function usesOf(mode: Mode): Use[] {
  const [server, client] = [useAt(mode, 'server'), useAt(mode, 'client')];
  return server.type === client.type && server.network === client.network ? [server] : [server, client];
}

/** A use on the node of a role: in SameNode trials the server's node has both ends. */
export interface PlacedUse extends Use {
  role: Role;
}

/** In all of these placements, each once. */
export function placedUses(mode: Mode, placements: readonly Placement[]): PlacedUse[] {
  const all = placements.flatMap((placement): PlacedUse[] => [
    { ...useAt(mode, 'server'), role: 'server' },
    { ...useAt(mode, 'client'), role: placement === 'CrossNode' ? 'client' : 'server' },
  ]);
  return [...new Map(all.map((use) => [`${use.role}|${use.type}|${use.network}`, use])).values()];
}
