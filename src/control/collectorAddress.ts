/** Where the collector is: its Service has no selector, since only the leader listens; the leader writes its address. */
import { isIP, isIPv6 } from 'node:net';
import { ENDPOINT_SLICES, type KubeClient, type KubeObject } from '../kube/index.ts';

/** Fixed, so that the right to write it can name it. */
export const COLLECTOR_SLICE = 'vfbench-collector';

export interface CollectorAddress {
  namespace: string;
  /** Name of the Service. */
  service: string;
  ip: string;
  port: number;
}

/**
 * The IP address by which endpoints reach the collector at `url`: that of the URL, or, where it names the Service, the one
 * that is announced, since an IPv4 address of a Service leads to IPv4 alone and an IPv6 one to IPv6. Null where the URL has
 * any other name.
 */
export function collectorReach(url: string, announced: Omit<CollectorAddress, 'port'> | null): string | null {
  const { hostname } = new URL(url);
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) !== 0) return bare;
  if (announced === null) return null;
  const { namespace, service, ip } = announced;
  return `${hostname}.`.startsWith(`${service}.${namespace}.`) ? ip : null;
}

/** Sends the Service's traffic to this process. Called once when leadership begins; the next leader overwrites it. */
export async function announceCollector(client: KubeClient, address: CollectorAddress): Promise<void> {
  await client.apply(ENDPOINT_SLICES, collectorSlice(address), { fieldManager: 'vfbench', force: true });
}

export function collectorSlice({ namespace, service, ip, port }: CollectorAddress): KubeObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: COLLECTOR_SLICE,
      namespace,
      labels: { 'kubernetes.io/service-name': service, 'endpointslice.kubernetes.io/managed-by': 'vfbench.io' },
    },
    addressType: isIPv6(ip) ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [ip], conditions: { ready: true } }],
    ports: [{ name: 'collector', port, protocol: 'TCP' }],
  } as KubeObject;
}
