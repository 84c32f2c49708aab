/** Keeps a Testbed's conditions true to the cluster: by watches, but for the operator's own rights. */
import type { KubeClient, ReconcileResult } from '../kube/index.ts';
import type { Testbed } from '../api/v1alpha1.ts';
import { isTrue } from '../api/conditions.ts';
import { candidates } from '../plan/candidates.ts';
import type { TestbedObserved } from '../plan/preflight/observed.ts';
import type { RulesReview } from '../plan/preflight/permissions.ts';
import { planTestbed } from '../plan/preflight/plan.ts';
import type { Context } from './context.ts';
import { execute } from './execute.ts';
import { TESTBEDS } from '../api/kinds.ts';
import { PermissionReviews } from './permissionReviews.ts';
import type { World } from './world.ts';

function observe({ world, collector }: Context, testbed: Testbed, rights: RulesReview): TestbedObserved {
  const { namespace, name } = testbed.metadata;
  return {
    testbed,
    rights,
    kept: world.kept(),
    collector,
    nodes: world.nodesByName(),
    attachments: world.attachmentsByKey(),
    kubevirt: world.kubevirt ? world.kubevirts.list() : null,
    pods: world.nodePods.list(),
    sriovStates: new Map(world.sriovStates.list().map((state) => [state.metadata.name, state])),
    experiments: world.experiments
      .byIndex('testbed', `${namespace}/${name}`)
      .filter(({ status }) => !isTrue(status?.conditions, 'Finished')),
  };
}

async function watchCandidates(world: World, { spec }: Testbed): Promise<void> {
  const nodes = world.nodesByName();
  const found = [...candidates(spec.nodes.server, nodes), ...candidates(spec.nodes.client, nodes)];
  await Promise.all(found.map(({ metadata }) => world.nodePods.watch(metadata.name)));
}

export function testbedReconciler(context: Context, client: KubeClient): (key: string) => Promise<ReconcileResult> {
  const { world, executor, now } = context;
  const reviews = new PermissionReviews(client, now);
  return async (key) => {
    const testbed = world.testbeds.get(key);
    if (testbed === undefined) return reviews.forget(key);
    const { namespace = '', uid, generation } = testbed.metadata;
    const cause = `${uid}/${generation}/${world.presences()}`;
    const [rights] = await Promise.all([reviews.of(key, namespace, cause), watchCandidates(world, testbed)]);
    const current = world.testbeds.get(key);
    if (current === undefined) return reviews.forget(key);
    const observed = observe(context, current, rights);
    await execute(executor, { type: TESTBEDS, object: current, store: world.testbeds }, planTestbed(observed, now()));
    const { findings = [] } = world.testbeds.get(key)?.status ?? {};
    const isLacking = rights.error !== undefined || findings.some(({ reason }) => reason === 'PermissionsMissing');
    return { requeueAfterMs: reviews.dueIn(key, isLacking) };
  };
}
