/** VF settings that others left behind: a rate limit or a VLAN that the attachment does not ask for spoils what is measured. */
import type { VfSettings } from '../api/protocol.ts';
import type { NodeVf } from './nodeVfs.ts';
import type { Finding, NetworkAttachment } from './observed.ts';
import { type Attachment, parseAttachment } from './preflight/attachment.ts';

/** What is known of the VF behind an endpoint. */
export interface KnownVf {
  /** As the endpoint itself sees them, now. */
  own?: VfSettings | undefined;
  /** As the SR-IOV network operator last saw it on the node. */
  onNode?: NodeVf | undefined;
  hostPciAddress?: string | undefined;
}

/** What sriov-cni is told to set; null where the configuration cannot be read from here. */
function asked(nad: NetworkAttachment | undefined): Attachment | null {
  const parsed = nad === undefined ? 'none' : parseAttachment(nad);
  return parsed !== 'none' && 'attachment' in parsed ? parsed.attachment : null;
}

/** `VFSettingsLeft`, or null where all is as asked, or nothing is known. `name`: the endpoint's. */
export function leftSettings(name: string, vf: KnownVf, nad: NetworkAttachment | undefined): Finding | null {
  const wanted = asked(nad);
  if (wanted === null) return null;
  return vf.own === undefined ? leftOnNode(name, vf, wanted) : leftOn(name, vf.own, wanted);
}

function leftOn(name: string, { index, maxTxMbps, vlan }: VfSettings, wanted: Attachment): Finding | null {
  const { maxTxMbps: limit = 0, vlan: wantedVlan = 0 } = wanted;
  const wrong = [
    ...(maxTxMbps === limit
      ? []
      : [`sends at most ${maxTxMbps} Mbit/s, asked is ${limit === 0 ? 'no limit' : `${limit}`}`]),
    ...(vlan === wantedVlan ? [] : [`is in VLAN ${vlan}, asked is ${wantedVlan}`]),
  ];
  if (wrong.length === 0) return null;
  return left(
    `${name}: VF ${index} of its PF ${wrong.join(' and ')}: somebody left that behind; reset it on the node (ip link set PF vf ${index} max_tx_rate 0 vlan 0), or write it into the attachment`,
  );
}

/**
 * The operator's word is older than the attachment: where that names a VLAN, sriov-cni has set it since. Where it names
 * none, sriov-cni leaves the VF as it is, and so a VLAN seen there is still in force.
 */
function leftOnNode(name: string, { onNode, hostPciAddress }: KnownVf, wanted: Attachment): Finding | null {
  if (onNode === undefined || onNode.vlan === 0 || wanted.plugin !== 'sriov' || wanted.vlan !== undefined) return null;
  return left(
    `${name}: VF ${hostPciAddress} of PF ${onNode.pfPciAddress} is in VLAN ${onNode.vlan} by its SriovNetworkNodeState, asked is none: somebody left that behind; write "vlan": 0 into the attachment, which resets it`,
  );
}

const left = (message: string): Finding => ({ reason: 'VFSettingsLeft', message });
