/** The CustomResourceDefinitions on a real API server: what is accepted, filled in, refused and frozen. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { setCondition } from '../../src/api/conditions.ts';
import type { Condition, Experiment, Testbed, Trial } from '../../src/api/v1alpha1.ts';
import { EXPERIMENTS, TESTBEDS, TRIALS } from '../../src/api/kinds.ts';
import { CRDS, KubeClient, type KubeObject, type ResourceType } from '../../src/kube/index.ts';
import { createLogger } from '../../src/log.ts';
import { renderPod } from '../../src/plan/render/pod.ts';
import { outcomeOf, resultConditions } from '../../src/plan/outcome.ts';
import { analyse } from '../../src/results/analyse.ts';
import { testbed, trial } from '../support/builders.ts';
import { describeWithCluster, type TestCluster } from '../support/cluster.ts';
import { observe } from '../support/results/coverage.ts';
import { CASES, chance } from '../support/results/simulation.ts';
import { changed, type InvalidCase } from './crds/change.ts';
import { EXPERIMENT, INVALID_EXPERIMENTS } from './crds/experiments.ts';
import { refusal } from './crds/refusal.ts';
import { POD_RESOURCES } from './crds/podResources.ts';
import { INVALID_TESTBEDS, TESTBED } from './crds/testbeds.ts';
import { INVALID_TRIALS, TRIAL, TRIAL_STATUS } from './crds/trials.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLES = join(ROOT, 'deploy/examples');

interface Crd extends KubeObject {
  status: { conditions: { type: string; status: string; message: string }[] };
}

/** Only what the examples need of Multus' own definition. */
const MULTUS_CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'network-attachment-definitions.k8s.cni.cncf.io' },
  spec: {
    group: 'k8s.cni.cncf.io',
    scope: 'Namespaced',
    names: {
      kind: 'NetworkAttachmentDefinition',
      plural: 'network-attachment-definitions',
      singular: 'network-attachment-definition',
    },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { config: { type: 'string' } } } },
          },
        },
      },
    ],
  },
};

function examples(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml') && !name.endsWith('kustomization.yaml'))
    .map((name) => join(folder, name));
}

describeWithCluster('custom resources', {}, (cluster) => {
  let client: KubeClient;

  beforeAll(async () => {
    client = KubeClient.fromKubeConfig({ kubeconfig: cluster().kubeconfig, log: createLogger('test', 'silent') });
    await cluster().apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bench' } }, MULTUS_CRD);
    await cluster().kubectl(['wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all']);
  }, 60_000);
  afterAll(() => client?.close());

  const create = <T extends KubeObject>(type: ResourceType, object: object): Promise<T> =>
    client.create<T>(type, object as T);

  describe('definitions', () => {
    test.each(['testbeds', 'experiments', 'trials'])('%s is established, without complaint', async (plural) => {
      const { status } = await client.get<Crd>(CRDS, { name: `${plural}.vfbench.io` });
      const at = Object.fromEntries(status.conditions.map((each) => [each.type, each.status]));
      expect(at).toMatchObject({ Established: 'True', NamesAccepted: 'True' });
      expect(status.conditions.filter((each) => each.type.includes('NonStructural'))).toEqual([]);
    });

    test('are applied without warnings', async () => {
      const names = readdirSync(join(ROOT, 'crds')).filter((name) => name.endsWith('.vfbench.io.yaml'));
      const files = names.flatMap((name) => ['-f', join(ROOT, 'crds', name)]);
      const args = [
        'apply',
        '--server-side',
        '--force-conflicts',
        '--warnings-as-errors',
        '--dry-run=server',
        ...files,
      ];
      await expect(cluster().kubectl(args)).resolves.toContain('trials.vfbench.io serverside-applied');
    });

    test.each([
      ['testbeds.spec.link.bitsPerSecond', /10G is 10 Gbit\/s/],
      ['experiments.spec.blocks.precisionPercent', /interval of every primary metric/],
      ['experiments.status.results', /One row for each test point/],
      ['trials.status.grant', /written before anything is created/],
    ])('kubectl explain %s', async (path, text) => {
      const said = await cluster().kubectl(['explain', path]);
      expect(said.replaceAll(/\s+/g, ' ')).toMatch(text);
    });

    test.each(['vftb', 'vfexp', 'vft', 'vfbench'])('kubectl get %s', async (name) => {
      await expect(cluster().kubectl(['get', name, '-A'])).resolves.toBe('');
    });
  });

  describe('examples', () => {
    test.each(examples(EXAMPLES).map((path) => [path.slice(EXAMPLES.length + 1), path]))(
      '%s is accepted',
      async (_, path) => {
        const said = await dryRun(cluster(), ['-f', path]);
        const kinds = parseAllDocuments(readFileSync(path, 'utf8')).length;
        expect(said.trim().split('\n')).toHaveLength(kinds);
      },
    );

    test('lab is accepted as a whole', async () => {
      await expect(dryRun(cluster(), ['-k', join(EXAMPLES, 'lab')])).resolves.toContain('testbed.vfbench.io/lab');
    });

    test('rights are accepted, and no rule has a wildcard', async () => {
      const path = join(ROOT, 'deploy/base/rbac.yaml');
      await cluster().kubectl(['apply', '-f', path]);
      expect(readFileSync(path, 'utf8')).not.toContain('*');
    });

    test('valid objects are accepted', async () => {
      for (const object of [TESTBED, EXPERIMENT, TRIAL]) await dryRun(cluster(), ['-f', '-'], JSON.stringify(object));
    });
  });

  describe('refused', () => {
    const refuses = (title: string, type: ResourceType, valid: object, cases: InvalidCase[]): void => {
      test.each(cases)(`${title}: $name`, async ({ at, put, message }) => {
        const object = changed(valid, at, put) as { metadata: { name: string } };
        if (at !== 'metadata.name') object.metadata.name = 'invalid';
        expect(await refusal(create(type, object))).toMatch(message);
      });
    };
    refuses('Testbed', TESTBEDS, TESTBED, INVALID_TESTBEDS);
    refuses('Experiment', EXPERIMENTS, EXPERIMENT, INVALID_EXPERIMENTS);
    refuses('Trial', TRIALS, TRIAL, INVALID_TRIALS);

    test('at least 60 different objects', () => {
      const all = [...INVALID_TESTBEDS, ...INVALID_EXPERIMENTS, ...INVALID_TRIALS];
      expect(new Set(all.map(({ at, put }) => `${at}=${JSON.stringify(put)}`)).size).toBeGreaterThanOrEqual(60);
    });

    test('IPv6 on too small an MTU', async () => {
      const small = changed(changed(TESTBED, 'spec.link.mtu', 1200), 'spec.subnet', 'fd00::/64');
      expect(await refusal(create(TESTBEDS, small))).toMatch(/spec.link.mtu: .*too small for an IPv6 subnet/);
    });

    test('a misspelt field, by kubectl', async () => {
      const object = changed(EXPERIMENT, 'spec.basline', 'native');
      await expect(dryRun(cluster(), ['-f', '-'], JSON.stringify(object))).rejects.toThrow(
        /unknown field "spec.basline"/,
      );
    });
  });

  describe('resources of a pod: a Testbed with any that the API server refuses is refused', () => {
    const said = (object: object): Promise<string> =>
      dryRun(cluster(), ['-f', '-'], JSON.stringify(object)).then(
        () => '',
        (error: unknown) => String(error),
      );
    const endpoint = { name: 'server-0', kind: 'Pod', object: 'judged', node: 'a', attachment: 'vf-net' } as const;

    beforeAll(() =>
      cluster().apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'bench' } }),
    );

    test.each(POD_RESOURCES)('$name', async ({ resources, ...expected }) => {
      const bed = testbed({ pod: { image: 'runner:1', resources } });
      const pod = renderPod(trial(), bed, { ...endpoint, address: '192.168.50.11/24', resource: 'openshift.io/vfnet' });
      const { ownerReferences: _owner, ...metadata } = pod.metadata;
      expect(await said({ ...pod, metadata })).toMatch(expected.pod ?? /^$/);
      expect(await said(changed(TESTBED, 'spec.pod.resources', resources))).toMatch(expected.testbed ?? /^$/);
    });
  });

  describe('filled in', () => {
    test('Testbed', async () => {
      const { nodes, networks, pod } = TESTBED.spec;
      const spec = {
        nodes,
        networks,
        pod,
        link: { bitsPerSecond: 10_000_000_000 },
        subnet: 'fd00:50::/64',
        vm: { image: 'guest:1' },
      };
      const made = await create<Testbed & KubeObject>(TESTBEDS, {
        ...TESTBED,
        metadata: { name: 'filled', namespace: 'bench' },
        spec,
      });
      expect(made.spec).toEqual({
        ...spec,
        link: { bitsPerSecond: 10_000_000_000, mtu: 1500 },
        vm: { image: 'guest:1', cores: 2, memory: '2Gi', dedicatedCPU: false, multiqueue: true },
        concurrency: 1,
        timeouts: { scheduleSeconds: 120, startSeconds: 300, marginSeconds: 60, cleanupSeconds: 180 },
      });
    });

    test('Experiment', async () => {
      const spec = {
        testbed: 'lab',
        modes: [{ name: 'native', type: 'Native' }],
        baseline: 'native',
        tests: [{ name: 'latency', type: 'RequestResponse', protocol: 'TCP' }],
      };
      const made = await create<Experiment & KubeObject>(EXPERIMENTS, {
        ...EXPERIMENT,
        metadata: { name: 'filled', namespace: 'bench' },
        spec,
      });
      expect(made.spec).toEqual({
        ...spec,
        tests: [{ name: 'latency', type: 'RequestResponse', protocol: 'TCP', direction: 'Forward' }],
        placements: ['CrossNode'],
        pairs: [1],
        blocks: { min: 6, max: 30, precisionPercent: 3, retries: 2 },
        durationSeconds: 10,
        warmupSeconds: 1,
        comparison: { confidencePercent: 95, equivalencePercent: 5 },
        suspend: false,
      });
    });
  });

  test('status takes what an analysis of whole blocks comes to, unchanged', async () => {
    const metadata = { name: 'judged', namespace: 'bench' };
    const { spec } = await create<Experiment & KubeObject>(EXPERIMENTS, {
      ...EXPERIMENT,
      metadata,
      spec: { ...EXPERIMENT.spec, placements: ['CrossNode'], pairs: [1] },
    });
    const [noise] = CASES;
    if (noise === undefined) throw new Error('no cases');
    const found = observe(spec, noise, chance(1), { blocks: 12, precision: 0, truths: [1, 1.2, 1] });
    const analysis = analyse(spec, found);
    const conditions = resultConditions(spec, analysis, 'Completed').reduce<Condition[]>(
      (all, update) => setCondition(all, update, { now: Date.UTC(2026, 0, 1), generation: 1 }),
      [],
    );
    const status = { ...outcomeOf(analysis), conditions };
    const stored = await client.patchStatus<Experiment & KubeObject>(EXPERIMENTS, metadata, status);
    expect(stored.status).toEqual(status);
    expect(status.results?.filter(({ verdict }) => verdict === 'Worse').length).toBeGreaterThan(0);
    expect(status.geometricMeans?.length).toBeGreaterThan(0);
    expect(status.drifts?.length).toBeGreaterThan(0);
    expect(status.expectations).toHaveLength(2);
  });

  test('status cannot be written through the object itself', async () => {
    const named = (name: string) => ({ metadata: { name, namespace: 'bench' } });
    const made = await Promise.all([
      create<Testbed & KubeObject>(TESTBEDS, { ...TESTBED, ...named('own'), status: { observedGeneration: 5 } }),
      create<Experiment & KubeObject>(EXPERIMENTS, { ...EXPERIMENT, ...named('own'), status: { verdict: 'Passed' } }),
      create<Trial & KubeObject>(TRIALS, { ...TRIAL, ...named('own'), status: TRIAL_STATUS }),
    ]);
    expect(made.map(({ status }) => status)).toEqual([undefined, undefined, undefined]);
    const [, experiment] = made;
    const written = await client.replace<Experiment & KubeObject>(EXPERIMENTS, {
      ...experiment,
      status: { verdict: 'Failed' },
    });
    expect(written.status).toBeUndefined();
  });
});

function dryRun(cluster: TestCluster, args: string[], input?: string): Promise<string> {
  return cluster.kubectl(['apply', '--dry-run=server', ...args], input === undefined ? {} : { input });
}
