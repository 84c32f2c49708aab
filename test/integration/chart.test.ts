/** charts/vfbench: what values make of it, and whether a real API server takes it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { noHelm, render } from '../support/helm.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { describeUnless } from '../support/skip.ts';
import { env, POD_CASES } from './chart/cases.ts';
import { at, manifests, type Manifest, type Manifests } from './chart/objects.ts';
import { REFUSED } from './chart/refused.ts';
import { RIGHT_CASES } from './chart/rights.ts';

const CASES = [...POD_CASES, ...RIGHT_CASES];

const CHART = join(import.meta.dirname, '../../charts/vfbench');

const json = (objects: Manifests): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...objects.values()] });

describeUnless(noHelm, 'chart', () => {
  describe('values', () => {
    test.each(CASES.map((each) => [each.name, each] as const))('%s', async (_, each) => {
      const objects = await manifests(each.values, each.options);
      const names = [...objects.keys()];
      expect(names).toEqual(expect.arrayContaining(each.with ?? []));
      expect(names.filter((name) => each.without?.includes(name))).toEqual([]);
      for (const [object, path, value] of each.has ?? [])
        expect([path, at(objects.get(object), path)]).toEqual([path, value]);
    });

    test.each(REFUSED)('%s is refused', async (_, values, said) => {
      expect((await render(values)).error).toMatch(said);
    });

    test('the operator is told where it is', async () => {
      const objects = await manifests({ collector: { port: 9443 }, logLevel: 'debug', watchNamespace: 'team' });
      expect(env(objects, 'VFBENCH_COLLECTOR_URL')).toBe('https://vfbench-collector.vfbench-system.svc:9443');
      expect(env(objects, 'VFBENCH_COLLECTOR_SERVICE')).toBe('vfbench-collector');
      expect(env(objects, 'VFBENCH_COLLECTOR_LISTEN')).toBe(':9443');
      expect(env(objects, 'VFBENCH_WATCH_NAMESPACE')).toBe('team');
      expect(env(objects, 'LOG_LEVEL')).toBe('debug');
      const own = await manifests({ collector: { url: 'https://192.0.2.1:7443' } });
      expect(env(own, 'VFBENCH_COLLECTOR_URL')).toBe('https://192.0.2.1:7443');
    });

    test('every object says whose it is', async () => {
      for (const { metadata } of (await manifests({})).values()) {
        expect(metadata.labels).toMatchObject({
          'app.kubernetes.io/name': expect.stringMatching(/^vfbench(-test)?$/) as unknown,
          'app.kubernetes.io/instance': 'vfbench',
          'app.kubernetes.io/managed-by': 'Helm',
        });
      }
    });

    test('rights: no wildcard, no secret but its own is read, nothing is escalated', async () => {
      const objects = [...(await manifests({})).values()].filter(
        ({ kind }) => kind === 'ClusterRole' || kind === 'Role',
      );
      const rules = objects.flatMap(
        (object) => object['rules'] as { resources: string[]; verbs: string[]; resourceNames?: string[] }[],
      );
      expect(JSON.stringify(rules)).not.toContain('*');
      for (const { resources, verbs, resourceNames } of rules) {
        expect(verbs).not.toEqual(expect.arrayContaining(['escalate']));
        expect(verbs).not.toEqual(expect.arrayContaining(['impersonate']));
        if (!resources.includes('secrets')) continue;
        expect(verbs).not.toContain('list');
        expect(verbs).not.toContain('watch');
        if (verbs.includes('get')) expect(resourceNames).toEqual(['vfbench-operator']);
      }
    });

    test('the schema describes each value of values.yaml, with a default there for each', async () => {
      const { error } = await render({});
      expect(error).toBeUndefined();
      const schema = readFileSync(join(CHART, 'values.schema.json'), 'utf8');
      const top = Object.keys((JSON.parse(schema) as { properties: object }).properties).filter(
        (name) => name !== 'global',
      );
      const values = readFileSync(join(CHART, 'values.yaml'), 'utf8');
      for (const name of top) expect(values).toMatch(new RegExp(`^${name}:`, 'm'));
    });
  });

  describeWithCluster('on a cluster', {}, (cluster) => {
    const dryRun = (objects: Manifests): Promise<string> =>
      cluster().kubectl(['apply', '--server-side', '--force-conflicts', '--dry-run=server', '-f', '-'], {
        input: json(objects),
      });

    beforeAll(async () => {
      await cluster().apply(
        ...['vfbench-system', 'bench', 'team'].map((name) => ({
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
        })),
        ...['vfbench', 'vfbench-test', 'default'].map((name) => ({
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name, namespace: 'vfbench-system' },
        })),
      );
    });

    test.each(CASES.map((each) => [each.name, each] as const))('%s: accepted', async (_, each) => {
      const objects = await manifests(each.values, each.options);
      // The Prometheus operator's kinds are not installed here.
      // Only its ServiceAccount keeps a pod out that is otherwise in order: that one is not made by a dry run.
      const all = [...objects.values()].filter(
        ({ kind, apiVersion }) => kind !== 'Pod' && !apiVersion.startsWith('monitoring.coreos.com/'),
      );
      const said = await dryRun(new Map(all.map((object) => [`${object.kind}/${object.metadata.name}`, object])));
      expect(said.trim().split('\n')).toHaveLength(all.length);
    });

    test('its pods fit the restricted Pod Security Standard', async () => {
      const objects = await manifests({});
      const template = at(objects.get('Deployment/vfbench'), 'spec.template') as Pick<Manifest, 'metadata'> & {
        spec: object;
      };
      const pods = [
        {
          apiVersion: 'v1',
          kind: 'Pod',
          ...template,
          metadata: { ...template.metadata, name: 'operator', namespace: 'vfbench-system' },
        },
        objects.get('Pod/vfbench-test'),
      ];
      for (const pod of pods) {
        await expect(
          cluster().kubectl(['create', '--dry-run=server', '-f', '-'], { input: JSON.stringify(pod) }),
        ).resolves.toContain('created');
      }
    });
  });
});
