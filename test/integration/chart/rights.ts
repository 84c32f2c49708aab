/** Values and what the chart makes of them: rights, policies, monitoring, further objects. */
import type { Case } from './cases.ts';

const OPERATOR = 'Deployment/vfbench';
const POD = 'spec.template.spec';

const TESTBED = {
  nodes: { server: { names: ['a'] }, client: { names: ['b'] } },
  link: { bitsPerSecond: '10G', mtu: 1500 },
  subnet: '192.168.50.0/24',
  networks: [{ name: 'native', attachment: 'vf-net' }],
  pod: { image: 'vfbench/runner:0.1.0' },
};

export const RIGHT_CASES: Case[] = [
  {
    name: 'no service account',
    values: { serviceAccount: { create: false, name: 'mine' } },
    without: ['ServiceAccount/mine', 'ServiceAccount/vfbench'],
    has: [
      [OPERATOR, `${POD}.serviceAccountName`, 'mine'],
      ['RoleBinding/vfbench', 'subjects.0.name', 'mine'],
    ],
  },
  { name: 'a named service account', values: { serviceAccount: { name: 'op' } }, with: ['ServiceAccount/op'] },
  {
    name: 'annotations of the service account',
    values: { serviceAccount: { annotations: { a: 'b' } } },
    has: [['ServiceAccount/vfbench', 'metadata.annotations.a', 'b']],
  },
  {
    name: 'no roles',
    values: { rbac: { create: false } },
    without: ['ClusterRole/vfbench', 'Role/vfbench', 'ClusterRoleBinding/vfbench', 'ClusterRole/vfbench-view'],
  },
  {
    name: 'no aggregated roles',
    values: { rbac: { aggregate: false } },
    with: ['ClusterRole/vfbench'],
    without: ['ClusterRole/vfbench-edit', 'ClusterRole/vfbench-view'],
  },
  {
    name: 'readers may not write',
    values: {},
    has: [['ClusterRole/vfbench-view', 'rules.0.verbs', ['get', 'list', 'watch']]],
  },
  { name: 'no CRDs', values: { crds: { enabled: false } }, without: ['CustomResourceDefinition/testbeds.vfbench.io'] },
  {
    name: 'CRDs stay',
    values: {},
    has: [
      ['CustomResourceDefinition/trials.vfbench.io', 'metadata.annotations', { 'helm.sh/resource-policy': 'keep' }],
    ],
  },
  {
    name: 'CRDs go',
    values: { crds: { keep: false } },
    has: [['CustomResourceDefinition/trials.vfbench.io', 'metadata.annotations', undefined]],
  },
  {
    name: 'no admission policy',
    values: { admissionPolicy: { enabled: false } },
    without: ['ValidatingAdmissionPolicy/vfbench', 'ValidatingAdmissionPolicyBinding/vfbench'],
  },
  {
    name: 'the admission policy fails closed',
    values: {},
    has: [
      ['ValidatingAdmissionPolicy/vfbench', 'spec.failurePolicy', 'Fail'],
      ['ValidatingAdmissionPolicyBinding/vfbench', 'spec.validationActions', ['Deny']],
    ],
  },
  { name: 'no network policy', values: { networkPolicy: { enabled: false } }, without: ['NetworkPolicy/vfbench'] },
  {
    name: 'the network policy bounds both ways',
    values: {},
    has: [
      ['NetworkPolicy/vfbench', 'spec.policyTypes', ['Ingress', 'Egress']],
      ['NetworkPolicy/vfbench', 'spec.ingress.0.ports.0.port', 7443],
    ],
  },
  {
    name: 'who may reach the metrics',
    values: { networkPolicy: { metricsFrom: [{ namespaceSelector: {} }] } },
    has: [
      [
        'NetworkPolicy/vfbench',
        'spec.ingress.1.from',
        [
          { namespaceSelector: {} },
          {
            podSelector: {
              matchLabels: { 'app.kubernetes.io/name': 'vfbench-test', 'app.kubernetes.io/instance': 'vfbench' },
            },
          },
        ],
      ],
    ],
  },
  {
    name: 'ports of the API server',
    values: { networkPolicy: { apiServerPorts: [8443] } },
    has: [['NetworkPolicy/vfbench', 'spec.egress.0.ports', [{ port: 8443, protocol: 'TCP' }]]],
  },
  {
    name: 'the port of the collector',
    values: { collector: { port: 9443 } },
    has: [
      ['Service/vfbench-collector', 'spec.ports.0.port', 9443],
      ['NetworkPolicy/vfbench', 'spec.ingress.0.ports.0.port', 9443],
    ],
  },
  {
    name: 'the port of the metrics',
    values: { metrics: { port: 9090 } },
    has: [['Service/vfbench-metrics', 'spec.ports.0.port', 9090]],
  },
  {
    name: 'helm test: an account that may try Testbeds in this namespace, in a pod that no Service of the operator selects',
    values: {},
    has: [
      ['Role/vfbench-test', 'rules', [{ apiGroups: ['vfbench.io'], resources: ['testbeds'], verbs: ['create'] }]],
      ['Role/vfbench-test', 'metadata.namespace', 'vfbench-system'],
      ['RoleBinding/vfbench-test', 'subjects.0.name', 'vfbench-test'],
      ['Pod/vfbench-test', 'spec.serviceAccountName', 'vfbench-test'],
      ['Pod/vfbench-test', 'spec.containers.0.env.2.value', 'true'],
      [
        'Pod/vfbench-test',
        'metadata.annotations',
        { 'helm.sh/hook': 'test', 'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded' },
      ],
    ],
  },
  {
    name: 'helm test without roles tries no Testbed',
    values: { rbac: { create: false } },
    with: ['Pod/vfbench-test', 'ServiceAccount/vfbench-test'],
    without: ['Role/vfbench-test', 'RoleBinding/vfbench-test'],
    has: [['Pod/vfbench-test', 'spec.containers.0.env.2.value', 'false']],
  },
  {
    name: 'no page',
    values: {},
    without: ['Service/vfbench-page', 'ClusterRole/vfbench-page', 'ClusterRoleBinding/vfbench-page'],
    has: [
      ['NetworkPolicy/vfbench', 'spec.ingress.2', undefined],
      [OPERATOR, `${POD}.containers.0.ports.2`, undefined],
    ],
  },
  {
    name: 'the page',
    values: { page: { enabled: true, port: 9999, from: [{ podSelector: {} }] } },
    with: ['ClusterRoleBinding/vfbench-page'],
    has: [
      ['Service/vfbench-page', 'spec.ports.0', { name: 'page', port: 9999, targetPort: 'page' }],
      ['NetworkPolicy/vfbench', 'spec.ingress.2.ports.0.port', 9999],
      ['NetworkPolicy/vfbench', 'spec.ingress.2.from', [{ podSelector: {} }]],
      [OPERATOR, `${POD}.containers.0.ports.2`, { name: 'page', containerPort: 9999 }],
      ['ClusterRole/vfbench-page', 'rules.0.verbs', ['create']],
      ['ClusterRole/vfbench-page', 'rules.1.resources', ['subjectaccessreviews']],
      ['ClusterRole/vfbench-page', 'rules.2', undefined],
    ],
  },
  {
    name: 'the page without roles',
    values: { page: { enabled: true }, rbac: { create: false } },
    with: ['Service/vfbench-page'],
    without: ['ClusterRole/vfbench-page', 'ClusterRoleBinding/vfbench-page'],
  },
  {
    name: 'a Testbed',
    values: { testbeds: [{ name: 'lab', namespace: 'bench', spec: TESTBED }] },
    has: [
      ['Testbed/lab', 'metadata.namespace', 'bench'],
      ['Testbed/lab', 'spec', TESTBED],
    ],
  },
  {
    name: 'a Testbed comes after its kind',
    values: { testbeds: [{ name: 'lab', spec: TESTBED }] },
    has: [
      ['Testbed/lab', 'metadata.namespace', 'vfbench-system'],
      [
        'Testbed/lab',
        'metadata.annotations',
        {
          'helm.sh/hook': 'post-install',
          'meta.helm.sh/release-name': 'vfbench',
          'meta.helm.sh/release-namespace': 'vfbench-system',
        },
      ],
    ],
  },
  {
    name: 'a further object',
    values: { extraObjects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x-{{ .Release.Name }}' } }] },
    with: ['ConfigMap/x-vfbench'],
  },
  {
    name: 'a further object as text',
    values: { extraObjects: ['apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "y-{{ .Release.Name }}"}\n'] },
    with: ['ConfigMap/y-vfbench'],
  },
  {
    name: 'monitoring',
    values: {
      metrics: {
        serviceMonitor: { enabled: true, interval: '15s', labels: { prometheus: 'main' } },
        prometheusRule: { enabled: true },
        dashboard: { enabled: true },
      },
    },
    has: [
      ['ServiceMonitor/vfbench', 'spec.endpoints.0.interval', '15s'],
      ['ServiceMonitor/vfbench', 'metadata.labels.prometheus', 'main'],
      ['PrometheusRule/vfbench', 'spec.groups.0.rules.0.alert', 'VfbenchOperatorAbsent'],
      ['ConfigMap/vfbench-dashboard', 'metadata.labels.grafana_dashboard', '1'],
    ],
  },
];
