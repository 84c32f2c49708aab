/** Command lines of the control plane's programs, tuned for one machine and data that is thrown away. Pure. */
import { join } from 'node:path';

export const COMPONENTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
export type Component = (typeof COMPONENTS)[number];

export interface Layout {
  /** Directory of the control plane: keys, configuration, data, logs. */
  dir: string;
  ports: Record<Component, number>;
  audit: boolean;
}

/** Files of a control plane, below its directory. */
export const FILES = {
  ca: 'pki/ca.crt',
  etcdCa: 'pki/etcd-ca.crt',
  etcdServer: 'pki/etcd-server',
  etcdClient: 'pki/etcd-client',
  server: 'pki/server',
  serviceAccountKey: 'pki/service-account.key',
  serviceAccountPublic: 'pki/service-account.pub',
  admin: 'kubeconfig',
  scheduler: 'scheduler.yaml',
  schedulerKubeconfig: 'scheduler.kubeconfig',
  controllerKubeconfig: 'controller-manager.kubeconfig',
  auditPolicy: 'audit-policy.yaml',
  auditLog: 'audit.log',
};

/** What this cluster has controllers for; others would only cost memory and requests. */
const CONTROLLERS = [
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
  'root-ca-certificate-publisher-controller',
  'clusterrole-aggregation-controller',
  'validatingadmissionpolicy-status-controller',
  'node-lifecycle-controller',
  'taint-eviction-controller',
  'pod-garbage-collector-controller',
  'resourcequota-controller',
  'deployment-controller',
  'replicaset-controller',
];

/** Arguments of one component, without the program. */
export function componentFlags(component: Component, layout: Layout): string[] {
  const at = (file: string) => join(layout.dir, file);
  switch (component) {
    case 'etcd':
      return etcdFlags(at, layout);
    case 'kube-apiserver':
      return apiServerFlags(at, layout);
    case 'kube-controller-manager':
      return controllerManagerFlags(at, layout);
    case 'kube-scheduler':
      return [`--config=${at(FILES.scheduler)}`, ...servingFlags(at, layout.ports['kube-scheduler'])];
  }
}

/**
 * Limits for the Go runtime: the collector works harder near them rather than let the process grow. `isAmple`: none,
 * for thousands of objects, which under a limit would cost the API server most of its time.
 */
export function componentEnvironment(component: Component, isAmple = false): Record<string, string> {
  if (isAmple) return { GOGC: '200' };
  const limits = {
    etcd: '100MiB',
    'kube-apiserver': '350MiB',
    'kube-controller-manager': '80MiB',
    'kube-scheduler': '60MiB',
  };
  return { GOMEMLIMIT: limits[component], GOGC: '75' };
}

type At = (file: string) => string;

function etcdFlags(at: At, { ports }: Layout): string[] {
  const url = `https://127.0.0.1:${ports.etcd}`;
  return [
    `--data-dir=${at('etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    '--listen-peer-urls=http://127.0.0.1:0',
    `--cert-file=${at(FILES.etcdServer)}.crt`,
    `--key-file=${at(FILES.etcdServer)}.key`,
    '--client-cert-auth=true',
    `--trusted-ca-file=${at(FILES.etcdCa)}`,
    '--unsafe-no-fsync=true',
    `--quota-backend-bytes=${1024 ** 3}`,
    '--auto-compaction-mode=periodic',
    '--auto-compaction-retention=10m',
    '--snapshot-count=50000',
    '--log-level=warn',
  ];
}

function apiServerFlags(at: At, layout: Layout): string[] {
  const { ports, audit } = layout;
  const auditFlags = [`--audit-policy-file=${at(FILES.auditPolicy)}`, `--audit-log-path=${at(FILES.auditLog)}`];
  return [
    `--etcd-servers=https://127.0.0.1:${ports.etcd}`,
    `--etcd-cafile=${at(FILES.etcdCa)}`,
    `--etcd-certfile=${at(FILES.etcdClient)}.crt`,
    `--etcd-keyfile=${at(FILES.etcdClient)}.key`,
    '--etcd-count-metric-poll-period=0s',
    '--etcd-db-metric-poll-interval=0s',
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    // A loopback address is refused as an endpoint of the service "kubernetes".
    '--endpoint-reconciler-type=none',
    `--secure-port=${ports['kube-apiserver']}`,
    `--tls-cert-file=${at(FILES.server)}.crt`,
    `--tls-private-key-file=${at(FILES.server)}.key`,
    `--client-ca-file=${at(FILES.ca)}`,
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${at(FILES.serviceAccountPublic)}`,
    `--service-account-signing-key-file=${at(FILES.serviceAccountKey)}`,
    '--enable-priority-and-fairness=false',
    '--profiling=false',
    ...(audit ? auditFlags : []),
  ];
}

function controllerManagerFlags(at: At, { ports }: Layout): string[] {
  return [
    `--kubeconfig=${at(FILES.controllerKubeconfig)}`,
    `--controllers=${CONTROLLERS.join(',')}`,
    `--service-account-private-key-file=${at(FILES.serviceAccountKey)}`,
    `--root-ca-file=${at(FILES.ca)}`,
    '--leader-elect=false',
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    '--profiling=false',
    ...servingFlags(at, ports['kube-controller-manager']),
  ];
}

function servingFlags(at: At, port: number): string[] {
  return [
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--tls-cert-file=${at(FILES.server)}.crt`,
    `--tls-private-key-file=${at(FILES.server)}.key`,
    '--authorization-always-allow-paths=/healthz,/readyz,/livez,/metrics',
    '--v=1',
  ];
}

/** Configuration of kube-scheduler: alone, so no election; retries soon, since VFs become free often. */
export function schedulerConfig(kubeconfig: string): string {
  const config = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    clientConnection: { kubeconfig, qps: 500, burst: 1000 },
    leaderElection: { leaderElect: false },
    enableProfiling: false,
    podInitialBackoffSeconds: 1,
    podMaxBackoffSeconds: 2,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** One line per request, when it is answered (a watch: when it starts and when it ends). */
export function auditPolicy(): string {
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitManagedFields: true,
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata' }],
  };
  return `${JSON.stringify(policy, null, 2)}\n`;
}
