/** A report's way through the cluster: stored by the operator before the end, read back by the command line. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { Experiment, ExperimentStatus, Trial } from '../../src/api/v1alpha1.ts';
import { reportText } from '../../src/cli/report.ts';
import { ReportStore } from '../../src/control/reportStore.ts';
import { ApiError, EventRecorder, type KubeClient, type KubeObject, Store } from '../../src/kube/index.ts';
import { clientFor, silent } from '../../src/kube/kube.testing.ts';
import { emptyPlan, type Plan } from '../../src/plan/types.ts';
import { expandTests, metricsFor, pointOf } from '../../src/results/catalogue.ts';
import { condition, experiment as baseExperiment, NOW, trial } from '../support/builders.ts';
import { json, ScriptedServer, status } from '../support/scripted-server.ts';

interface ConfigMap extends KubeObject {
  immutable?: boolean;
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
}

const CONFIGMAPS = '/api/v1/namespaces/bench/configmaps';
const finished = [condition('Finished', 'True', { reason: 'Completed' }), condition('Succeeded', 'True')];
const experiment = { ...baseExperiment(), status: { seed: 7, conditions: finished } } satisfies Experiment;
const trials: Trial[] = [0, 1].flatMap((block) =>
  experiment.spec.modes.map(({ name: mode }) =>
    trial(
      { mode, block },
      {
        conditions: finished,
        raw: [{ endpoint: 'client-0', digest: `sha256:${`${block}`.repeat(64)}`, data: 'H4sI' }],
        measurements: expandTests(experiment.spec).flatMap((point) =>
          metricsFor(point).map(({ metric, unit }) => ({
            test: point.test,
            point: pointOf(point),
            pair: 0,
            metric,
            unit,
            value: 1e9 + block,
          })),
        ),
      },
    ),
  ),
);
const plan: Plan<ExperimentStatus> = { ...emptyPlan(), status: experiment.status };

let server: ScriptedServer;
let client: KubeClient;
let now: number;
let reports: ReportStore;

beforeEach(async () => {
  now = NOW;
  server = await ScriptedServer.start();
  client = clientFor(server.url);
  const events = new EventRecorder({ client, component: 'vfbench.io/operator', instance: 'x', log: silent });
  reports = new ReportStore({ executor: { client, events, stores: {} }, experiments: new Store(), now: () => now });
});
afterEach(async () => {
  await client.close();
  await server.close();
});

const store = (from: Trial[] = trials, what = plan) => reports.store(experiment, { trials: from }, what);
const posted = (): ConfigMap[] => server.seen(`POST ${CONFIGMAPS}`).map(({ body }) => body as ConfigMap);

/** Stores for good, and serves what was stored. */
async function stored(): Promise<{ maps: ConfigMap[]; ended: Experiment }> {
  server.on(`POST ${CONFIGMAPS}`, json(201, {}));
  const found = await store();
  if (!('plan' in found)) throw new Error('not stored');
  return { maps: posted(), ended: { ...experiment, status: found.plan.status! } };
}

async function read(ended: Experiment, maps: ConfigMap[]): Promise<string> {
  for (const map of maps) server.on(`GET ${CONFIGMAPS}/${map.metadata.name}`, json(200, map));
  return [...(await reportText(client, ended, 'json'))].join('');
}

describe('stored', () => {
  test('as one immutable ConfigMap of the Experiment, in one request', async () => {
    const { maps, ended } = await stored();
    expect(server.requests).toHaveLength(1);
    expect(maps).toHaveLength(1);
    expect(maps[0]).toMatchObject({
      immutable: true,
      metadata: { ownerReferences: [{ kind: 'Experiment', uid: 'experiment-1' }] },
    });
    expect(ended.status?.report).toEqual({
      configMap: maps[0]?.metadata.name,
      digest: expect.stringMatching(/^sha256:/) as unknown,
      trials: 6,
    });
  });

  test('the same content has the same name, other content another', async () => {
    const { maps } = await stored();
    server.on(`POST ${CONFIGMAPS}`, json(201, {}), json(201, {}));
    await store(trials.toReversed());
    await store(trials.slice(1));
    const names = posted().map(({ metadata }) => metadata.name);
    expect(names[1]).toBe(maps[0]?.metadata.name);
    expect(names[2]).not.toBe(names[0]);
  });

  test('not before the end, and not again', async () => {
    const running = { ...plan, status: { ...plan.status, conditions: [condition('Finished', 'False')] } };
    expect(await store(trials, running)).toEqual({ plan: running });
    expect(await store(trials, emptyPlan())).toEqual({ plan: emptyPlan() });
    expect(server.requests).toEqual([]);
  });

  test('what cannot be stored ends the Experiment all the same, and is said', async () => {
    server.on(`POST ${CONFIGMAPS}`, status(403, 'Forbidden'), status(403, 'Forbidden'));
    expect(await store()).toEqual({ requeueAfterMs: 1000 });
    now += 60_000;
    const found = await store();
    expect(found).toMatchObject({ plan: { events: [{ type: 'Warning', reason: 'ReportNotStored' }] } });
    const { status: end } = (found as { plan: typeof plan }).plan;
    expect(end?.report).toBeUndefined();
    expect(end?.conditions?.find(({ type }) => type === 'ReportStored')).toMatchObject({
      status: 'False',
      reason: 'AdmissionRefused',
    });
  });

  test('a server that is away is tried again', async () => {
    server.on(`POST ${CONFIGMAPS}`, status(409, 'Conflict'));
    await expect(store()).rejects.toThrow(ApiError);
  });

  test('what is large comes in parts that each fit an object', async () => {
    const noise = (): string => randomBytes(500).toString('base64');
    const large = trials.map((one) => ({
      ...one,
      status: {
        ...one.status,
        measurements: Array.from({ length: 400 }, (_, pair) => ({
          test: 'bandwidth',
          point: { streams: 1 },
          pair,
          metric: 'throughput',
          unit: 'bit/s',
          reason: noise(),
        })),
      },
    }));
    server.on(`POST ${CONFIGMAPS}`, ...Array.from({ length: 8 }, () => json(201, {})));
    await store(large);
    expect(posted().length).toBeGreaterThan(1);
    expect(Math.max(...posted().map((map) => JSON.stringify(map).length))).toBeLessThan(1024 * 1024);
  });
});

describe('read back', () => {
  test('it is the report that the Trials give', async () => {
    const { maps, ended } = await stored();
    const { report: _report, ...bare } = ended.status ?? {};
    server.on('GET /apis/vfbench.io/v1alpha1/namespaces/bench/trials', json(200, { items: trials, metadata: {} }));
    const fromTrials = [...(await reportText(client, { ...ended, status: bare }, 'json'))].join('');
    const fromSeal = JSON.parse(await read(ended, maps)) as { digest?: string; trials: { raw: object[] }[] };
    expect(fromSeal.digest).toBe(ended.status?.report?.digest);
    expect(fromSeal.trials.map(({ raw }) => raw)).toEqual(
      trials.map(({ status: kept }) => [{ endpoint: 'client-0', digest: kept?.raw?.[0]?.digest }]),
    );
    delete fromSeal.digest;
    expect(fromSeal).toEqual(JSON.parse(fromTrials));
  });

  const spoilt: [string, (map: ConfigMap) => ConfigMap, RegExp][] = [
    [
      'changed',
      (map) => ({ ...map, binaryData: { 'report.json.gz': Buffer.from('x').toString('base64') } }),
      /was changed/,
    ],
    ['emptied', (map) => ({ ...map, binaryData: {} }), /was changed/],
    [
      'of another Experiment',
      (map) => ({
        ...map,
        data: { 'index.json': (map.data?.['index.json'] ?? '').replace('experiment-1', 'experiment-2') },
      }),
      /holds another report: it has the UID experiment-2/,
    ],
    [
      'of another seed',
      (map) => ({ ...map, data: { 'index.json': (map.data?.['index.json'] ?? '').replace('"seed":7', '"seed":8') } }),
      /the seed 8/,
    ],
    ['without an index', (map) => ({ ...map, data: {} }), /index of the stored report/],
  ];
  test.each(spoilt)('one that was %s is refused', async (_, spoil, message) => {
    const { maps, ended } = await stored();
    await expect(read(ended, maps.map(spoil))).rejects.toThrow(message);
  });

  test('one that is gone, or whose digest is not the status’s, is refused', async () => {
    const { maps, ended } = await stored();
    server.on(`GET ${CONFIGMAPS}/${maps[0]?.metadata.name}`, status(404, 'NotFound'));
    await expect(read(ended, [])).rejects.toThrow(/is gone/);
    const report = { ...ended.status!.report!, digest: `sha256:${'0'.repeat(64)}` };
    await expect(read({ ...ended, status: { ...ended.status, report } }, maps)).rejects.toThrow(/the digest/);
  });

  test('Trials of an earlier Experiment of the same name are not merged', async () => {
    const foreign = trials.map((one) => ({
      ...one,
      metadata: { ...one.metadata, ownerReferences: [{ ...one.metadata.ownerReferences![0]!, uid: 'experiment-0' }] },
    }));
    server.on(
      'GET /apis/vfbench.io/v1alpha1/namespaces/bench/trials',
      json(200, { items: [...foreign, ...trials.slice(0, 1)], metadata: {} }),
    );
    const text = [...(await reportText(client, experiment, 'json'))].join('');
    expect((JSON.parse(text) as { trials: object[] }).trials).toHaveLength(1);
  });
});
