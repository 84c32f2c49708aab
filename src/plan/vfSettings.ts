/** VF settings that others left behind: what the attachment does not ask for spoils what is measured. */
import type { VfSettings } from '../api/protocol.ts';
import type { NodeVf } from './nodeVfs.ts';
import type { Finding, NetworkAttachment } from './observed.ts';
import { type Attachment, configurationOf } from './preflight/attachment.ts';

/** What is known of the VF behind an endpoint. */
export interface KnownVf {
  /** As the endpoint itself sees them, now. */
  own?: VfSettings | undefined;
  /** As the SR-IOV network operator last saw it on the node. */
  onNode?: NodeVf | undefined;
  hostPciAddress?: string | undefined;
}

/** `VFSettingsLeft`, or null where all is as asked, or nothing is known. `name`: the endpoint's. */
export function leftSettings(name: string, vf: KnownVf, nad: NetworkAttachment | undefined): Finding | null {
  const wanted = configurationOf(nad);
  if (wanted === null) return null;
  return vf.own === undefined ? leftOnNode(name, vf, wanted) : leftOn(name, vf.own, wanted);
}

interface Setting {
  /** As iproute2 calls it. */
  key: string;
  is: string | number | undefined;
  /** Undefined where anything will do. */
  asked: string | number | undefined;
  /** What the VF does. */
  does: string;
}

/**
 * Rates and VLAN are none on a fresh VF, and its link is not disabled. Whether a fresh one has spoofchk and trust is the
 * driver's choice, so that these are held only against an attachment that sets them.
 */
function settingsOf(found: VfSettings, { vf }: Attachment): Setting[] {
  const { maxTxMbps, minTxMbps, vlan, linkState } = found;
  const [spoofCheck, trust] = [onOff(found.spoofCheck), onOff(found.trust)];
  const most = maxTxMbps === 0 ? 'without limit' : `at most ${maxTxMbps} Mbit/s`;
  const link = vf.linkState ?? (linkState === 'disable' ? 'auto' : undefined);
  return [
    { key: 'max_tx_rate', is: maxTxMbps, asked: vf.maxTxMbps ?? 0, does: `sends ${most}` },
    { key: 'min_tx_rate', is: minTxMbps, asked: vf.minTxMbps ?? 0, does: `is guaranteed ${minTxMbps} Mbit/s` },
    { key: 'vlan', is: vlan, asked: vf.vlan ?? 0, does: `is in VLAN ${vlan}` },
    { key: 'spoofchk', is: spoofCheck, asked: vf.spoofCheck, does: `has spoofchk ${spoofCheck}` },
    { key: 'trust', is: trust, asked: vf.trust, does: `has trust ${trust}` },
    { key: 'state', is: linkState, asked: link, does: `has link state ${linkState}` },
  ];
}

const onOff = (value: boolean | undefined): string | undefined =>
  value === undefined ? undefined : value ? 'on' : 'off';

function leftOn(name: string, found: VfSettings, wanted: Attachment): Finding | null {
  const wrong = settingsOf(found, wanted).filter(
    ({ is, asked }) => is !== undefined && asked !== undefined && is !== asked,
  );
  if (wrong.length === 0) return null;
  const asks = ({ key, asked }: Setting): string => (key === 'max_tx_rate' && asked === 0 ? 'no limit' : String(asked));
  const texts = wrong.map((one) => `${one.does}, asked is ${asks(one)}`).join(' and ');
  const reset = wrong.map(({ key, asked }) => `${key} ${asked}`).join(' ');
  return left(
    `${name}: VF ${found.index} of its PF ${texts}: somebody left that behind; reset it on the node (ip link set PF vf ${found.index} ${reset}), or write it into the attachment`,
  );
}

/**
 * The operator's word is older than the attachment: where that names a VLAN, sriov-cni has set it since. Where it names
 * none, sriov-cni leaves the VF as it is, and so a VLAN seen there is still in force.
 */
function leftOnNode(name: string, { onNode, hostPciAddress }: KnownVf, wanted: Attachment): Finding | null {
  if (onNode === undefined || onNode.vlan === 0 || wanted.plugin !== 'sriov' || wanted.vf.vlan !== undefined)
    return null;
  return left(
    `${name}: VF ${hostPciAddress} of PF ${onNode.pfPciAddress} is in VLAN ${onNode.vlan} by its SriovNetworkNodeState, asked is none: somebody left that behind; write "vlan": 0 into the attachment, which resets it`,
  );
}

const left = (message: string): Finding => ({ reason: 'VFSettingsLeft', message });
