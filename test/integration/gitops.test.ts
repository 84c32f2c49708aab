/** deploy/gitops in the interpreters of Argo CD and Flux, and on a real API server: health, and no drift. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { findCondition } from '../../src/api/conditions.ts';
import type { Experiment } from '../../src/api/v1alpha1.ts';
import { EXPERIMENTS } from '../../src/api/kinds.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { experimentManifest, type Fleet, FLEET_CLUSTER, labManifests, startFleet } from '../support/fleet.ts';
import { ALL_FIXTURES, expected, type FixtureKind, GITOPS, stored } from '../support/gitops/fixtures.ts';
import { type HealthCase, judge, noHealth } from '../support/health-program.ts';
import { describeUnless } from '../support/skip.ts';

type Entry = HealthCase['exprs'] & { kind: string };

const read = (path: string): unknown => parse(readFileSync(join(GITOPS, path), 'utf8'));
const checks = read('flux/health-checks.yaml') as Entry[];

function caseOf(kind: FixtureKind, object: unknown): HealthCase {
  const config = read('argocd/argocd-cm.yaml') as { data: Record<string, string> };
  const name = kind.replace(/^./, (letter) => letter.toUpperCase());
  const exprs = checks.find((check) => check.kind === name);
  if (exprs === undefined) throw new Error(`No health check for ${name}`);
  return { lua: config.data[`resource.customizations.health.vfbench.io_${name}`] ?? '', exprs, object };
}

describeUnless(noHealth, 'health', () => {
  test('is as expected of every fixture', async () => {
    const outcomes = await judge(ALL_FIXTURES.map((fixture) => caseOf(fixture.kind, stored(fixture))));
    expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
    const told = outcomes.map(({ argo, flux, kstatus }, i) => ({
      fixture: `${ALL_FIXTURES[i]?.kind} ${ALL_FIXTURES[i]?.name}`,
      argo: argo.status,
      flux,
      kstatus,
    }));
    const all = expected();
    expect(told).toEqual(ALL_FIXTURES.map(({ kind, name }) => ({ fixture: `${kind} ${name}`, ...all[kind][name] })));
    expect(outcomes.filter(({ argo }) => argo.message === '')).toEqual([]);
  });

  test('Kustomizations of Flux carry the checks as they are tested', () => {
    const found = readdirSync(join(GITOPS, 'flux')).flatMap((file) => {
      const { spec } = read(`flux/${file}`) as { spec?: { healthCheckExprs?: Entry[] } };
      return spec?.healthCheckExprs ?? [];
    });
    expect(found.map(({ kind }) => kind).toSorted()).toEqual(['Experiment', 'Testbed']);
    for (const entry of found) expect(checks).toContainEqual(entry);
  });
});

describeWithCluster('server-side apply', FLEET_CLUSTER, (cluster) => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet(cluster());
  }, 60_000);
  afterAll(async () => fleet?.stop());

  test('finds no drift after a run: the operator writes no spec, and owns nothing outside status', async () => {
    const namespace = await cluster().namespace('drift');
    const operator = await fleet.operator('drift-0', { leaderElection: false });
    const manifests = [
      ...labManifests(namespace),
      experimentManifest(namespace, 'exp', { blocks: { min: 2, max: 2 } }),
    ];
    const input = manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
    const flags = ['--server-side', '--field-manager=argocd', '-f', '-'];
    await cluster().kubectl(['apply', ...flags], { input });
    const done = await eventually(60, async () => {
      const experiment = await fleet.client.get<Experiment>(EXPERIMENTS, { namespace, name: 'exp' });
      return findCondition(experiment.status?.conditions, 'Finished')?.status === 'True' ? experiment : null;
    });
    await operator.stop();
    expect(done.metadata.generation).toBe(1);
    // Ends with 1 and prints the difference where there is one.
    expect(await cluster().kubectl(['diff', ...flags], { input })).toBe('');
    const before = await versions(namespace);
    await cluster().kubectl(['apply', ...flags], { input });
    expect(await versions(namespace)).toEqual(before);
    const owners = await cluster().kubectl([
      'get',
      'experiments,testbeds',
      '-n',
      namespace,
      '--show-managed-fields',
      '-o',
      'jsonpath={range .items[*].metadata.managedFields[*]}{.manager}/{.subresource}{"\\n"}{end}',
    ]);
    const others = owners.split('\n').filter((owner) => owner !== '' && !owner.startsWith('argocd/'));
    expect(others.length).toBeGreaterThan(0);
    expect(others.filter((owner) => !owner.endsWith('/status'))).toEqual([]);
  }, 120_000);

  const versions = (namespace: string): Promise<string> =>
    cluster().kubectl([
      'get',
      'experiments,testbeds,network-attachment-definitions',
      '-n',
      namespace,
      '-o',
      'jsonpath={.items[*].metadata.resourceVersion}',
    ]);

  test('the example layout builds, and the API server takes its Testbed and its gate', async () => {
    await cluster().kubectl(['create', 'namespace', 'bench']);
    for (const folder of ['testbed', 'gate', 'promoted', 'argocd'])
      await cluster().kubectl(['apply', '--server-side', '--dry-run=server', '-k', join(GITOPS, folder)]);
    const flux = await cluster().kubectl(['kustomize', join(GITOPS, 'flux')]);
    expect(flux.match(/^kind: .*/gm)?.toSorted()).toEqual([
      'kind: GitRepository',
      ...Array.from({ length: 3 }, () => 'kind: Kustomization'),
    ]);
  });
});
