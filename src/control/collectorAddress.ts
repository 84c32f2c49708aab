/** Where the collector is: its Service has no selector, since only the leader listens; the leader writes its address. */
import { isIPv6 } from 'node:net';
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
