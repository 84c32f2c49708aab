/** Addresses that pods on the candidate nodes have, for whoever asks what is there. */
import { type Address, parseAddress } from '../addresses.ts';
import { isLive, type Pod } from '../observed.ts';

export interface PodAddress extends Address {
  /** Name of the pod. */
  pod: string;
  /** As the pod's status has it. */
  ip: string;
}

/**
 * Of pods that have not ended; what is no address is left out.
 * @param of `all`: those of the nodes' own network count too, since a data address must be unlike them as well;
 *   `podNetwork`: they do not, since they say nothing about what the pod network would give to a VM.
 */
export function podAddresses(pods: readonly Pod[], of: 'all' | 'podNetwork'): PodAddress[] {
  return pods
    .filter((pod) => isLive(pod) && (of === 'all' || pod.spec.hostNetwork !== true))
    .flatMap(({ metadata, status }) =>
      (status?.podIPs ?? []).flatMap(({ ip = '' }) => {
        const address = parseAddress(ip);
        return address === null ? [] : [{ ...address, pod: metadata.name, ip }];
      }),
    );
}
