/** What may still change in Experiments and Trials, and from when on nothing may: transition rules on a real API server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { Experiment, Trial } from '../../src/api/v1alpha1.ts';
import { EXPERIMENTS, TRIALS } from '../../src/api/kinds.ts';
import { KubeClient, type KubeObject, type ResourceType } from '../../src/kube/index.ts';
import { createLogger } from '../../src/log.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { changed } from './crds/change.ts';
import { EXPERIMENT } from './crds/experiments.ts';
import { refusal } from './crds/refusal.ts';
import { condition, INVALID_TRIAL_STATUSES, TRIAL, TRIAL_STATUS } from './crds/trials.ts';

const CRD = join(import.meta.dirname, '../../crds/experiments.vfbench.io.yaml');

describeWithCluster('immutability', {}, (cluster) => {
  let client: KubeClient;

  beforeAll(async () => {
    client = KubeClient.fromKubeConfig({ kubeconfig: cluster().kubeconfig, log: createLogger('test', 'silent') });
    await cluster().apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bench' } });
  }, 60_000);
  afterAll(() => client?.close());

  const create = <T extends KubeObject>(type: ResourceType, object: object): Promise<T> =>
    client.create<T>(type, object as T);

  describe('an Experiment', () => {
    const FROZEN = /spec is immutable once the first Trial is granted.*create a new Experiment/;
    const NODES = { nodes: { server: 'node-a', client: 'node-b' } };
    const PROGRESS = { blocks: 0, plannedBlocks: 6, trials: 0, plannedTrials: 6, failed: 0 };
    let count = 0;

    async function experiment(status?: object): Promise<Experiment & KubeObject> {
      const metadata = { name: `e${++count}`, namespace: 'bench' };
      const made = await create<Experiment & KubeObject>(EXPERIMENTS, { ...EXPERIMENT, metadata });
      return status === undefined ? made : client.patchStatus(EXPERIMENTS, metadata, status);
    }
    const update = (object: Experiment & KubeObject, at: string, put: unknown): Promise<Experiment & KubeObject> =>
      client.replace(EXPERIMENTS, changed(object, at, put));

    test.each<[string, object | undefined]>([
      ['new', undefined],
      ['seeded only', { seed: 7 }],
      ['waiting for its first grant', { seed: 7, progress: PROGRESS }],
    ])('may be changed while %s', async (_, status) => {
      const changedOne = await update(await experiment(status), 'spec.durationSeconds', 3);
      expect(changedOne.spec.durationSeconds).toBe(3);
    });

    const started = { seed: 7, progress: { ...PROGRESS, trials: 1 } };
    test.each<[string, object]>([
      ['its nodes are chosen', NODES],
      ['a Trial runs', { progress: { ...PROGRESS, running: 'e-b0' } }],
      ['a Trial is measured', started],
    ])('is frozen once %s', async (_, status) => {
      expect(await refusal(update(await experiment(status), 'spec.durationSeconds', 3))).toMatch(FROZEN);
    });

    const otherModes = EXPERIMENT.spec.modes.toReversed();
    const otherTests = EXPERIMENT.spec.tests.toReversed();
    test.each<[string, unknown]>([
      ['testbed', 'other'],
      ['modes.2.network', 'other'],
      ['modes', otherModes],
      ['baseline', 'virtio'],
      ['placements', ['SameNode', 'CrossNode']],
      ['pairs', [4, 1]],
      ['pairs', [1]],
      ['tests.0.messageBytes', [14]],
      ['tests', otherTests],
      ['blocks.max', 13],
      ['durationSeconds', 11],
      ['warmupSeconds', 2],
      ['comparison.equivalencePercent', 4],
      ['expectations', undefined],
      ['expectations.0.ratioAtMost', '2'],
      ['seed', undefined],
      ['seed', 8],
    ])('once frozen keeps spec.%s', async (field, put) => {
      expect(await refusal(update(await experiment(NODES), `spec.${field}`, put))).toMatch(FROZEN);
    });

    test('once frozen may be suspended and given a time to live', async () => {
      const frozen = await experiment(NODES);
      const suspended = await update(frozen, 'spec.suspend', true);
      const kept = await update(suspended, 'spec.ttlSecondsAfterFinished', 60);
      expect(kept.spec).toMatchObject({ suspend: true, ttlSecondsAfterFinished: 60 });
    });

    test('freezes every field of its spec but the two', () => {
      const crd = parse(readFileSync(CRD, 'utf8')) as CrdYaml;
      const schema = crd.spec.versions[0].schema.openAPIV3Schema;
      const rule = schema['x-kubernetes-validations'].find(({ message }) => FROZEN.test(message))?.rule ?? '';
      const fields = Object.keys(schema.properties.spec.properties);
      const missing = fields.filter((field) => !new RegExp(`oldSelf\\.spec\\.${field}\\b`).test(rule));
      expect(missing.toSorted()).toEqual(['suspend', 'ttlSecondsAfterFinished']);
    });

    test('records its seed once', async () => {
      const { metadata } = await experiment({ seed: 7 });
      const at = { namespace: 'bench', name: metadata.name };
      expect(await refusal(client.patchStatus(EXPERIMENTS, at, { seed: 8 }))).toMatch(/status.seed is recorded once/);
    });
  });

  describe('a Trial', () => {
    let count = 0;

    async function trial(status: object): Promise<{ namespace: string; name: string }> {
      const metadata = { namespace: 'bench', name: `t${++count}` };
      await create(TRIALS, { ...TRIAL, metadata });
      await client.patchStatus(TRIALS, metadata, status);
      return metadata;
    }
    const withConditions = (...conditions: object[]): object => ({ ...TRIAL_STATUS, conditions });

    test.each(INVALID_TRIAL_STATUSES)('refuses in its status $name', async ({ at, put, message }) => {
      expect(await refusal(trial(changed(TRIAL_STATUS, at, put)))).toMatch(message);
    });

    test('keeps its spec', async () => {
      const at = await trial({});
      const object = await client.get<Trial & KubeObject>(TRIALS, at);
      expect(await refusal(client.replace(TRIALS, changed(object, 'spec.block', 1)))).toMatch(
        /spec of a Trial is immutable/,
      );
    });

    test.each<[string, object]>([
      ['changed', { grant: { nodes: { server: 'node-c' } } }],
      ['given another Testbed', { grant: { testbed: { link: { mtu: 9000 } } } }],
      ['taken back', { grant: null }],
    ])('does not let its grant be %s', async (_, patch) => {
      const at = await trial(TRIAL_STATUS);
      expect(await refusal(client.patchStatus(TRIALS, at, patch))).toMatch(/status.grant is written once/);
    });

    test('lets its results be written until they are measured', async () => {
      const at = await trial(TRIAL_STATUS);
      const patch = { measurements: [], raw: [], conditions: [condition('Measured', 'True')] };
      const written = await client.patchStatus<Trial & KubeObject>(TRIALS, at, patch);
      expect(written.status?.measurements).toEqual([]);
    });

    test.each<[string, object]>([
      ['measurements', { measurements: [] }],
      ['raw', { raw: null }],
    ])('keeps its %s once measured', async (_, patch) => {
      const at = await trial(withConditions(condition('Measured', 'True')));
      expect(await refusal(client.patchStatus(TRIALS, at, patch))).toMatch(/immutable once Measured is True/);
    });

    test('may be cleaned up and finished once measured', async () => {
      const at = await trial(withConditions(condition('Measured', 'True')));
      const conditions = ['Measured', 'CleanedUp', 'Finished', 'Succeeded'].map((type) => condition(type, 'True'));
      const patch = { conditions, completionTime: '2026-01-01T00:10:00Z' };
      const written = await client.patchStatus<Trial & KubeObject>(TRIALS, at, patch);
      expect(written.status?.completionTime).toBe('2026-01-01T00:10:00Z');
    });

    test.each<[string, object]>([
      ['a condition', { conditions: [condition('Finished', 'True'), condition('Succeeded', 'True')] }],
      ['its end', { conditions: [condition('Finished', 'False')] }],
      ['a time', { completionTime: '2026-01-01T00:10:00Z' }],
      ['a number', { measuredSeconds: 5 }],
    ])('does not change once finished: %s', async (_, patch) => {
      const at = await trial(withConditions(condition('Finished', 'True')));
      expect(await refusal(client.patchStatus(TRIALS, at, patch))).toMatch(
        /the Trial is finished, its status is immutable/,
      );
    });

    test('does not lose its status once finished', async () => {
      const at = await trial(withConditions(condition('Finished', 'True')));
      const { status: _, ...object } = await client.get<Trial & KubeObject>(TRIALS, at);
      const args = ['replace', '--subresource=status', '-f', '-'];
      const request = cluster().kubectl(args, { input: JSON.stringify(object) });
      await expect(request).rejects.toThrow(/the Trial is finished, its status is immutable/);
    });
  });
});

interface CrdYaml {
  spec: {
    versions: [
      {
        schema: {
          openAPIV3Schema: {
            'x-kubernetes-validations': { rule: string; message: string }[];
            properties: { spec: { properties: object } };
          };
        };
      },
    ];
  };
}
