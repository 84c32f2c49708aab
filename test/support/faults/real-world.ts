/** The sandbox as it is: pods in namespaces, guests under QEMU, real packets. */
import { KubeClient } from '../../../src/kube/index.ts';
import { createLogger } from '../../../src/log.ts';
import { createProgress } from '../../../src/sandbox/assets/progress.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { inTime } from '../in-time.ts';
import { DRY_RUN } from '../in-force.ts';
import type { World } from './world.ts';

const VFS = 16;
/** Less than what a hook may take. */
const START_MS = 90_000;

/** A sandbox with those nodes, and as many VFs as the trials beside each other take. */
export async function openRealWorld(nodes: readonly string[]): Promise<World> {
  const stop = new AbortController();
  // What goes wrong is what is tested: nobody need be told.
  const log = createLogger('test', process.env['TEST_LOG_LEVEL'] ?? 'silent');
  const vfs = { vfnet: VFS, vfvfio: VFS };
  const given = nodes.map((name) => ({ name, vfs }));
  const start = () => startSandbox({ progress: createProgress(), log, signal: stop.signal, nodes: given });
  const sandbox = await inTime(stop, START_MS, start);
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
