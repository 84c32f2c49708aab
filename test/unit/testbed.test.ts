/** What the preflight says and asks for, against the manifests and the documentation. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import type { Testbed } from '../../src/api/v1alpha1.ts';
import type { NetworkAttachment } from '../../src/plan/observed.ts';
import { CLUSTER_READS, CLUSTER_ROLE, CLUSTER_VERBS } from '../../src/plan/preflight/clusterReads.ts';
import { REASONS } from '../../src/plan/preflight/finding.ts';
import { type ResourceRule, RIGHTS, missing } from '../../src/plan/preflight/permissions.ts';
import { CAPACITY, nodeLabels } from '../../src/sandbox/agents/node.ts';
import { conditionsOf, fitNode, nodeMap, statusOf } from '../support/preflight.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('docs/testbed.md explains every reason, and no other', () => {
  const [, reasons = ''] = read('docs/testbed.md').split('## Reasons');
  const rows = reasons.matchAll(/^\| `([A-Za-z]+)` \|/gm);
  expect(new Set([...rows].map(([, reason]) => reason))).toEqual(new Set(REASONS));
});

test('deploy/base/rbac.yaml grants what the preflight asks for', () => {
  const objects = parseAllDocuments(read('deploy/base/rbac.yaml')).map(
    (document) => document.toJS() as { kind: string; rules?: ResourceRule[] },
  );
  const resourceRules = objects.filter(({ kind }) => kind === 'ClusterRole').flatMap(({ rules }) => rules ?? []);
  const lacking = RIGHTS.filter((right) => missing({ resourceRules, incomplete: false }, right).length > 0);
  expect(lacking).toEqual([]);
});

test('deploy/base/rbac.yaml has in its role for the cluster what is read of all namespaces', () => {
  const role = parseAllDocuments(read('deploy/base/rbac.yaml'))
    .map((document) => document.toJS() as { kind: string; metadata: { name: string }; rules?: ResourceRule[] })
    .find(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === CLUSTER_ROLE);
  const given = (role?.rules ?? []).filter(({ verbs }) => verbs.join() === CLUSTER_VERBS.join());
  for (const { resource, group } of CLUSTER_READS)
    expect(given).toContainEqual({ apiGroups: [group], resources: [resource], verbs: [...CLUSTER_VERBS] });
});

const documents = <T>(path: string): T[] => parseAllDocuments(read(path)).map((document) => document.toJS() as T);

test.each([
  [
    'deploy/examples',
    ['sandbox-a', 'sandbox-b'],
    { 'sandbox.vfbench.io/vfnet': '4', 'sandbox.vfbench.io/vfvfio': '4' },
  ],
  ['deploy/examples/lab', ['node-a', 'node-b'], { 'openshift.io/vfnet': '4', 'openshift.io/vfvfio': '3' }],
])('the Testbed of %s is fit, without a doubt', (folder, names, devices) => {
  const [bed] = documents<Testbed>(`${folder}/testbed.yaml`);
  if (bed === undefined) throw new Error('no Testbed');
  const spec = { ...bed.spec, concurrency: 1 };
  const attachments = new Map(
    documents<NetworkAttachment>(`${folder}/network-attachments.yaml`).map((nad) => [
      `${nad.metadata.namespace}/${nad.metadata.name}`,
      nad,
    ]),
  );
  const allocatable = { ...CAPACITY, ...devices };
  const nodes = nodeMap(...names.map((name) => fitNode(name, { labels: nodeLabels(name), allocatable })));
  const status = statusOf({
    testbed: { ...bed, metadata: { ...bed.metadata, namespace: 'bench' }, spec },
    attachments,
    nodes,
  });
  expect(status.findings).toEqual([]);
  expect(conditionsOf(status)).toEqual({
    Ready: 'True/Fit',
    NativeReady: 'True/Fit',
    VirtioReady: 'True/Fit',
    PassthroughReady: 'True/Fit',
  });
});
