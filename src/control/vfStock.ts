/** VFs of the Testbeds' nodes as the allocator counts them. */
import type { Trial } from '../api/v1alpha1.ts';
import { footprints } from '../plan/footprint.ts';
import { allocatable, ledger } from '../plan/inventory.ts';
import type { World } from './world.ts';

export interface VfStock {
  node: string;
  resource: string;
  allocatable: number;
  /** By Trials, those included that were deleted and still hold something. */
  granted: number;
  /** May be less than none where pods of others took what a Trial was granted. */
  free: number;
}

/** Of each node and resource that a Testbed's status names, by name. */
export function vfStock(world: World): VfStock[] {
  const trials: Trial[] = [...world.trials.byIndex('active', ''), ...world.departed.list()];
  const holders = trials.flatMap(({ metadata: { namespace, name, uid = '' }, status }) =>
    status?.grant === undefined ? [] : [{ trial: `${namespace}/${name}`, uid, grant: status.grant }],
  );
  const use = ledger(footprints(world.nodePods.list(), world.pods.list(), world.vmis.list()), holders);
  const endpoints = Map.groupBy(
    holders.flatMap(({ grant }) => grant.endpoints),
    ({ node, resource = '' }) => `${node} ${resource}`,
  );
  return placesOf(world).map(({ node, resource }) => {
    const all = allocatable(world.nodes.get(node), resource);
    return {
      node,
      resource,
      allocatable: all,
      granted: endpoints.get(`${node} ${resource}`)?.length ?? 0,
      free: all - use.use(node, resource).count,
    };
  });
}

function placesOf(world: World): { node: string; resource: string }[] {
  const places = new Map<string, { node: string; resource: string }>();
  for (const { status } of world.testbeds.list())
    for (const { name: node, resources } of status?.nodes ?? [])
      for (const { name: resource } of resources) places.set(`${node} ${resource}`, { node, resource });
  return [...places.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place);
}
