/** For tests of the sandbox's agents: the objects that a trial would create, in small. */
import type { KubeObject } from '../../src/kube/object.ts';
import type { Pod } from '../../src/sandbox/agents/objects.ts';
import type { Vmi } from '../../src/sandbox/agents/vmi.ts';

export interface PodOptions {
  networks?: object[];
  /** How many netdevice VFs it asks for. */
  vfs?: string;
  image?: string;
  node?: string;
}

export function podOf(namespace: string, name: string, options: PodOptions = {}): Pod {
  const { networks = [], vfs, image = 'vfbench.io/runner:1', node } = options;
  const resources = vfs === undefined ? {} : { 'sandbox.vfbench.io/vfnet': vfs };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      annotations: { 'k8s.v1.cni.cncf.io/networks': JSON.stringify(networks) },
    },
    spec: {
      ...(node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node } }),
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 2,
      automountServiceAccountToken: false,
      containers: [
        {
          name: 'runner',
          image,
          env: [{ name: 'HELLO', value: 'world' }],
          resources: { requests: { cpu: '100m', ...resources }, limits: { cpu: '1', ...resources } },
          volumeMounts: [{ name: 'endpoint', mountPath: '/etc/vfbench', readOnly: true }],
        },
      ],
      volumes: [
        {
          name: 'endpoint',
          secret: { secretName: 'seed', items: [{ key: 'server-0.json', path: 'endpoint.json' }] },
        },
      ],
    },
  };
}

export function vmiOf(namespace: string, name: string, kind: 'bridge' | 'sriov', node = 'node-a'): Vmi {
  const device = kind === 'sriov' ? { 'sandbox.vfbench.io/vfvfio': '1' } : {};
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { name, namespace, labels: { 'vfbench.io/trial': 't' } },
    spec: {
      evictionStrategy: 'None',
      terminationGracePeriodSeconds: 0,
      nodeSelector: { 'kubernetes.io/hostname': node },
      domain: {
        cpu: { cores: 2, sockets: 1, threads: 1 },
        memory: { guest: '256Mi' },
        resources: { requests: device, limits: device },
        devices: {
          autoattachGraphicsDevice: false,
          networkInterfaceMultiqueue: true,
          disks: [
            { name: 'root', disk: { bus: 'virtio' } },
            { name: 'cloudinit', disk: { bus: 'virtio' } },
          ],
          interfaces: [
            { name: 'mgmt', masquerade: {}, macAddress: '02:00:00:00:00:01' },
            { name: 'data', [kind]: {}, macAddress: '02:00:00:00:01:01' },
          ],
        },
      },
      networks: [
        { name: 'mgmt', pod: {} },
        { name: 'data', multus: { networkName: `${namespace}/${kind === 'sriov' ? 'vf-vfio' : 'br-data'}` } },
      ],
      volumes: [
        { name: 'root', containerDisk: { image: 'vfbench.io/guest:1' } },
        {
          name: 'cloudinit',
          cloudInitNoCloud: { secretRef: { name: 'seed' }, networkDataSecretRef: { name: 'seed' } },
        },
      ],
    },
  };
}

export function attachments(namespace: string): KubeObject[] {
  const vf = { capabilities: { ips: true }, ipam: { type: 'static' } };
  const configs: [string, unknown, string?][] = [
    ['vf-net', { type: 'sriov', vlan: 0, ...vf }, 'sandbox.vfbench.io/vfnet'],
    ['vf-vfio', { type: 'sriov', vlan: 0 }, 'sandbox.vfbench.io/vfvfio'],
    ['br-data', { type: 'bridge', bridge: 'br-data' }],
    ['br-static', { type: 'bridge', bridge: 'br-data', ...vf }],
    ['ovs', { type: 'ovs' }],
    ['badjson', '{"cniVersion":"1.0.0","name":"badjson"'],
  ];
  return configs.map(([name, config, resource]) => ({
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata: {
      name,
      namespace,
      ...(resource === undefined ? {} : { annotations: { 'k8s.v1.cni.cncf.io/resourceName': resource } }),
    },
    spec: {
      config:
        typeof config === 'string' ? config : JSON.stringify({ cniVersion: '1.0.0', name, ...(config as object) }),
    },
  })) as KubeObject[];
}
