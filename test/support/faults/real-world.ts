/** The sandbox as it is: pods in namespaces, guests under QEMU, real packets. */
import { KubeClient } from '../../../src/kube/index.ts';
import { createLogger } from '../../../src/log.ts';
import { createProgress } from '../../../src/sandbox/assets/progress.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { DRY_RUN } from '../in-force.ts';
import type { World } from './world.ts';

const VFS = 16;

/** A sandbox with those nodes, and as many VFs as the trials beside each other take. */
export async function openRealWorld(nodes: readonly string[]): Promise<World> {
  const stop = new AbortController();
  // What goes wrong is what is tested: nobody need be told.
  const log = createLogger('test', process.env['TEST_LOG_LEVEL'] ?? 'silent');
  const vfs = { vfnet: VFS, vfvfio: VFS };
  const sandbox = await startSandbox({
    progress: createProgress(),
    log,
    signal: stop.signal,
    nodes: nodes.map((name) => ({ name, vfs })),
  });
  const client = KubeClient.fromKubeConfig({ kubeconfig: sandbox.kubeconfig, log });
  return {
    client,
    agents: sandbox.agents,
    played: false,
    apply: async (...manifests) => {
      const input = manifests.map((each) => JSON.stringify(each)).join('\n---\n');
      await sandbox.kubectl(['apply', '--server-side', '-f', '-'], input);
    },
    dryRun: (manifest) => sandbox.kubectl(DRY_RUN, JSON.stringify(manifest)),
    misbehave: () => undefined,
    remains: () => sandbox.substrate.listLeftovers(),
    close: async () => {
      await client.close();
      await sandbox.stop();
      stop.abort();
    },
  };
}
