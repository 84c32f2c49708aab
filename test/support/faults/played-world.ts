/**
 * The sandbox without its packets: a real API server, scheduler and controller manager, the stand-ins for kubelet,
 * Multus, device plugin and KubeVirt, the operator as a process, and endpoints that are played.
 */
import { join } from 'node:path';
import { KubeClient } from '../../../src/kube/index.ts';
import { createLogger } from '../../../src/log.ts';
import { startAgents } from '../../../src/sandbox/agents/agents.ts';
import { FakeSubstrate, type Started } from '../../../src/sandbox/agents/fake-substrate.ts';
import { freePorts } from '../../../src/sandbox/controlplane/ports.ts';
import { type OperatorProcess, startOperator } from '../../../src/sandbox/operator.ts';
import { OPERATOR_NAMESPACE } from '../fleet.ts';
import { DRY_RUN } from '../in-force.ts';
import type { TestCluster, TestClusterOptions } from '../start-cluster.ts';
import { configOf, Players } from './player.ts';
import type { Misdeeds, World } from './world.ts';

const ROOT = join(import.meta.dirname, '../../..');
const VFS = 120;
const LEVEL = process.env['TEST_LOG_LEVEL'] ?? 'silent';

export const PLAYED_CLUSTER: TestClusterOptions = {
  crds: [join(ROOT, 'crds'), join(ROOT, 'src/sandbox/agents/crds')],
  components: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'],
  extraArgs: { 'kube-controller-manager': ['--node-monitor-grace-period=1h'] },
};

/** What failed is undone. */
export async function openPlayedWorld(cluster: TestCluster, nodes: readonly string[]): Promise<World> {
  const stop = new AbortController();
  const client = KubeClient.fromKubeConfig({ kubeconfig: cluster.kubeconfig, log: createLogger('parity', LEVEL) });
  const undo: (() => Promise<void>)[] = [() => client.close()];
  const close = async (): Promise<void> => {
    stop.abort();
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const misdeeds = new Map<string, Misdeeds>();
    const players = new Players(client, stop.signal);
    const substrate = new FakeSubstrate({ onStart: (started) => play(started) });
    const play = (started: Started): void => {
      // A runner finds by its configuration which Experiment it belongs to.
      const { trial, endpoint } = configOf(started);
      const misdeed = misdeeds.get(trial.name.replace(/-b0-[^/]*$/, ''))?.[endpoint];
      const mac = substrate.pods.get(started.id)?.attached.at(-1)?.mac;
      players.play(started, misdeed, started.kind === 'Vm' ? undefined : mac);
    };
    const vfs = { vfnet: VFS, vfvfio: VFS };
    const log = createLogger('agents', LEVEL);
    const agents = await startAgents({ client, substrate, log, nodes: nodes.map((name) => ({ name, vfs })) });
    undo.push(() => agents.stop());
    const operator = await operatorOf(cluster);
    undo.push(() => operator.stop());
    return {
      client,
      agents,
      played: true,
      apply: (...manifests) => cluster.apply(...manifests),
      dryRun: (manifest) => cluster.kubectl(DRY_RUN, { input: JSON.stringify(manifest) }),
      misbehave: (experiment, each) => void misdeeds.set(experiment, each),
      remains: () => substrate.listLeftovers(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function operatorOf(cluster: TestCluster): Promise<OperatorProcess> {
  await cluster.kubectl(['apply', '-f', join(ROOT, 'deploy/base/rbac.yaml')]);
  const user = `system:serviceaccount:${OPERATOR_NAMESPACE}:vfbench`;
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${OPERATOR_NAMESPACE}`];
  const [port = 0] = await freePorts(1);
  return startOperator({
    dir: cluster.dir,
    name: 'parity',
    kubeconfig: await cluster.controlPlane.kubeconfigFor(user, groups),
    namespace: OPERATOR_NAMESPACE,
    collector: { port, url: `https://127.0.0.1:${port}` },
    leaderElection: false,
  });
}
