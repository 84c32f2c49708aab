/** Which networks a mode's endpoints are attached to, each as it is used. */
import type { Mode } from '../api/v1alpha1.ts';
import { isPodAt } from '../results/endpointKind.ts';
import { networkAt } from './endpoints.ts';
import type { Use } from './preflight/finding.ts';

/** Of the server's end and of the client's, once where they are alike. */
export function usesOf(mode: Mode): Use[] {
  const server: Use = { type: mode.type, network: networkAt(mode, 'server') };
  const client: Use = { type: isPodAt(mode, 'client') ? 'Native' : mode.type, network: networkAt(mode, 'client') };
  return server.type === client.type && server.network === client.network ? [server] : [server, client];
}
