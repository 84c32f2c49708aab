/** What may befall Experiments: trials that fail, a Testbed that is not fit or changes, others that want the same nodes. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findCondition } from '../../src/api/conditions.ts';
import type { ResultDocument } from '../../src/api/protocol.ts';
import type { Experiment } from '../../src/api/v1alpha1.ts';
import { describeWithCluster } from '../support/cluster.ts';
import type { Endpoint } from '../support/endpoint.ts';
import { eventually } from '../support/eventually.ts';
import { experimentManifest, FLEET_CLUSTER, labManifests } from '../support/fleet.ts';
import { goodResult } from '../support/good-result.ts';
import { type Changes, liveWell } from '../support/good-life.ts';
import { Scene } from '../support/scene.ts';
import { type Story, tellTogether } from '../support/stories.ts';
import type { TestCluster } from '../support/start-cluster.ts';

const TIMEOUTS = { scheduleSeconds: 10, startSeconds: 20, marginSeconds: 20, cleanupSeconds: 10 };
const LATENCY = { name: 'latency', type: 'RequestResponse', protocol: 'UDP', messageBytes: [64] };
const STREAM = { name: 'bandwidth', type: 'Stream', protocol: 'TCP' };
const ONE = { modes: [{ name: 'native', type: 'Native' }], tests: [STREAM], warmupSeconds: 0 };
const blocks = (count: number, retries = 0): object => ({ blocks: { min: count, max: count, retries } });

let scene: Scene;
/** What endpoints do, by `namespace/experiment`; the others live well. */
const scripts = new Map<string, (endpoint: Endpoint) => Promise<void>>();

/** A namespace with a Testbed on two nodes of its own, unless told otherwise. */
async function place(
  cluster: TestCluster,
  prefix: string,
  spec: { devices?: number; nodes?: [string, string] } & Record<string, unknown> = {},
): Promise<string> {
  const { devices, nodes, ...testbed } = spec;
  const namespace = await cluster.namespace(prefix);
  const [a, b] = nodes ?? [`${namespace}-a`, `${namespace}-b`];
  if (nodes === undefined) await Promise.all([a, b].map((name) => scene.fleet.node(name, devices)));
  const where = { server: { names: [a] }, client: { names: [b] } };
  await cluster.apply(...labManifests(namespace, { nodes: where, timeouts: TIMEOUTS, ...testbed }));
  return namespace;
}

const expectSuccess = (done: Experiment, progress: object): void => {
  expect(findCondition(done.status?.conditions, 'Succeeded')).toMatchObject({ status: 'True', reason: 'Completed' });
  expect(done.status?.progress).toMatchObject(progress);
  expect(findCondition(done.status?.conditions, 'Stalled')).toBeUndefined();
};

/** Endpoints of `namespace/exp` measure for as long as the gate is shut. */
function shutGate(namespace: string, name = 'exp'): { open: () => void; measuring: Promise<void> } {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const measure = (): Promise<void> => {
    begun.resolve();
    return gate.promise;
  };
  scripts.set(`${namespace}/${name}`, (endpoint) => liveWell(endpoint, { measure }));
  return { open: gate.resolve, measuring: begun.promise };
}

describeWithCluster('faults of experiments', FLEET_CLUSTER, (cluster) => {
  beforeAll(async () => {
    scene = await Scene.open(cluster(), (endpoint) => {
      const script = scripts.get(`${endpoint.namespace}/${endpoint.experiment}`);
      return (script ?? liveWell)(endpoint);
    });
    await scene.fleet.operator('faults', { leaderElection: false });
  }, 120_000);
  afterAll(async () => scene?.close());

  const patch = (namespace: string, kind: string, name: string, body: object): Promise<string> =>
    cluster().kubectl(['patch', kind, name, '-n', namespace, '--type=merge', '-p', JSON.stringify(body)]);
  const start = (namespace: string, spec: object = {}, name = 'exp'): Promise<void> =>
    cluster().apply(experimentManifest(namespace, name, { ...ONE, ...blocks(2), ...spec }));
  const held = (namespace: string, reason: string): Promise<Experiment> =>
    scene.until({ namespace, name: 'exp' }, { type: 'Admitted', status: 'False', reason });
  const messageOf = (experiment: Experiment, type = 'Admitted'): string =>
    findCondition(experiment.status?.conditions, type)?.message ?? '';

  /** Not admitted for the reason, until mended: then it runs to its end, and no trial was wasted. */
  const mended = async (
    namespace: string,
    fault: { reason: string; message: RegExp; spec?: object; mend: () => Promise<unknown> },
  ): Promise<void> => {
    await start(namespace, fault.spec);
    const waiting = await held(namespace, fault.reason);
    expect(messageOf(waiting)).toMatch(fault.message);
    expect(findCondition(waiting.status?.conditions, 'Stalled')).toMatchObject({
      status: 'True',
      reason: fault.reason,
    });
    expect(await scene.trials(namespace)).toEqual([]);
    await fault.mend();
    expectSuccess(await scene.finished(namespace, 'exp'), { blocks: 2, trials: 2, failed: 0 });
  };

  const STORIES: Story[] = [
    {
      title: 'a cell that fails once is tried again; the token of its first trial is worth nothing then',
      tell: async () => {
        const namespace = await place(cluster(), 'retry');
        const tokens: string[] = [];
        const refused: unknown[] = [];
        scripts.set(`${namespace}/exp`, async (endpoint) => {
          if (!endpoint.isClient) return liveWell(endpoint);
          const config = await endpoint.config();
          tokens.push(config.token);
          if (tokens.length === 1) return endpoint.status({ phase: 'Failed' });
          const plan = await endpoint.register();
          const stale = { ...config, token: tokens[0] ?? '' };
          refused.push(await endpoint.post(stale, '/v1/result', goodResult(config, plan)));
          await liveWell(endpoint);
        });
        await start(namespace, blocks(1, 1));
        expectSuccess(await scene.finished(namespace, 'exp'), { blocks: 1, trials: 2, failed: 1 });
        expect(refused).toMatchObject([{ status: 410, body: { reason: 'TrialNotLive' } }]);
        const ends = (await scene.trials(namespace)).map((t) => [
          t.spec.attempt,
          findCondition(t.status?.conditions, 'Succeeded')?.reason,
        ]);
        expect(ends.sort()).toEqual([
          [0, 'EndpointFailed'],
          [1, 'Completed'],
        ]);
      },
    },
    {
      title: 'a cell that always fails ends the Experiment after its retries',
      tell: async () => {
        const namespace = await place(cluster(), 'always');
        scripts.set(`${namespace}/exp`, (e) => (e.kind === 'Pod' ? liveWell(e) : e.status({ phase: 'Failed' })));
        const modes = [...ONE.modes, { name: 'virtio', type: 'Virtio' }];
        await start(namespace, { modes, ...blocks(3, 2) });
        const done = await scene.finished(namespace, 'exp');
        const finished = findCondition(done.status?.conditions, 'Finished');
        expect(finished).toMatchObject({ status: 'True', reason: 'CellFailed' });
        expect(finished?.message).toMatch(
          /^Mode virtio, CrossNode, 1 pairs failed in every attempt; last, \S+: EndpointFailed: /,
        );
        const trials = await scene.trials(namespace);
        expect(
          trials
            .filter((t) => t.spec.mode === 'virtio')
            .map((t) => t.spec.attempt)
            .sort(),
        ).toEqual([0, 1, 2]);
        expect(trials.every((t) => t.spec.block === 0)).toBe(true);
      },
    },
    {
      title: 'a percentile that one mode never has: the Experiment still finishes, its row has no median',
      tell: async () => {
        const namespace = await place(cluster(), 'null');
        const document: Changes['document'] = (good) => ({
          ...good,
          points: good.points.map((point) => ({
            ...point,
            measurements: point.measurements.map((m) =>
              m.metric === 'rttP99' ? { ...m, value: null, reason: 'TooFewSamples: 12 of 1000' } : m,
            ),
          })),
        });
        scripts.set(`${namespace}/exp`, (e) => liveWell(e, e.kind === 'Pod' ? {} : { document }));
        const modes = [...ONE.modes, { name: 'virtio', type: 'Virtio' }];
        await start(namespace, { modes, tests: [LATENCY], ...blocks(6) });
        const done = await scene.finished(namespace, 'exp');
        expectSuccess(done, { blocks: 6, trials: 12, failed: 0 });
        const rows = done.status?.results?.filter((row) => row.metric === 'rttP99') ?? [];
        expect(rows.map((row) => [row.mode, row.n, row.median, row.verdict])).toEqual([
          ['native', 6, 6e-5, 'Baseline'],
          ['virtio', 0, undefined, 'Inconclusive'],
        ]);
        expect(rows[1]?.message).toContain('TooFewSamples');
      },
    },
    {
      title: 'a result sent twice counts once, and a second opinion is turned down',
      tell: async () => {
        const namespace = await place(cluster(), 'twice');
        const told = Promise.withResolvers<void>();
        const answers: unknown[] = [];
        scripts.set(`${namespace}/exp`, async (endpoint) => {
          if (!endpoint.isClient) return liveWell(endpoint, { measure: () => told.promise });
          await endpoint.run();
          const [plan, config] = [await endpoint.register(), await endpoint.config()];
          const good = goodResult(config, plan);
          const better = scaled(good, 2);
          const first = endpoint.call(config, '/v1/result', good);
          await delay(500);
          answers.push(await endpoint.post(config, '/v1/result', better));
          const again = endpoint.post(config, '/v1/result', good);
          await delay(500);
          told.resolve();
          answers.push(await again, await first);
          await endpoint.status({ phase: 'Succeeded' });
        });
        await start(namespace, blocks(1));
        expectSuccess(await scene.finished(namespace, 'exp'), { trials: 1, failed: 0 });
        expect(answers).toMatchObject([
          { status: 409, body: { reason: 'ResultConflict' } },
          { status: 200, body: { duplicate: true } },
          { duplicate: false },
        ]);
        const [trial] = await scene.trials(namespace);
        expect(trial?.status?.measurements?.map((m) => m.value)).toEqual([1e9]);
      },
    },
    {
      title: 'more raw output than an object can hold: the figures are stored, and the digests',
      tell: async () => {
        const namespace = await place(cluster(), 'raw');
        const document: Changes['document'] = (good) => ({
          ...good,
          points: good.points.map((p) => ({ ...p, raw: { ...p.raw, stdout: randomBytes(40_000).toString('base64') } })),
        });
        scripts.set(`${namespace}/exp`, (e) => liveWell(e, { document }));
        await start(namespace, { pairs: [16], ...blocks(1) });
        expectSuccess(await scene.finished(namespace, 'exp'), { trials: 1, failed: 0 });
        const [trial] = await scene.trials(namespace);
        expect(trial?.status?.raw).toHaveLength(32);
        expect(new Set(trial?.status?.raw?.map((raw) => raw.digest)).size).toBe(32);
      },
    },
    {
      title: 'an unknown Testbed',
      tell: async () => {
        const namespace = await place(cluster(), 'nobed');
        await cluster().kubectl(['delete', 'testbed', 'lab', '-n', namespace]);
        const where = { server: { names: [`${namespace}-a`] }, client: { names: [`${namespace}-b`] } };
        await mended(namespace, {
          reason: 'TestbedNotFound',
          message: /^There is no Testbed lab in namespace \S+: create it/,
          mend: () => cluster().apply(...labManifests(namespace, { nodes: where })),
        });
      },
    },
    {
      title: 'an unknown network',
      tell: async () => {
        const namespace = await place(cluster(), 'nonet');
        const networks = ['native', 'virtio', 'passthrough', 'pf'].map((name) => ({ name, attachment: 'vf-net' }));
        await mended(namespace, {
          spec: { modes: [{ name: 'native', type: 'Native', network: 'pf' }] },
          reason: 'NetworkNotFound',
          message: /^Mode native wants network pf: Testbed lab has native, virtio, passthrough; add it there/,
          mend: () => patch(namespace, 'testbed', 'lab', { spec: { networks } }),
        });
      },
    },
    {
      title: 'an attachment that is not there',
      tell: async () => {
        const namespace = await place(cluster(), 'nonad');
        await cluster().kubectl(['delete', 'network-attachment-definition', 'vf-net', '-n', namespace]);
        await eventually(10, async () => {
          const text = await cluster().kubectl([
            'get',
            'testbed',
            'lab',
            '-n',
            namespace,
            '-o',
            'jsonpath={.status.conditions[?(@.type=="Ready")].status}',
          ]);
          return text === 'False' ? true : null;
        });
        await mended(namespace, {
          reason: 'TestbedNotReady',
          message: /network native: there is no NetworkAttachmentDefinition \S+\/vf-net: create it/,
          mend: () => cluster().apply(...labManifests(namespace).slice(0, 3)),
        });
      },
    },
    {
      title: 'more pairs than VFs',
      tell: async () => {
        const namespace = await place(cluster(), 'vfs', { devices: 2 });
        const nodes = [`${namespace}-a`, `${namespace}-b`];
        await mended(namespace, {
          spec: { pairs: [3] },
          reason: 'InsufficientVFs',
          message: /needs 3 of example.com\/vfnet on node \S+, which has 2: make more VFs there, or use fewer pairs/,
          mend: () => Promise.all(nodes.map((node) => scene.fleet.setNode(node, { devices: 3 }))),
        });
      },
    },
    {
      title: 'too small a subnet',
      tell: async () => {
        const namespace = await place(cluster(), 'subnet', { subnet: '10.9.0.0/30' });
        await mended(namespace, {
          spec: { pairs: [2] },
          reason: 'SubnetTooSmall',
          message: /10\.9\.0\.0\/30/,
          mend: () => patch(namespace, 'testbed', 'lab', { spec: { subnet: '10.9.0.0/29' } }),
        });
      },
    },
    {
      title: 'suspended while it runs: the trial under way ends, no other begins, until it is resumed',
      tell: async () => {
        const namespace = await place(cluster(), 'suspend');
        const gate = shutGate(namespace);
        await start(namespace, blocks(3));
        await gate.measuring;
        await patch(namespace, 'experiment', 'exp', { spec: { suspend: true } });
        gate.open();
        const suspended = await held(namespace, 'Suspended');
        expect(findCondition(suspended.status?.conditions, 'Stalled')).toBeUndefined();
        await eventually(20, async () => ((await scene.cells(namespace)).length === 1 ? true : null));
        await delay(1500);
        expect(await scene.trials(namespace)).toHaveLength(1);
        await patch(namespace, 'experiment', 'exp', { spec: { suspend: false } });
        expectSuccess(await scene.finished(namespace, 'exp'), { blocks: 3, trials: 3, failed: 0 });
      },
    },
    {
      title: 'removed when its time to live is over, with all its trials',
      tell: async () => {
        const namespace = await place(cluster(), 'ttl');
        await start(namespace, { ttlSecondsAfterFinished: 1 });
        await eventually(20, async () => ((await scene.cells(namespace)).length === 2 ? true : null));
        await eventually(20, async () => {
          const left = await cluster().kubectl(['get', 'experiments,trials', '-n', namespace, '-o', 'name']);
          return left.trim() === '' ? true : null;
        });
        expect(await scene.children(namespace)).toEqual([]);
      },
    },
    {
      title: 'a Testbed that is deleted under a trial',
      tell: async () => {
        const namespace = await place(cluster(), 'bedgone');
        const gate = shutGate(namespace);
        await start(namespace, blocks(2, 1));
        await gate.measuring;
        await cluster().kubectl(['delete', 'testbed', 'lab', '-n', namespace]);
        const waiting = await held(namespace, 'TestbedNotFound');
        expect(messageOf(waiting)).toContain('create it');
        gate.open();
        await eventually(20, async () => ((await scene.children(namespace)).length === 0 ? true : null));
        const where = { server: { names: [`${namespace}-a`] }, client: { names: [`${namespace}-b`] } };
        await cluster().apply(...labManifests(namespace, { nodes: where }));
        expectSuccess(await scene.finished(namespace, 'exp'), { blocks: 2, trials: 3, failed: 1 });
        const reasons = (await scene.trials(namespace)).map(
          (t) => findCondition(t.status?.conditions, 'Finished')?.reason,
        );
        expect(reasons.sort()).toEqual(['Completed', 'Completed', 'TestbedNotFound']);
      },
    },
    {
      title: 'an attachment that is deleted under a trial: it goes on, the next waits',
      tell: async () => {
        const namespace = await place(cluster(), 'nadgone');
        const gate = shutGate(namespace);
        await start(namespace, blocks(2));
        await start(namespace, blocks(1), 'other');
        await gate.measuring;
        await cluster().kubectl(['delete', 'network-attachment-definition', 'vf-net', '-n', namespace]);
        await scene.until({ namespace, name: 'exp' }, { type: 'Stalled', status: 'True' });
        gate.open();
        await eventually(20, async () => ((await scene.cells(namespace)).length === 1 ? true : null));
        await delay(1500);
        expect(await scene.cells(namespace)).toHaveLength(1);
        await cluster().apply(...labManifests(namespace).slice(0, 3));
        expectSuccess(await scene.finished(namespace, 'exp'), { trials: 2, failed: 0 });
        expectSuccess(await scene.finished(namespace, 'other'), { trials: 1, failed: 0 });
        for (const trial of await scene.trials(namespace)) {
          expect(trial.status?.grant?.endpoints.map((e) => e.resource)).toEqual([
            'example.com/vfnet',
            'example.com/vfnet',
          ]);
        }
      },
    },
    {
      title: 'a node that is lost while it measures',
      tell: async () => {
        const namespace = await place(cluster(), 'lost');
        const gate = shutGate(namespace);
        await start(namespace, blocks(2, 1));
        await start(namespace, blocks(1), 'other');
        await gate.measuring;
        await scene.fleet.setNode(`${namespace}-b`, { ready: false });
        const waiting = await held(namespace, 'NodeUnavailable');
        expect(messageOf(waiting)).toContain(`Node ${namespace}-b is gone, not Ready or cordoned`);
        await eventually(20, async () => {
          const [trial] = await scene.trials(namespace, 'exp');
          return findCondition(trial?.status?.conditions, 'Finished')?.reason === 'NodeLost' ? true : null;
        });
        gate.open();
        await delay(1500);
        await scene.fleet.setNode(`${namespace}-b`, { ready: true });
        expectSuccess(await scene.finished(namespace, 'exp'), { blocks: 2, trials: 3, failed: 1 });
        expectSuccess(await scene.finished(namespace, 'other'), { trials: 1, failed: 0 });
      },
    },
    {
      title: 'a node that is cordoned: the trial under way ends, the next wait',
      tell: async () => {
        const namespace = await place(cluster(), 'cordon');
        const gate = shutGate(namespace);
        await start(namespace, blocks(2));
        await start(namespace, blocks(1), 'other');
        await gate.measuring;
        await cluster().kubectl(['cordon', `${namespace}-a`]);
        await held(namespace, 'NodeUnavailable');
        gate.open();
        await eventually(20, async () => ((await scene.cells(namespace)).length === 1 ? true : null));
        await delay(1500);
        expect(await scene.cells(namespace)).toHaveLength(1);
        await cluster().kubectl(['uncordon', `${namespace}-a`]);
        expectSuccess(await scene.finished(namespace, 'exp'), { trials: 2, failed: 0 });
        expectSuccess(await scene.finished(namespace, 'other'), { trials: 1, failed: 0 });
      },
    },
    {
      title: 'a trial that a user deletes is made again',
      tell: async () => {
        const namespace = await place(cluster(), 'untrial');
        const gate = shutGate(namespace);
        await start(namespace, blocks(1));
        await gate.measuring;
        const [old] = await scene.trials(namespace);
        await cluster().kubectl(['delete', 'trial', old?.metadata.name ?? '', '-n', namespace]);
        gate.open();
        expectSuccess(await scene.finished(namespace, 'exp'), { trials: 1, failed: 0 });
        const [trial, ...more] = await scene.trials(namespace);
        expect(more).toEqual([]);
        expect(trial?.metadata.uid).not.toBe(old?.metadata.uid);
        expect(await scene.children(namespace)).toEqual([]);
      },
    },
    {
      title: 'trials that admission refuses: said so, and gone on with when it does no more',
      tell: async () => {
        const namespace = await place(cluster(), 'notrial');
        await cluster().apply(...refusal(namespace));
        await delay(3000);
        await start(namespace);
        const waiting = await held(namespace, 'AdmissionRefused');
        expect(messageOf(waiting)).toMatch(/denied request: no trials here$/);
        await cluster().kubectl(['delete', 'validatingadmissionpolicybinding', namespace]);
        expectSuccess(await scene.finished(namespace, 'exp'), { blocks: 2, trials: 2, failed: 0 });
      },
    },
    {
      title: 'two Experiments on one Testbed take turns',
      tell: async () => {
        const namespace = await place(cluster(), 'turns');
        await Promise.all([start(namespace, blocks(4), 'one'), start(namespace, blocks(4), 'two')]);
        for (const name of ['one', 'two'])
          expectSuccess(await scene.finished(namespace, name), { trials: 4, failed: 0 });
        const order = scene.witness.grants.filter((grant) => grant.startsWith(`${namespace}/`));
        expect(order.slice(2, 6).filter((grant) => grant.endsWith('/one'))).toHaveLength(2);
      },
    },
    {
      title: 'two namespaces with Testbeds on the same nodes take turns, however many Experiments one has',
      tell: async () => {
        const many = await place(cluster(), 'many');
        const nodes: [string, string] = [`${many}-a`, `${many}-b`];
        const few = await place(cluster(), 'few', { nodes });
        await Promise.all(['one', 'two', 'three', 'four'].map((name) => start(many, blocks(4), name)));
        await start(few, blocks(4));
        expectSuccess(await scene.finished(few, 'exp'), { trials: 4, failed: 0 });
        const order = scene.witness.grants.filter((grant) => grant.startsWith(many) || grant.startsWith(few));
        const from = order.indexOf(`${few}/exp`);
        const to = order.lastIndexOf(`${few}/exp`);
        expect(to - from).toBeLessThanOrEqual(8);
        for (const name of ['one', 'two', 'three', 'four']) await scene.finished(many, name);
      },
    },
    {
      title: 'a Testbed that always runs something does not keep another from the nodes they share',
      tell: async () => {
        const busy = await place(cluster(), 'busy', { concurrency: 2 });
        const patient = await place(cluster(), 'patient', { nodes: [`${busy}-a`, `${busy}-b`] });
        scripts.set(`${busy}/exp`, (e) => liveWell(e, { measure: () => delay(200 + 300 * Math.random()) }));
        await start(busy, blocks(40));
        await start(busy, blocks(40), 'more');
        await eventually(20, async () => ((await scene.cells(busy)).length > 2 ? true : null));
        await start(patient, blocks(1));
        expectSuccess(await scene.finished(patient, 'exp', 20), { trials: 1, failed: 0 });
        expect((await scene.cells(busy)).length).toBeLessThan(60);
        await cluster().kubectl(['delete', 'experiment', 'exp', 'more', '-n', busy, '--wait=false']);
      },
    },
  ];

  tellTogether(STORIES, 100_000);

  test('each trial had one end, no two shared what they may not', () => {
    expect(scene.witness.breaches).toEqual([]);
  });
});

function scaled(document: ResultDocument, factor: number): ResultDocument {
  return {
    ...document,
    points: document.points.map((point) => ({
      ...point,
      measurements: point.measurements.map((m) => ({ ...m, value: m.value === null ? null : m.value * factor })),
    })),
  };
}

/** No Trial may be created in the namespace. */
function refusal(namespace: string): object[] {
  const rules = [
    { apiGroups: ['vfbench.io'], apiVersions: ['v1alpha1'], resources: ['trials'], operations: ['CREATE'] },
  ];
  const [apiVersion, metadata] = ['admissionregistration.k8s.io/v1', { name: namespace }];
  const match = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules: rules, ...match },
        validations: [{ expression: 'false', message: 'no trials here' }],
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: namespace, validationActions: ['Deny'] },
    },
  ];
}
