/** Are the VFs of a network bound to what a type of mode needs, on the nodes where its endpoints may be placed? */
import type { DeviceKind } from '../../api/v1alpha1.ts';
import { failure, some, warning } from './finding.ts';
import { type Judged, type Rule, say } from './rule.ts';
import { deviceFor, type NodePool } from './pools.ts';

/** How VFs are bound where that is not as a type of mode needs it, and the cure. */
const UNFIT: Readonly<Record<DeviceKind, string>> = {
  Netdevice: 'are bound to a network driver: use a pool with deviceType vfio-pci',
  VFIO: 'are bound to vfio-pci and give no interface: use a pool with deviceType netdevice',
  Mixed:
    'are bound some to vfio-pci and some to a network driver, and which an endpoint gets is left to chance: give each deviceType a resourceName of its own in the SriovNetworkNodePolicies',
};

/** Each node is judged by itself: pools of one name may differ. A role without any node that fits has none to run on. */
export const poolFits: Rule = (judged) => {
  const { type, resource = '', pools, roles, isForAllRoles } = judged;
  const wanted = deviceFor(type);
  const isUnfit = ({ device }: NodePool): boolean => device !== undefined && device !== wanted;
  const concerned = pools.filter(({ role }) => roles.includes(role));
  const unfit = concerned.filter(isUnfit);
  if (unfit.length === 0) return maybeVfio(judged);
  const text = `VFs of ${resource}${textOf(unfit, pools)}`;
  const lost = roles.filter((own) => {
    const candidates = pools.filter(({ role }) => role === own);
    return candidates.length > 0 && candidates.every(isUnfit);
  });
  if (isForAllRoles ? lost.length > 0 : lost.length === roles.length) return say(failure, 'PoolUnfit', judged, text);
  return say(warning, 'PoolUnfit', judged, `${text} there, or leave ${nodesOf(unfit)} out of spec.nodes`);
};

const nodesOf = (pools: readonly NodePool[]): string => some([...new Set(pools.map(({ node }) => node))]);

/** How the VFs are bound, with the nodes where they are not so on all. */
function textOf(unfit: readonly NodePool[], pools: readonly NodePool[]): string {
  const kinds = Map.groupBy(unfit, ({ device = 'Mixed' }) => device);
  const texts = [...kinds].map(([device, own]) => {
    const where = pools.every((pool) => pool.device === device) ? '' : ` on ${nodesOf(own)}`;
    return `${where} ${UNFIT[device]}`;
  });
  return texts.join('; those');
}

/** By its name, where nobody tells. */
function maybeVfio(judged: Judged): ReturnType<Rule> {
  const { type, resource = '', pools } = judged;
  const isKnown = pools.some(({ device }) => device !== undefined);
  if (isKnown || type === 'Passthrough' || !/vfio/i.test(resource)) return null;
  return say(
    warning,
    'PoolUnfit',
    judged,
    `${resource} looks like a pool bound to vfio-pci, which gives no interface: use a netdevice pool if it is`,
  );
}

/** Of a network that passes VFs through, where nobody tells what they are bound to. */
export const poolOfItsOwn: Rule = (judged) => {
  const { sharedWith, resource, pools } = judged;
  if (sharedWith === undefined || pools.some(({ device }) => device === 'VFIO' || device === 'Mixed')) return null;
  return say(
    failure,
    'PoolShared',
    judged,
    `it takes VFs of ${resource}, as network ${sharedWith} does for pods, and a VF is bound to vfio-pci or to a network driver: give it a vfio-pci pool of its own`,
  );
};
