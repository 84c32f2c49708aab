/**
 * Is an attachment right for a type of mode? Facts: Multus hands a VF to an attachment by its resourceName annotation;
 * pods get their data address through capability `ips` and static IPAM; guests set theirs themselves, and Multus asks for
 * no address for them; KubeVirt serves an IPAM address under a bridge binding by DHCP of its own.
 */
import { ANNOTATION_RESOURCE_NAME } from '../../api/labels.ts';
import type { ModeType, TestbedFinding } from '../../api/v1alpha1.ts';
import { formatQuantity } from '../../results/quantity.ts';
import { failure, warning } from './finding.ts';
import { poolFits, poolOfItsOwn } from './poolRules.ts';
import { type Judged, type Rule, say } from './rule.ts';

/** Take a device of a pool; the others make an interface of their own. */
const VF_PLUGINS: ReadonlySet<string> = new Set(['sriov', 'ib-sriov', 'accelerated-bridge']);
/** Make interfaces that reach nobody: no wire is behind them, or what arrives goes to a program that holds the tap. */
const DEAD_ENDS = ['dummy', 'loopback', 'tap', 'macvtap'];
/**
 * A bridge binding gives the pod interface's MAC to the guest, and another one to the interface. These carry no MAC but
 * their own, or none at all, so that such a guest is not heard; KubeVirt's guide names macvlan and ipvlan as such.
 */
const UNBRIDGEABLE = [...DEAD_ENDS, 'macvlan', 'ipvlan', 'ptp'];
/** Make an interface without a device: nothing to pass through. */
const SOFTWARE = [...UNBRIDGEABLE, 'bridge', 'vlan'];

const STATIC = '"capabilities": {"ips": true}, "ipam": {"type": "static"}';

const resourceKnown: Rule = (judged) => {
  const { attachment, annotated, resource, network } = judged;
  const { plugin } = attachment;
  const cure = `annotate NetworkAttachmentDefinition ${network.attachment} with ${ANNOTATION_RESOURCE_NAME}`;
  if (annotated !== undefined && resource !== annotated)
    return say(
      failure,
      'ResourceMismatch',
      judged,
      `endpoints ask for ${resource} and the attachment takes ${annotated}, so no VF reaches it: remove resource in spec.networks, or correct one of them`,
    );
  if (VF_PLUGINS.has(plugin) && annotated === undefined)
    return say(
      failure,
      'ResourceUnknown',
      judged,
      `plugin ${plugin} needs a VF, and Multus hands one over by annotation only: ${cure}`,
    );
  if (judged.type === 'Passthrough' && resource === undefined)
    return say(failure, 'ResourceUnknown', judged, `no device resource is known for it: ${cure}`);
  return null;
};

const addressesReachPods: Rule = (judged) => {
  const { ipam, takesAddresses } = judged.attachment;
  if (judged.type !== 'Native') return null;
  if (ipam === 'static' && takesAddresses) return null;
  const found =
    ipam === null ? 'it has no IPAM' : ipam === 'static' ? 'it lacks the capability ips' : `its IPAM is ${ipam}`;
  return say(
    failure,
    'IPAMMissing',
    judged,
    `${found}, so that the data addresses of the Testbed do not reach pods: use ${STATIC}`,
  );
};

const noAddressForGuests: Rule = (judged) => {
  const { ipam, hasOwnAddresses } = judged.attachment;
  if (judged.type === 'Native' || ipam === null) return null;
  const cure = 'remove ipam from spec.config, guests set their own address';
  if (ipam === 'static' && !hasOwnAddresses)
    return say(
      failure,
      'IPAMUnderVM',
      judged,
      `its IPAM static gets no address for a VM and fails (IPAM plugin returned missing IP config): ${cure}`,
    );
  if (judged.type === 'Virtio')
    return say(
      failure,
      'IPAMUnderVM',
      judged,
      `its IPAM ${ipam} gives addresses that KubeVirt serves by DHCP under a bridge binding, beside the Testbed's: ${cure}`,
    );
  return say(warning, 'IPAMUnderVM', judged, `its IPAM ${ipam} gives addresses that nobody uses: ${cure}`);
};

/** Plugins that cannot do for a type of mode, and why. */
const UNFIT: Readonly<Record<ModeType, { plugins: readonly string[]; why: string }>> = {
  Native: {
    plugins: DEAD_ENDS,
    why: 'makes an interface over which a pod reaches nobody: use plugin sriov on a pool bound to a network driver',
  },
  Virtio: {
    plugins: UNBRIDGEABLE,
    why: 'makes an interface that cannot be bridged to a guest: use plugin bridge without IPAM',
  },
  Passthrough: {
    plugins: SOFTWARE,
    why: 'makes an interface in software and has no VF to pass through: use plugin sriov on a pool bound to vfio-pci',
  },
};

const pluginFits: Rule = (judged) => {
  const { plugin } = judged.attachment;
  const { plugins, why } = UNFIT[judged.type];
  return plugins.includes(plugin) ? say(failure, 'PluginUnfit', judged, `plugin ${plugin} ${why}`) : null;
};

const mtuFits: Rule = (judged) => {
  const { attachment, link, type } = judged;
  // The bridge plugin leaves 1500 where it is told nothing; the others take over the MTU of the device below.
  const mtu = attachment.mtu ?? (attachment.plugin === 'bridge' && link.mtu > 1500 ? 1500 : undefined);
  if (mtu === undefined || mtu === link.mtu || (mtu > link.mtu && type !== 'Native')) return null;
  return say(
    failure,
    'MTUMismatch',
    judged,
    `its MTU is ${mtu} bytes and spec.link.mtu ${link.mtu}: set "mtu": ${link.mtu} in spec.config, or correct spec.link.mtu`,
  );
};

const unlimited: Rule = (judged) => {
  const { attachment, link } = judged;
  if (attachment.rateLimit === undefined || (link.rate !== null && attachment.rateLimit >= link.rate)) return null;
  const limit = formatQuantity(attachment.rateLimit, 'bit/s');
  return say(
    warning,
    'RateLimited',
    judged,
    `spec.config limits the rate to ${limit}: modes on other networks are not limited so; remove max_tx_rate or the bandwidth plugin`,
  );
};

const vlanSaid: Rule = (judged) => {
  const { attachment, type } = judged;
  if (attachment.plugin !== 'sriov' || attachment.vf.vlan !== undefined) return null;
  return say(
    warning,
    'VLANLeftOver',
    { ...judged, type },
    'spec.config names no vlan, so that a VF keeps the one of its last user: write "vlan": 0',
  );
};

const bridgeNamed: Rule = (judged) => {
  const { plugin, bridge } = judged.attachment;
  if (plugin !== 'bridge' || bridge !== undefined) return null;
  return say(
    warning,
    'BridgeUnnamed',
    judged,
    'spec.config names no bridge, so that it is cni0, which often is the pod network: write "bridge" and the name of one on the data NIC',
  );
};

const RULES: readonly Rule[] = [
  resourceKnown,
  pluginFits,
  addressesReachPods,
  noAddressForGuests,
  poolFits,
  poolOfItsOwn,
  mtuFits,
  unlimited,
  vlanSaid,
  bridgeNamed,
];

export const judge = (judged: Judged): TestbedFinding[] => RULES.flatMap((rule) => rule(judged) ?? []);
