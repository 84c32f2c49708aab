/**
 * Renders the launcher pod of a VMI as KubeVirt v1.9.0's virt-controller does. Pure; what is random there
 * (the pod's name, the QEMU timeout) is the API server's or a constant here.
 */
import { createHash } from 'node:crypto';
import { ANNOTATION_NETWORKS, LABEL_CREATED_BY } from '../../api/labels.ts';
import { computeResources, hasVf, isDedicated, memoryOverhead } from './launcher-resources.ts';
import { guestLogContainer, imageContainers, LAUNCHER_IMAGE } from './launcher-init.ts';
import { computeMounts, launcherVolumes } from './launcher-volumes.ts';
import type { Container, Pod, PodSpec } from './objects.ts';
import type { NodeAffinity, Vmi } from './vmi.ts';

const QEMU_TIMEOUT = '270s';
export const DEFAULT_GRACE_SECONDS = 30;
const NAME_MAX = 63;

/** Interface name in the launcher pod of a Multus network of a VMI. */
export function podInterfaceName(network: string): string {
  return `pod${createHash('sha256').update(network).digest('hex').slice(0, 11)}`;
}

/** The launcher pod of a VMI, to be created; the API server adds name and defaults. */
export function renderLauncher(vmi: Vmi): Pod {
  const { name, namespace = '', uid = '' } = vmi.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `virt-launcher-${name}-`,
      name: '',
      namespace,
      labels: {
        ...vmi.metadata.labels,
        'kubevirt.io': 'virt-launcher',
        [LABEL_CREATED_BY]: uid,
        'vm.kubevirt.io/name': name.slice(0, NAME_MAX),
        'vmi.kubevirt.io/id': shortName(name),
      },
      annotations: annotations(vmi),
      ownerReferences: [
        {
          apiVersion: vmi.apiVersion,
          kind: vmi.kind,
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: podSpec(vmi),
  };
}

/** Value of the networks annotation: one entry per Multus network, in the VMI's order. */
export function networksAnnotation(vmi: Vmi): string {
  const entries = (vmi.spec.networks ?? []).flatMap((network) => {
    if (network.multus === undefined) return [];
    const reference = network.multus.networkName;
    const slash = reference.indexOf('/');
    const nic = vmi.spec.domain.devices.interfaces?.find((each) => each.name === network.name);
    return [
      {
        name: slash < 0 ? reference : reference.slice(slash + 1),
        namespace: slash < 0 ? vmi.metadata.namespace : reference.slice(0, slash),
        ...(nic?.macAddress === undefined ? {} : { mac: nic.macAddress }),
        interface: podInterfaceName(network.name),
      },
    ];
  });
  return entries.length === 0 ? '' : JSON.stringify(entries);
}

function annotations(vmi: Vmi): Record<string, string> {
  const { name, namespace = '' } = vmi.metadata;
  const freezer = (verb: string): string =>
    `["/usr/bin/virt-freezer", "--${verb}", "--name", "${name}", "--namespace", "${namespace}"]`;
  const networks = networksAnnotation(vmi);
  const masqueraded = vmi.spec.domain.devices.interfaces?.some((nic) => nic.masquerade !== undefined);
  return {
    ...userAnnotations(vmi),
    'descheduler.alpha.kubernetes.io/request-evict-only': '',
    ...(masqueraded === true
      ? {
          'istio.io/reroute-virtual-interfaces': 'k6t-eth0',
          'traffic.sidecar.istio.io/kubevirtInterfaces': 'k6t-eth0',
        }
      : {}),
    ...(networks === '' ? {} : { [ANNOTATION_NETWORKS]: networks }),
    'kubectl.kubernetes.io/default-container': 'compute',
    'kubevirt.io/domain': name,
    'kubevirt.io/memory-overhead-bytes': String(memoryOverhead(vmi)),
    'kubevirt.io/migrationTransportUnix': 'true',
    'post.hook.backup.velero.io/command': freezer('unfreeze'),
    'post.hook.backup.velero.io/container': 'compute',
    'pre.hook.backup.velero.io/command': freezer('freeze'),
    'pre.hook.backup.velero.io/container': 'compute',
    'pre.hook.backup.velero.io/timeout': '60s',
  };
}

/** All of a VMI's annotations but those that describe the VMI object itself. */
function userAnnotations(vmi: Vmi): Record<string, string> {
  const own = [
    'kubevirt.io/latest-observed-api-version',
    'kubevirt.io/storage-observed-api-version',
    'kubectl.kubernetes.io/last-applied-configuration',
  ];
  return Object.fromEntries(Object.entries(vmi.metadata.annotations ?? {}).filter(([name]) => !own.includes(name)));
}

/** Cut to a label value, with a hash of the whole where it had to be cut. */
function shortName(name: string): string {
  if (name.length <= NAME_MAX) return name;
  const hash = createHash('sha1').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, NAME_MAX - 9)}-${hash}`;
}

function podSpec(vmi: Vmi): PodSpec {
  const grace = vmi.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  return {
    affinity: affinity(vmi),
    automountServiceAccountToken: false,
    containers: [compute(vmi, grace + 15)],
    dnsPolicy: 'ClusterFirst',
    enableServiceLinks: false,
    hostname: vmi.metadata.name.slice(0, NAME_MAX),
    initContainers: [guestLogContainer(vmi), ...imageContainers(vmi)],
    nodeSelector: nodeSelector(vmi),
    readinessGates: [{ conditionType: 'kubevirt.io/virtual-machine-unpaused' }],
    restartPolicy: 'Never',
    securityContext: { fsGroup: 107, runAsGroup: 107, runAsNonRoot: true, runAsUser: 107 },
    terminationGracePeriodSeconds: grace + 30,
    ...(vmi.spec.tolerations === undefined ? {} : { tolerations: vmi.spec.tolerations }),
    volumes: launcherVolumes(vmi),
  };
}

function nodeSelector(vmi: Vmi): Record<string, string> {
  const machine = vmi.spec.domain.machine?.type ?? 'q35';
  return {
    ...vmi.spec.nodeSelector,
    'kubernetes.io/arch': vmi.spec.architecture ?? 'amd64',
    'kubevirt.io/schedulable': 'true',
    [`machine-type.node.kubevirt.io/${machine}`]: 'true',
    ...(isDedicated(vmi) ? { 'kubevirt.io/cpumanager': 'true' } : {}),
  };
}

/** The VMI's own affinity, with KubeVirt's wish for a current CPU model in each of its node terms. */
function affinity(vmi: Vmi): object {
  const current = {
    key: 'node-labeller.kubevirt.io/obsolete-host-model',
    operator: 'DoesNotExist',
  };
  const node: NodeAffinity = vmi.spec.affinity?.nodeAffinity ?? {};
  const terms = node.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [{}];
  return {
    ...vmi.spec.affinity,
    nodeAffinity: {
      ...node,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: terms.map((term) => ({
          ...term,
          matchExpressions: [...(term.matchExpressions ?? []), current],
        })),
      },
    },
  };
}

function compute(vmi: Vmi, graceSeconds: number): Container {
  return {
    name: 'compute',
    image: LAUNCHER_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    command: command(vmi, graceSeconds),
    env: [
      { name: 'XDG_CACHE_HOME', value: '/var/run/kubevirt-private' },
      { name: 'XDG_CONFIG_HOME', value: '/var/run/kubevirt-private' },
      { name: 'XDG_RUNTIME_DIR', value: '/var/run' },
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ],
    resources: computeResources(vmi),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
      runAsGroup: 107,
      runAsNonRoot: true,
      runAsUser: 107,
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: computeMounts(vmi),
  };
}

function command(vmi: Vmi, graceSeconds: number): string[] {
  const { name, namespace = '', uid = '' } = vmi.metadata;
  const values: [string, string][] = [
    ['--qemu-timeout', QEMU_TIMEOUT],
    ['--name', name],
    ['--uid', uid],
    ['--namespace', namespace],
    ['--kubevirt-share-dir', '/var/run/kubevirt'],
    ['--ephemeral-disk-dir', '/var/run/kubevirt-ephemeral-disks'],
    ['--container-disk-dir', '/var/run/kubevirt/container-disks'],
    ['--grace-period-seconds', String(graceSeconds)],
    ['--hook-sidecars', '0'],
    ['--ovmf-path', '/usr/share/edk2/ovmf'],
    ['--disk-memory-limit', '2097152000'],
    ['--hypervisor', 'kvm'],
  ];
  const flags = ['--run-as-nonroot', '--image-volume', '--libvirt-hook-server-and-client', '--upgrade-ordinal-ifaces'];
  return ['/usr/bin/virt-launcher-monitor', ...values.flat(), ...flags];
}

/** True where the launcher needs the PCI addresses of its VFs (annotation `kubevirt.io/network-info`). */
export const needsNetworkInfo = hasVf;
