/**
 * What a CNI failure means: the words of kubelet's event without what differs from try to try, and what to do about
 * it. The phrases are those of Multus, sriov-cni and the CNI plugins, as recorded.
 */
import type { Finding } from './observed.ts';

const CURES: readonly (readonly [RegExp, string])[] = [
  [
    /cannot find a network-attachment-definition \(\S+\) in namespace \(\S+\)/,
    'create that NetworkAttachmentDefinition, or name another one in the Testbed',
  ],
  [
    /VF pci addr is required/,
    'the pod was given no VF: annotate the attachment with k8s.v1.cni.cncf.io/resourceName, and let that resource be the pool of its VFs',
  ],
  [/failed to find plugin/, 'install that CNI plugin on the node, or correct the type in the attachment'],
  [
    /IPAM plugin returned missing IP config/,
    'its IPAM has no address: give the attachment capabilities {"ips": true} and IPAM type static',
  ],
  [
    /failed to parse pod Network Attachment Selection Annotation/,
    "the pod's annotation k8s.v1.cni.cncf.io/networks is not what was asked for: a webhook changed it, exclude the namespace from it",
  ],
  [/failed to unmarshal Spec\.Config/, "the attachment's spec.config is no JSON: correct it"],
  [
    /No networks found in/,
    'the attachment has no spec.config and no file of that name is on the node: write spec.config',
  ],
  [
    /is already allocated/,
    'another pod still holds that VF, as after a forced deletion: it is free again within half a minute',
  ],
  [
    /failed to set netlink MAC address/,
    "the VF's driver refuses a MAC: remove mac from the attachment, the address is read back",
  ],
  [/operation not supported/, 'the driver of the PF lacks a setting of the attachment, such as link_state: remove it'],
  [/context deadline exceeded/, 'the node or the API server was too slow: this passes by itself where they recover'],
];

/** Characters of an event that are told. */
const LONGEST = 900;

/** `NetworkAttachFailed`, in the event's own words. */
export function networkFailure(message: string): Finding {
  const words = message
    .replace(/^Failed to create pod sandbox: rpc error: code = \w+ desc = /, '')
    .replace(/ for sandbox "[0-9a-f]{64}"/, '')
    // What thick Multus puts around it: its call, its own configuration.
    .replace(/'ContainerID:"[0-9a-f]{64}"[\s\S]*? ERRORED: /, '')
    .replace(/\s*': StdinData: [\s\S]*$/, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  // The cause stands at the end.
  const told = words.length > LONGEST ? `... ${words.slice(-LONGEST)}` : words;
  const cure = CURES.find(([phrase]) => phrase.test(words))?.[1];
  return { reason: 'NetworkAttachFailed', message: cure === undefined ? told : `${told}: ${cure}` };
}
