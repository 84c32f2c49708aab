/** VF settings that others left behind: a rate limit or a VLAN that the attachment does not ask for spoils what is measured. */
import type { VfSettings } from '../api/protocol.ts';
import type { Finding, NetworkAttachment } from './observed.ts';

interface Asked {
  vlan: number;
  maxTxMbps: number;
}

/** What sriov-cni is told to set; null where the configuration cannot be read from here. */
function asked(attachment: NetworkAttachment): Asked | null {
  try {
    const config = JSON.parse(attachment.spec?.config ?? '') as Record<string, unknown>;
    const plugins: unknown = config['plugins'];
    const main = (Array.isArray(plugins) ? plugins[0] : config) as Record<string, unknown> | undefined;
    const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
    return { vlan: number(main?.['vlan']), maxTxMbps: number(main?.['max_tx_rate']) };
  } catch {
    return null;
  }
}

/** `VFSettingsLeft`, or null where all is as asked, or nothing is known. `name`: the endpoint's. */
export function leftSettings(
  name: string,
  vf: VfSettings | undefined,
  attachment: NetworkAttachment | undefined,
): Finding | null {
  const wanted = attachment === undefined ? null : asked(attachment);
  if (vf === undefined || wanted === null) return null;
  const wrong = [
    ...(vf.maxTxMbps === wanted.maxTxMbps ? [] : [`sends at most ${vf.maxTxMbps} Mbit/s, asked is ${rate(wanted)}`]),
    ...(vf.vlan === wanted.vlan ? [] : [`is in VLAN ${vf.vlan}, asked is ${wanted.vlan}`]),
  ];
  if (wrong.length === 0) return null;
  return {
    reason: 'VFSettingsLeft',
    message: `${name}: VF ${vf.index} of its PF ${wrong.join(' and ')}: somebody left that behind; reset it on the node (ip link set PF vf ${vf.index} max_tx_rate 0 vlan 0), or write it into the attachment`,
  };
}

const rate = ({ maxTxMbps }: Asked): string => (maxTxMbps === 0 ? 'no limit' : `${maxTxMbps}`);
