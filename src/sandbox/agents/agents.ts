/**
 * The sandbox's stand-ins for what one machine lacks: a kubelet with Multus, CNI and device plugin per node, and
 * KubeVirt. All of them live in this process, and everything they start ends with it.
 */
import type { KubeClient } from '../../kube/client.ts';
import type { KubeObject, ResourceType } from '../../kube/object.ts';
import { Reflector } from '../../kube/reflector.ts';
import { NODES, PODS } from '../../kube/resources.ts';
import { Store } from '../../kube/store.ts';
import type { Logger } from '../../log.ts';
import type { Substrate } from '../substrate/types.ts';
import type { AgentContext } from './context.ts';
import { Faults } from './faults.ts';
import { IMAGES, type ImageRules } from './images.ts';
import { installCrds, installKubeVirt } from './install.ts';
import { ATTACHMENTS, VMIS } from '../../api/kinds.ts';
import { Launchers } from './launcher-process.ts';
import { CAPACITY, type NodeCapacity } from './node.ts';
import { NodeAgent, type NodeVfs } from './node-agent.ts';
import type { NetworkAttachment, Node, Pod } from './objects.ts';
import type { Vmi } from './vmi.ts';
import { Output } from './output.ts';
import { OwnWrites } from './own-writes.ts';
import { VmAgent } from './vm-agent.ts';
import { startWebhook, type Webhook } from './webhook.ts';

export interface AgentsOptions {
  /** Of an administrator. */
  client: KubeClient;
  substrate: Substrate;
  nodes: { name: string; vfs?: Partial<NodeVfs>; capacity?: Partial<NodeCapacity> }[];
  /** Default: `vfbench.io/runner*` and `vfbench.io/guest*`. */
  images?: ImageRules;
  /** Bytes; of attachments whose configuration names none. Default 1500. */
  mtu?: number;
  /** How often each node's Lease is renewed; default 30 s. Quieter needs a patient kube-controller-manager. */
  leaseMs?: number;
  /** How often each node's `kubevirt.io/heartbeat` is renewed; default 2 min. */
  heartbeatMs?: number;
  log: Logger;
  /** Aborting it stops the agents. */
  signal?: AbortSignal;
}

export interface Agents {
  /** Faults to switch on for objects that are yet to come. */
  readonly faults: Faults;
  /** Changes how many VFs a node has. */
  setVfs(node: string, vfs: Partial<NodeVfs>): Promise<void>;
  /** The last lines that a pod's runner or a VMI's guest printed. */
  output(namespace: string, name: string): string[];
  /** Bytes that a pod's data NICs have sent and received; of a VMI's guest: its launcher pod's. 0: not there yet. */
  carried(namespace: string, pod: string): Promise<number>;
  /** Ends all that was started, and takes back the webhooks. Nodes, pods and VMIs stay as objects. Idempotent. */
  stop(): Promise<void>;
}

const DEFAULT_VFS: NodeVfs = { vfnet: 4, vfvfio: 4 };

/** Starts the agents; resolves when all nodes are Ready and VMIs can be created. On failure nothing is left running. */
export async function startAgents(options: AgentsOptions): Promise<Agents> {
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const running: Promise<void>[] = [];
  const context = createContext(options, signal);
  let webhook: Webhook | undefined;
  let stopped: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    controller.abort(new Error('The agents are stopped'));
    await Promise.allSettled(running);
    await webhook?.close();
  };
  const stop = (): Promise<void> => (stopped ??= end());
  try {
    await installCrds(options.client, signal);
    await installKubeVirt(options.client, signal);
    await startCaches(context, running);
    const writes = new OwnWrites();
    webhook = await startWebhook({ client: options.client, log: options.log, writes, faults: context.faults });
    const nodes = createNodes(context, options);
    await Promise.all(nodes.map((node) => node.register()));
    running.push(new VmAgent(context, writes).run(), ...nodes.map((node) => node.run()));
    signal.addEventListener('abort', () => void stop(), { once: true });
    return describeAgents(context, nodes, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

function createContext(options: AgentsOptions, signal: AbortSignal): AgentContext {
  const { client, substrate, log, images = IMAGES, mtu = 1500 } = options;
  return {
    client,
    substrate,
    log,
    signal,
    images,
    mtu,
    faults: new Faults(),
    output: new Output(),
    launchers: new Launchers(),
    pods: new Store<Pod>({ indexes: { node: nodeOf, vmi: ownerOf } }),
    vmis: new Store<Vmi>(),
    nodes: new Store<Node>(),
    attachments: new Store<NetworkAttachment>(),
  };
}

const nodeOf = (pod: Pod): string[] => (pod.spec.nodeName === undefined ? [] : [pod.spec.nodeName]);

function ownerOf(pod: Pod): string[] {
  return (pod.metadata.ownerReferences ?? [])
    .filter((owner) => owner.kind === 'VirtualMachineInstance')
    .map((owner) => owner.uid);
}

async function startCaches(context: AgentContext, running: Promise<void>[]): Promise<void> {
  const { client, log, signal } = context;
  const reflect = <T extends KubeObject>(type: ResourceType, store: Store<T>): Promise<void> => {
    const reflector = new Reflector<T>({ client, type, store, log });
    running.push(reflector.run(signal));
    return reflector.synced();
  };
  await Promise.all([
    reflect(PODS, context.pods),
    reflect(VMIS, context.vmis),
    reflect(NODES, context.nodes),
    reflect(ATTACHMENTS, context.attachments),
  ]);
}

function createNodes(context: AgentContext, options: AgentsOptions): NodeAgent[] {
  const { leaseMs = 30_000, heartbeatMs = 120_000 } = options;
  return options.nodes.map(
    ({ name, vfs, capacity }, index) =>
      new NodeAgent(context, {
        name,
        index,
        leaseMs,
        heartbeatMs,
        vfs: { ...DEFAULT_VFS, ...vfs },
        capacity: { ...CAPACITY, ...capacity },
      }),
  );
}

function describeAgents(context: AgentContext, nodes: NodeAgent[], stop: () => Promise<void>): Agents {
  return {
    faults: context.faults,
    setVfs: async (name, vfs) => {
      const node = nodes.find((each) => each.name === name);
      if (node === undefined) throw new Error(`no node ${name}`);
      await node.setVfs(vfs);
    },
    carried: async (namespace, name) => {
      const uid = context.pods.get(`${namespace}/${name}`)?.metadata.uid ?? '';
      const bytes = await Promise.all(nodes.map((node) => node.carried(uid)));
      return Math.max(...bytes);
    },
    output: (namespace, name) => context.output.of(`${namespace}/${name}`),
    stop,
  };
}
