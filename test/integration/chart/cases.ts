/** Values and what the chart makes of them. */
import type { Manifests } from './objects.ts';

export interface Case {
  name: string;
  values: object;
  options?: { release?: string; namespace?: string };
  /** `Kind/name` and path of a value, and what is there. */
  has?: [object: string, path: string, value: unknown][];
  /** Objects that are there, and that are not. */
  with?: string[];
  without?: string[];
}

const OPERATOR = 'Deployment/vfbench';
const POD = 'spec.template.spec';
const CONTAINER = `${POD}.containers.0`;
const DIGEST = `sha256:${'a'.repeat(64)}`;

/** Text of an environment variable of the operator, as a `has` path. */
export const env = (objects: Manifests, name: string, deployment = OPERATOR): unknown => {
  const container = objects.get(deployment) as unknown as {
    spec: { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } };
  };
  return container.spec.template.spec.containers[0]?.env.find((variable) => variable.name === name)?.value;
};

/** Names, image, pods. */
export const POD_CASES: Case[] = [
  {
    name: 'nothing set',
    values: {},
    with: [
      OPERATOR,
      'ServiceAccount/vfbench',
      'ClusterRole/vfbench',
      'ClusterRole/vfbench-cluster',
      'ClusterRole/vfbench-edit',
      'ClusterRole/vfbench-view',
      'ClusterRoleBinding/vfbench',
      'ClusterRoleBinding/vfbench-cluster',
      'Role/vfbench',
      'RoleBinding/vfbench',
      'Service/vfbench-collector',
      'Service/vfbench-metrics',
      'PodDisruptionBudget/vfbench',
      'NetworkPolicy/vfbench',
      'ValidatingAdmissionPolicy/vfbench',
      'ValidatingAdmissionPolicyBinding/vfbench',
      'CustomResourceDefinition/testbeds.vfbench.io',
      'CustomResourceDefinition/experiments.vfbench.io',
      'CustomResourceDefinition/trials.vfbench.io',
      'Pod/vfbench-test',
    ],
    without: ['ServiceMonitor/vfbench', 'PrometheusRule/vfbench', 'ConfigMap/vfbench-dashboard'],
    has: [
      [OPERATOR, 'spec.replicas', 2],
      [OPERATOR, 'metadata.namespace', 'vfbench-system'],
      [OPERATOR, `${POD}.securityContext.runAsNonRoot`, true],
      [OPERATOR, `${POD}.securityContext.runAsUser`, 65532],
      [OPERATOR, `${POD}.securityContext.seccompProfile.type`, 'RuntimeDefault'],
      [OPERATOR, `${CONTAINER}.securityContext.readOnlyRootFilesystem`, true],
      [OPERATOR, `${CONTAINER}.securityContext.allowPrivilegeEscalation`, false],
      [OPERATOR, `${CONTAINER}.securityContext.capabilities.drop`, ['ALL']],
      [OPERATOR, `${POD}.enableServiceLinks`, false],
      ['ServiceAccount/vfbench', 'automountServiceAccountToken', false],
      ['Service/vfbench-collector', 'spec.selector', undefined],
    ],
  },
  {
    name: 'another release',
    values: {},
    options: { release: 'lab' },
    with: ['Deployment/lab-vfbench', 'ClusterRole/lab-vfbench-cluster', 'Service/lab-vfbench-collector'],
    has: [
      ['ValidatingAdmissionPolicyBinding/lab-vfbench', 'spec.policyName', 'lab-vfbench'],
      ['RoleBinding/lab-vfbench', 'roleRef.name', 'lab-vfbench'],
      ['ClusterRoleBinding/lab-vfbench', 'subjects.0.name', 'lab-vfbench'],
    ],
  },
  {
    name: 'a release that holds the name',
    values: {},
    options: { release: 'my-vfbench' },
    with: ['Deployment/my-vfbench'],
  },
  {
    name: 'another namespace',
    values: {},
    options: { namespace: 'bench' },
    has: [
      [OPERATOR, 'metadata.namespace', 'bench'],
      ['Role/vfbench', 'metadata.namespace', 'bench'],
      ['ClusterRoleBinding/vfbench', 'subjects.0.namespace', 'bench'],
    ],
  },
  { name: 'nameOverride', values: { nameOverride: 'vfb' }, options: { release: 'x' }, with: ['Deployment/x-vfb'] },
  { name: 'fullnameOverride', values: { fullnameOverride: 'bench' }, with: ['Deployment/bench', 'Role/bench'] },
  {
    name: 'names stay within 63 characters',
    values: {},
    options: { release: 'r'.repeat(53) },
    with: [`Deployment/${'r'.repeat(40)}`, `Service/${'r'.repeat(40)}-collector`],
  },
  { name: 'the default image', values: {}, has: [[OPERATOR, `${CONTAINER}.image`, 'vfbench/operator:0.1.0']] },
  { name: 'a tag', values: { image: { tag: 'v9' } }, has: [[OPERATOR, `${CONTAINER}.image`, 'vfbench/operator:v9']] },
  {
    name: 'a digest wins over a tag',
    values: { image: { tag: 'v9', digest: DIGEST } },
    has: [
      [OPERATOR, `${CONTAINER}.image`, `vfbench/operator@${DIGEST}`],
      ['Pod/vfbench-test', 'spec.containers.0.image', `vfbench/operator@${DIGEST}`],
    ],
  },
  {
    name: 'a registry of one’s own',
    values: { image: { repository: 'registry.example:5000/team/op' } },
    has: [[OPERATOR, `${CONTAINER}.image`, 'registry.example:5000/team/op:0.1.0']],
  },
  {
    name: 'pull policy',
    values: { image: { pullPolicy: 'Always' } },
    has: [[OPERATOR, `${CONTAINER}.imagePullPolicy`, 'Always']],
  },
  {
    name: 'pull secrets',
    values: { imagePullSecrets: [{ name: 's' }] },
    has: [[OPERATOR, `${POD}.imagePullSecrets.0.name`, 's']],
  },
  { name: 'one replica needs no disruption budget', values: { replicas: 1 }, without: ['PodDisruptionBudget/vfbench'] },
  { name: 'scaled to none', values: { replicas: 0 }, has: [[OPERATOR, 'spec.replicas', 0]] },
  {
    name: 'no disruption budget',
    values: { podDisruptionBudget: { enabled: false } },
    without: ['PodDisruptionBudget/vfbench'],
  },
  {
    name: 'the budget keeps one',
    values: { replicas: 3 },
    has: [
      ['PodDisruptionBudget/vfbench', 'spec.minAvailable', 1],
      [
        'PodDisruptionBudget/vfbench',
        'spec.selector.matchLabels',
        { 'app.kubernetes.io/name': 'vfbench', 'app.kubernetes.io/instance': 'vfbench' },
      ],
    ],
  },
  {
    name: 'one namespace',
    values: { watchNamespace: 'team' },
    with: ['RoleBinding/vfbench-work', 'ClusterRoleBinding/vfbench-cluster'],
    without: ['ClusterRoleBinding/vfbench'],
    has: [
      ['RoleBinding/vfbench-work', 'metadata.namespace', 'team'],
      ['RoleBinding/vfbench-work', 'roleRef.kind', 'ClusterRole'],
    ],
  },
  {
    name: 'resources',
    values: { resources: { limits: { memory: '1Gi', cpu: 2 } } },
    has: [[OPERATOR, `${CONTAINER}.resources.limits`, { memory: '1Gi', cpu: 2 }]],
  },
  {
    name: 'pod labels',
    values: { podLabels: { team: 'net' } },
    has: [[OPERATOR, 'spec.template.metadata.labels.team', 'net']],
  },
  {
    name: 'pod annotations',
    values: { podAnnotations: { note: 'x' } },
    has: [[OPERATOR, 'spec.template.metadata.annotations.note', 'x']],
  },
  {
    name: 'node selector',
    values: { nodeSelector: { role: 'infra' } },
    has: [[OPERATOR, `${POD}.nodeSelector.role`, 'infra']],
  },
  {
    name: 'tolerations',
    values: { tolerations: [{ key: 'infra', operator: 'Exists' }] },
    has: [[OPERATOR, `${POD}.tolerations.0.key`, 'infra']],
  },
  {
    name: 'affinity',
    values: { affinity: { nodeAffinity: {} } },
    has: [[OPERATOR, `${POD}.affinity`, { nodeAffinity: {} }]],
  },
  {
    name: 'priority class',
    values: { priorityClassName: 'system-cluster-critical' },
    has: [[OPERATOR, `${POD}.priorityClassName`, 'system-cluster-critical']],
  },
  {
    name: 'replicas are spread',
    values: {},
    has: [[OPERATOR, `${POD}.topologySpreadConstraints.0.topologyKey`, 'kubernetes.io/hostname']],
  },
  {
    name: 'replicas are not spread',
    values: { topologySpread: false },
    has: [[OPERATOR, `${POD}.topologySpreadConstraints`, undefined]],
  },
];
