import { describe, expect, test } from '@jest/globals';
import type { Testbed, TestbedFinding } from '../../api/v1alpha1.ts';
import type { KubeObject } from '../../kube/index.ts';
import { REASONS } from '../../plan/preflight/finding.ts';
import { deploymentLine, leaderLine } from './cluster.ts';
import { judgeKubelet } from './kubelet.ts';
import type { Line } from './line.ts';
import { judgePod, probePod } from './probe.ts';
import { testbedLines } from './testbed.ts';

const said = ({ state, topic, message }: Line): string => `${state} ${topic}: ${message}`;
const NOW = Date.parse('2026-01-01T00:01:00Z');

const lease = (name: string, seconds: number, holderIdentity = 'op-0'): KubeObject & { spec: object } => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name },
  spec: { holderIdentity, renewTime: new Date(NOW - seconds * 1000).toISOString(), leaseDurationSeconds: 15 },
});

test.each([
  ['renewed just now', [lease('vfbench-operator', 2)], 'ok operator leader: op-0'],
  ['among others', [lease('vfbench-demo', 999), lease('vfbench-operator', 2)], 'ok operator leader: op-0'],
  [
    'of another program',
    [lease('vfbench-demo', 2)],
    /^fail operator leader: nobody holds the Lease vfbench-operator in ns/,
  ],
  ['silent for long', [lease('vfbench-operator', 61)], /^fail/],
  ['released', [lease('vfbench-operator', 1, '')], /^fail/],
  ['none', [], /^fail/],
])('leader: %s', (_, leases, wanted) => expect(said(leaderLine(leases, 'ns', NOW))).toMatch(wanted));

const deployment = (replicas: number, readyReplicas?: number): object => ({
  metadata: { name: 'vfbench' },
  spec: { replicas },
  status: readyReplicas === undefined ? {} : { readyReplicas },
});
test.each([
  ['all ready', [deployment(2, 2)], 'ok operator: vfbench: 2 of 2 ready'],
  ['some ready', [deployment(2, 1)], /^warn operator: vfbench: 1 of 2 ready: kubectl get pods -n ns/],
  ['none ready', [deployment(2)], /^fail operator: vfbench: 0 of 2 ready: /],
  [
    'none there',
    [],
    /^warn operator: no Deployment of vfbench in ns: install it, or say where it is with --operator-namespace/,
  ],
])('operator: %s', (_, found, wanted) =>
  expect(said(deploymentLine(found as Parameters<typeof deploymentLine>[0], 'ns'))).toMatch(wanted),
);

const bed = (spec: object = {}): Testbed =>
  ({
    apiVersion: 'vfbench.io/v1alpha1',
    kind: 'Testbed',
    metadata: { name: 'lab', namespace: 'bench', generation: 2 },
    spec: {
      nodes: { server: { names: ['a'] }, client: { names: ['b'] } },
      link: { bitsPerSecond: '10G', mtu: 1500 },
      subnet: '192.0.2.0/24',
      networks: [],
      pod: { image: 'r:1' },
      ...spec,
    },
  }) as unknown as Testbed;

test.each([
  ['whole CPUs, one NUMA node', { cpuManagerPolicy: 'static', topologyManagerPolicy: 'single-numa-node' }, {}, /^ok /],
  [
    'whole CPUs, any NUMA node',
    { cpuManagerPolicy: 'static' },
    {},
    /^warn .*set topologyManagerPolicy single-numa-node/,
  ],
  ['defaults', {}, {}, /^warn .*endpoints move between CPUs/],
  [
    'dedicated CPUs that nobody gives',
    {},
    { vm: { dedicatedCPU: true } },
    /^warn .*dedicatedCPU needs cpuManagerPolicy static/,
  ],
])('kubelet: %s', (_, config, spec, wanted) => expect(said(judgeKubelet('t', config, bed(spec)))).toMatch(wanted));

describe('probe', () => {
  const judged = (status: object): string[] =>
    judgePod(bed(), 'h.svc', { ...probePod(bed(), 'h.svc'), status } as Parameters<typeof judgePod>[2]).map(said);
  const container = (state: object): object => ({ containerStatuses: [{ state }] });
  test.each<[string, object, RegExp[]]>([
    [
      'reached',
      container({ terminated: { exitCode: 0 } }),
      [/^ok .*image pull: r:1/, /^ok .*collector: h\.svc:7443 answers/],
    ],
    [
      'not reached',
      container({ terminated: { exitCode: 1, message: 'ETIMEDOUT' } }),
      [/^ok /, /^fail .*not reached from a pod \(ETIMEDOUT\): look at the Service vfbench-collector/],
    ],
    [
      'no image',
      container({ waiting: { reason: 'ErrImagePull', message: 'no such host' } }),
      [/^fail .*r:1: ErrImagePull: no such host: correct spec\.pod\.image/, /^warn .*not checked/],
    ],
    [
      'not placed',
      { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/2 nodes are available' }] },
      [/^fail .*did not run within \d+ s: 0\/2 nodes are available/, /^warn /],
    ],
  ])('%s', (_, status, wanted) => {
    const lines = judged(status);
    expect(lines).toHaveLength(wanted.length);
    for (const [i, line] of lines.entries()) expect(line).toMatch(wanted[i] as RegExp);
  });

  test('the pod is bounded and may nothing', () => {
    expect(probePod(bed(), 'h.svc')).toMatchObject({
      spec: {
        activeDeadlineSeconds: 120,
        automountServiceAccountToken: false,
        containers: [{ securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true } }],
      },
    });
  });
});

describe('Testbed', () => {
  const withStatus = (findings: TestbedFinding[], status: object = {}): Testbed =>
    ({
      ...bed(),
      status: { observedGeneration: 2, conditions: [{ type: 'Ready', status: 'True' }], findings, ...status },
    }) as unknown as Testbed;

  test.each(REASONS.map((reason) => [reason]))('%s: its line, and no ok for its topic', (reason) => {
    for (const severity of ['Error', 'Warning'] as const) {
      const lines = testbedLines(withStatus([{ severity, reason, message: 'so and so: do this' }]));
      const own = lines.filter(({ message }) => message === `${reason}: so and so: do this`);
      expect(own.map(({ state }) => state)).toEqual([severity === 'Error' ? 'fail' : 'warn']);
      expect(lines.filter(({ state, topic }) => state === 'ok' && topic === own[0]?.topic)).toEqual([]);
    }
  });

  test('nothing wrong: each topic has its line', () => {
    const lines = testbedLines(withStatus([]));
    expect(lines.map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'ok'));
    expect(new Set(lines.map(({ topic }) => topic)).size).toBe(10);
  });

  test('a status of an older spec, and none', () => {
    expect(said(testbedLines(withStatus([], { observedGeneration: 1 }))[0] as Line)).toMatch(
      /^warn .*of an older spec/,
    );
    expect(testbedLines(bed()).map(said)).toEqual([
      expect.stringMatching(/^fail Testbed lab: no operator has looked at it/),
    ]);
  });
});
