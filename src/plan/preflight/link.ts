/** spec.link against what the SR-IOV network operator, where there is one, reports of the PFs behind the networks. */
import type { TestbedFinding } from '../../api/v1alpha1.ts';
import { formatQuantity } from '../../results/quantity.ts';
import { ROLES } from '../candidates.ts';
import { resourceOf } from '../endpoints.ts';
import { parseQuantity } from '../quantity.ts';
import { clip, failure, warning } from './finding.ts';
import { usable } from './nodes.ts';
import type { TestbedObserved } from './observed.ts';
import { type Pool, poolsOf } from './pools.ts';

interface Wire {
  rate: number;
  mtu: number;
  written: string;
}

function ofPool(pool: Pool, wire: Wire, { network, node }: { network: string; node: string }): TestbedFinding[] {
  const pf = `network ${network}: PF ${clip(pool.pf, 64)} on ${node}`;
  const found: TestbedFinding[] = [];
  if (pool.rate === 0) found.push(failure('LinkDown', `${pf} has no link: check cable and switch port`, { network }));
  if (pool.rate !== undefined && pool.rate > 0 && pool.rate !== wire.rate) {
    const text = `${pf} runs at ${formatQuantity(pool.rate, 'bit/s')}, spec.link.bitsPerSecond is ${wire.written}`;
    found.push(
      pool.rate < wire.rate
        ? failure('LinkRateMismatch', `${text}: results above the wire would pass as valid; correct it`, { network })
        : warning('LinkRateMismatch', `${text}: correct it unless something on the way is slower`, { network }),
    );
  }
  if (pool.mtu !== undefined && pool.mtu < wire.mtu)
    found.push(
      failure(
        'MTUMismatch',
        `${pf} has an MTU of ${pool.mtu} bytes, spec.link.mtu is ${wire.mtu}: raise it in the SriovNetworkNodePolicy, or lower spec.link.mtu`,
        { network },
      ),
    );
  return found;
}

export function linkFindings(observed: TestbedObserved): TestbedFinding[] {
  const { testbed, sriovStates, attachments } = observed;
  const nodes = [...new Set(ROLES.flatMap((role) => usable(observed, role).map(({ metadata }) => metadata.name)))];
  const { bitsPerSecond, mtu } = testbed.spec.link;
  const wire = { rate: parseQuantity(bitsPerSecond) ?? 0, mtu, written: String(bitsPerSecond) };
  const ofNetworks = testbed.spec.networks.flatMap(({ name }) => {
    const resource = resourceOf(testbed, name, attachments ?? new Map());
    if (resource === undefined) return [];
    return nodes.flatMap((node) =>
      poolsOf(sriovStates.get(node), resource).flatMap((pool) => ofPool(pool, wire, { network: name, node })),
    );
  });
  return [...ofNetworks, ...nodes.flatMap((node) => syncOf(observed, node))];
}

/** While the operator changes a node, VFs come and go, and the node may be drained. */
function syncOf({ sriovStates }: TestbedObserved, node: string): TestbedFinding[] {
  const { syncStatus, lastSyncError } = sriovStates.get(node)?.status ?? {};
  if (syncStatus === undefined || syncStatus === '' || syncStatus === 'Succeeded') return [];
  const error = lastSyncError === undefined || lastSyncError === '' ? '' : ` (${clip(lastSyncError)})`;
  const cure = syncStatus === 'Failed' ? 'correct its SriovNetworkNodePolicies' : 'wait until it has Succeeded';
  return [
    warning(
      'SriovSync',
      `SriovNetworkNodeState ${node} is ${clip(syncStatus, 32)}${error}, its VFs may change: ${cure}`,
    ),
  ];
}
