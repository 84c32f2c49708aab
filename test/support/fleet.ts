/** A cluster without machines for tests of the operator: fake ready nodes, attachments, a Testbed, stand-in endpoints. */
import { createLogger } from '../../src/log.ts';
import { KubeClient, type KubeObject, NODES } from '../../src/kube/index.ts';
import { freePorts } from '../../src/sandbox/controlplane/ports.ts';
import { type OperatorOptions, type OperatorProcess, startOperator } from '../../src/sandbox/operator.ts';
import type { TestCluster, TestClusterOptions } from './start-cluster.ts';
import { type Behaviour, type Script, StandIn } from './standin.ts';

export const OPERATOR_NAMESPACE = 'vfbench-system';
const RBAC = new URL('../../deploy/base/rbac.yaml', import.meta.url).pathname;
/** Whom the operator is to the API server. */
export const USER = `system:serviceaccount:${OPERATOR_NAMESPACE}:vfbench`;

export interface Fleet {
  client: KubeClient;
  standIn: StandIn;
  /** Makes a ready node with so many devices of each resource. */
  node(name: string, devices?: number): Promise<void>;
  /** Makes it Ready or not, and sets what it has. */
  setNode(name: string, state: { ready?: boolean; devices?: number }): Promise<void>;
  /** Starts an operator; several share one collector port, which the leader listens on. */
  operator(
    name: string,
    env?: Partial<Pick<OperatorOptions, 'leaderElection' | 'logLevel' | 'collector' | 'page' | 'program' | 'settings'>>,
  ): Promise<OperatorProcess>;
  /** Kills those that still run. */
  killOperators(): Promise<void>;
  stop(): Promise<void>;
}

const KINDS = new URL('../../src/sandbox/agents/crds', import.meta.url).pathname;
const OURS = new URL('../../crds', import.meta.url).pathname;

/** The cluster that a fleet wants: nobody takes its nodes for lost because they have no kubelet. */
export const FLEET_CLUSTER: TestClusterOptions = {
  crds: [OURS, KINDS],
  components: ['etcd', 'kube-apiserver', 'kube-controller-manager'],
  extraArgs: { 'kube-controller-manager': ['--node-monitor-grace-period=1h'] },
};

/** A ready node that is none. `devices`: of each of the two resources. */
async function fakeNode(client: KubeClient, name: string, devices = 5000): Promise<void> {
  const labels = {
    'kubernetes.io/hostname': name,
    'kubevirt.io/schedulable': 'true',
    'vfbench.io/environment': 'emulated',
  };
  await client.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } } as KubeObject);
  await setNode(client, name, { devices });
}

async function setNode(client: KubeClient, name: string, state: { ready?: boolean; devices?: number }): Promise<void> {
  const at = new Date().toISOString();
  const { ready = true, devices = 5000 } = state;
  const count = String(devices);
  const has = { cpu: '64', memory: '64Gi', pods: '5000', 'example.com/vfnet': count, 'example.com/vfvfio': count };
  const condition = { type: 'Ready', status: ready ? 'True' : 'False', reason: 'Test', message: '' };
  const conditions = [{ ...condition, lastTransitionTime: at, lastHeartbeatTime: at }];
  await client.patchStatus(NODES, { name }, { capacity: has, allocatable: has, conditions });
}

export interface FleetOptions {
  behaviour?: Behaviour;
  script?: Script;
  lingerMs?: () => number;
  /** Manifests of the operator's account, roles and bindings; default: those of deploy/base. */
  rights?: readonly object[];
}

/** Two nodes, RBAC as deployed, stand-in endpoints that answer as told: by default as if all were well. */
export async function startFleet(cluster: TestCluster, { rights, ...play }: FleetOptions = {}): Promise<Fleet> {
  const stop = new AbortController();
  const log = createLogger('fleet', process.env['TEST_LOG_LEVEL'] ?? 'silent');
  const client = KubeClient.fromKubeConfig({ kubeconfig: cluster.kubeconfig, log });
  if (rights === undefined) await cluster.kubectl(['apply', '-f', RBAC]);
  else if (rights.length > 0) await cluster.apply(...rights);
  for (const name of ['node-a', 'node-b']) await fakeNode(client, name);
  const [port = 0] = await freePorts(1);
  const kubeconfig = await cluster.controlPlane.kubeconfigFor(USER, [
    'system:serviceaccounts',
    `system:serviceaccounts:${OPERATOR_NAMESPACE}`,
  ]);
  const standIn = new StandIn({ client, log, signal: stop.signal, ...play });
  await standIn.start();
  const operators: OperatorProcess[] = [];
  const killOperators = async (): Promise<void> => {
    await Promise.all(operators.splice(0).map((operator) => operator.kill('SIGKILL')));
  };
  return {
    client,
    standIn,
    killOperators,
    node: (name, devices) => fakeNode(client, name, devices),
    setNode: (name, state) => setNode(client, name, state),
    operator: async (name, env = {}) => {
      const url = `https://127.0.0.1:${port}`;
      const operator = await startOperator({
        dir: cluster.dir,
        name,
        kubeconfig,
        namespace: OPERATOR_NAMESPACE,
        collector: { port, url },
        ...env,
      });
      operators.push(operator);
      return operator;
    },
    stop: async () => {
      stop.abort();
      await killOperators();
      await client.close();
    },
  };
}

/** Manifests of a namespace with a Testbed `lab` and its attachments. */
export function labManifests(namespace: string, spec: object = {}): object[] {
  const attachment = (name: string, config: object, resource?: string): object => ({
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata: {
      name,
      namespace,
      ...(resource === undefined ? {} : { annotations: { 'k8s.v1.cni.cncf.io/resourceName': resource } }),
    },
    spec: { config: JSON.stringify({ cniVersion: '1.0.0', name, ...config }) },
  });
  const given = { capabilities: { ips: true }, ipam: { type: 'static' } };
  return [
    attachment('vf-net', { type: 'sriov', vlan: 0, ...given }, 'example.com/vfnet'),
    attachment('br-data', { type: 'bridge', bridge: 'br-data' }),
    attachment('vf-vfio', { type: 'sriov', vlan: 0 }, 'example.com/vfvfio'),
    {
      apiVersion: 'vfbench.io/v1alpha1',
      kind: 'Testbed',
      metadata: { name: 'lab', namespace },
      spec: {
        nodes: { server: { names: ['node-a'] }, client: { names: ['node-b'] } },
        link: { bitsPerSecond: '10G', mtu: 1500 },
        subnet: '10.99.0.0/16',
        networks: [
          { name: 'native', attachment: 'vf-net' },
          { name: 'virtio', attachment: 'br-data' },
          { name: 'passthrough', attachment: 'vf-vfio' },
        ],
        pod: { image: 'vfbench.io/runner:test' },
        vm: { image: 'vfbench.io/guest:test', cores: 1, memory: '256Mi' },
        ...spec,
      },
    },
  ];
}

export function experimentManifest(namespace: string, name: string, spec: object = {}): object {
  return {
    apiVersion: 'vfbench.io/v1alpha1',
    kind: 'Experiment',
    metadata: { name, namespace },
    spec: {
      testbed: 'lab',
      modes: [
        { name: 'native', type: 'Native' },
        { name: 'virtio', type: 'Virtio' },
        { name: 'passthrough', type: 'Passthrough' },
      ],
      baseline: 'native',
      tests: [
        { name: 'latency', type: 'RequestResponse', protocol: 'UDP', messageBytes: [64] },
        { name: 'bandwidth', type: 'Stream', protocol: 'TCP' },
      ],
      blocks: { min: 6, max: 6 },
      durationSeconds: 1,
      seed: 7,
      ...spec,
    },
  };
}
