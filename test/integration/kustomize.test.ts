/** deploy/: kustomize makes the same objects as the chart. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { controlPlaneBinaries } from '../../src/sandbox/assets/binaries.ts';
import { openCache } from '../../src/sandbox/assets/cache.ts';
import { runCommand } from '../../src/sandbox/assets/process.ts';
import { silentProgress } from '../../src/sandbox/assets/progress.ts';
import { noCluster } from '../support/cluster.ts';
import { noHelm } from '../support/helm.ts';
import { describeUnless } from '../support/skip.ts';
import { keyOf, manifests, type Manifest, type Manifests, objectsOf } from './chart/objects.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy');
/** Labels by which each of the two marks its own. */
const MARKS = ['helm.sh/chart', 'app.kubernetes.io/managed-by', 'app.kubernetes.io/version'];

async function kustomize(folder: string): Promise<Manifests> {
  const { kubectl } = await controlPlaneBinaries({ cache: openCache(), progress: silentProgress(), obtain: false });
  const { stdout } = await runCommand([kubectl, 'kustomize', join(DEPLOY, folder)], { timeoutMs: 60_000 });
  return objectsOf(stdout);
}

/** Namespaces are made by kustomize alone, hooks by Helm alone. */
const isOfBoth = ({ kind, metadata }: Manifest): boolean =>
  kind !== 'Namespace' && metadata.annotations?.['helm.sh/hook'] === undefined;

function withoutMarks(object: Manifest): Manifest {
  const copy = structuredClone(object);
  const template = (copy as { spec?: { template?: Manifest } }).spec?.template;
  for (const labels of [copy.metadata.labels, template?.metadata.labels]) {
    for (const mark of MARKS) delete labels?.[mark];
  }
  return copy;
}

const plain = (objects: Manifests): Record<string, Manifest> =>
  Object.fromEntries([...objects.values()].filter(isOfBoth).map((object) => [keyOf(object), withoutMarks(object)]));

describeUnless(noCluster ?? noHelm, 'kustomize', () => {
  // The chart keeps CRDs by an annotation of Helm's, which says nothing to others.
  test('the base is the chart with its defaults', async () => {
    expect(plain(await kustomize('base'))).toEqual(plain(await manifests({ crds: { keep: false } })));
  });

  test('the overlay monitoring is the chart with all of its monitoring', async () => {
    const enabled = { enabled: true };
    const metrics = { serviceMonitor: enabled, prometheusRule: enabled, dashboard: enabled };
    const made = plain(await kustomize('overlays/monitoring'));
    expect(made).toEqual(plain(await manifests({ crds: { keep: false }, metrics })));
    expect(Object.keys(made)).toEqual(
      expect.arrayContaining(['ServiceMonitor/vfbench', 'PrometheusRule/vfbench', 'ConfigMap/vfbench-dashboard']),
    );
  });

  test('the overlay page is the chart with the page', async () => {
    const values = { crds: { keep: false }, page: { enabled: true } };
    expect(plain(await kustomize('overlays/page'))).toEqual(plain(await manifests(values)));
  });

  test('the overlay one-namespace is the chart with watchNamespace', async () => {
    const values = { crds: { keep: false }, watchNamespace: 'bench' };
    expect(plain(await kustomize('overlays/one-namespace'))).toEqual(plain(await manifests(values)));
  });
});
