/** The cluster in a box: everything put together in the order in which it is needed. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KubeClient } from '../kube/index.ts';
import type { Logger } from '../log.ts';
import { type Agents, type AgentsOptions, startAgents } from './agents/agents.ts';
import { prepareAssets, type SandboxAssets } from './prepare.ts';
import type { Progress } from './assets/progress.ts';
import { runCommand } from './assets/process.ts';
import { type ControlPlane, startControlPlane } from './controlplane/controlplane.ts';
import { freePorts } from './controlplane/ports.ts';
import { createStateDirectory, defaultStateRoot, removeStale } from './controlplane/stale.ts';
import { type OperatorOptions, type OperatorProcess, startOperator } from './operator.ts';
import { openSubstrate } from './substrate/substrate.ts';
import type { Substrate } from './substrate/types.ts';

const ROOT = join(import.meta.dirname, '../..');
export const OPERATOR_NAMESPACE = 'vfbench-system';
export const NODES = ['sandbox-a', 'sandbox-b'];

const OPERATOR_USER = `system:serviceaccount:${OPERATOR_NAMESPACE}:vfbench`;
const OPERATOR_GROUPS = ['system:serviceaccounts', `system:serviceaccounts:${OPERATOR_NAMESPACE}`];
/** Kinds that the cluster has before anything else: ours, and the ones the stand-ins serve. */
const CRDS = [join(ROOT, 'crds'), join(import.meta.dirname, 'agents/crds')];

export interface SandboxOptions {
  progress: Progress;
  log: Logger;
  signal: AbortSignal;
  /** Writes the API server's audit log. Default: no. */
  audit?: boolean;
  /** Default: true; tests of a crash start and kill their own. */
  operator?: boolean;
  /** Bytes; of the wire between the nodes. Default: 1500. */
  mtu?: number;
  /** Default: `NODES`, with as many VFs as the stand-ins give them. */
  nodes?: AgentsOptions['nodes'];
}

export interface Sandbox {
  readonly dir: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly kubectlPath: string;
  readonly accelerator: 'kvm' | 'tcg';
  readonly controlPlane: ControlPlane;
  readonly substrate: Substrate;
  readonly agents: Agents;
  /** The operator that the sandbox started; null where it was told not to. */
  readonly operator: OperatorProcess | null;
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Starts a further operator, or one after a crash. */
  startOperator(name: string, options?: Partial<OperatorOptions>): Promise<OperatorProcess>;
  /** Ends and removes everything. */
  stop(): Promise<void>;
}

/** Sets everything up, with progress, and resolves when the operator is ready. What failed is undone. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { progress, signal } = options;
  const removed = await removeStale(defaultStateRoot());
  if (removed.directories.length > 0) progress.note(`Removed what ${removed.directories.length} killed runs had left`);
  const assets = await prepareAssets({ progress, signal });
  const dir = await createStateDirectory(defaultStateRoot(), 'sandbox');
  const undo: (() => Promise<void>)[] = [() => rm(dir, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    const errors: unknown[] = [];
    for (const step of undo.splice(0).reverse()) await step().catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw new AggregateError(errors, 'Not everything of the sandbox could be removed');
  };
  try {
    return await assemble(options, { assets, dir, undo, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Parts {
  assets: SandboxAssets;
  dir: string;
  undo: (() => Promise<void>)[];
  stop: () => Promise<void>;
}

async function assemble(options: SandboxOptions, { assets, dir, undo, stop }: Parts): Promise<Sandbox> {
  const { progress, log, signal } = options;
  const kubectlWith = (kubeconfig: string, args: readonly string[], input?: string): Promise<string> =>
    runCommand([assets.binaries.kubectl, '--kubeconfig', kubeconfig, ...args], {
      env: { PATH: process.env['PATH'], HOME: dir },
      ...(input === undefined ? {} : { input }),
    }).then((result) => result.stdout);

  const controlPlane = await startControlPlane({
    dir: join(dir, 'control'),
    stateDirectory: dir,
    binaries: assets.binaries,
    progress,
    signal,
    audit: options.audit ?? false,
    prepare: async (kubeconfig) => {
      const files = CRDS.flatMap((path) => ['-f', path]);
      await kubectlWith(kubeconfig, ['create', ...files]);
      await kubectlWith(kubeconfig, ['wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all']);
    },
  });
  undo.push(() => controlPlane.stop());
  const { kubeconfig } = controlPlane;
  const kubectl = (args: readonly string[], input?: string): Promise<string> => kubectlWith(kubeconfig, args, input);

  const nodes = options.nodes ?? NODES.map((name) => ({ name }));
  const names = nodes.map(({ name }) => name);
  const nodesStep = progress.step('Nodes: namespaces, bridges, kubelet and KubeVirt stand-ins');
  const substrate = await openSubstrate({
    dir: join(dir, 'net'),
    tools: assets.tools,
    guest: assets.guest,
    runnerBundle: assets.runnerBundle,
    nodes: names,
    mtu: options.mtu ?? 1500,
    log: log.child({ part: 'substrate' }),
    signal,
  });
  undo.push(() => substrate.close());
  const client = KubeClient.fromKubeConfig({
    kubeconfig: await controlPlane.kubeconfigFor('vfbench-sandbox-agents', ['system:masters']),
    log,
  });
  undo.push(() => client.close());
  const agents = await startAgents({
    client,
    substrate,
    nodes,
    log: log.child({ part: 'agents' }),
    signal,
  });
  undo.push(() => agents.stop());
  nodesStep.done(
    `${names.join(', ')}; VMs run by ${substrate.accelerator === 'kvm' ? 'KVM' : 'emulation (no usable /dev/kvm)'}`,
  );

  await kubectl(['apply', '-f', join(ROOT, 'deploy/base/rbac.yaml')]);
  const [collectorPort = 0] = await freePorts(1);
  await substrate.openPortal(collectorPort, { host: '127.0.0.1', port: collectorPort });
  const operatorKubeconfig = await controlPlane.kubeconfigFor(OPERATOR_USER, OPERATOR_GROUPS);
  const startOne = async (name: string, more: Partial<OperatorOptions> = {}): Promise<OperatorProcess> => {
    const operator = await startOperator({
      dir,
      name,
      kubeconfig: operatorKubeconfig,
      namespace: OPERATOR_NAMESPACE,
      collector: { port: collectorPort, url: `https://${substrate.gateway}:${collectorPort}` },
      signal,
      ...more,
    });
    undo.push(() => operator.stop());
    return operator;
  };
  const operatorStep = progress.step('Operator');
  const operator = (options.operator ?? true) ? await startOne('operator-0', { page: 'AnonymousLoopback' }) : null;
  operatorStep.done();
  return {
    dir,
    kubeconfig,
    kubectlPath: assets.binaries.kubectl,
    accelerator: substrate.accelerator,
    controlPlane,
    substrate,
    agents,
    operator,
    kubectl,
    startOperator: startOne,
    stop,
  };
}
