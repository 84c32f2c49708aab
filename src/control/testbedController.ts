/** Keeps a Testbed's Ready condition true to the cluster. */
import type { ReconcileResult } from '../kube/index.ts';
import { planTestbed } from '../plan/testbed.ts';
import { candidates } from '../plan/admit.ts';
import type { Context } from './context.ts';
import { execute } from './execute.ts';
import { TESTBEDS } from './kinds.ts';

export function testbedReconciler({ world, executor, now }: Context): (key: string) => Promise<ReconcileResult> {
  return async (key) => {
    const testbed = world.testbeds.get(key);
    if (testbed === undefined) return;
    const nodes = world.nodesByName();
    const { server, client } = testbed.spec.nodes;
    const names = new Set(
      [...candidates(server, nodes), ...candidates(client, nodes)].map((node) => node.metadata.name),
    );
    await Promise.all([...names].map((name) => world.watchNode(name)));
    const observed = {
      testbed,
      nodes,
      attachments: world.attachmentsByKey(),
      kubevirt: world.kubevirt,
      pods: world.podsOnNodes(),
    };
    await execute(executor, { type: TESTBEDS, object: testbed, store: world.testbeds }, planTestbed(observed, now()));
  };
}
