/** The operator as a process on a real API server, with endpoints that take no time. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findCondition } from '../../src/api/conditions.ts';
import { CONFIGMAPS, type KubeObject, PODS, SECRETS } from '../../src/kube/index.ts';
import { reportData } from '../../src/cli/report.ts';
import type { Experiment, Trial } from '../../src/api/v1alpha1.ts';
import { EXPERIMENTS, TRIALS, VMIS } from '../../src/api/kinds.ts';
import { type AuditEntry, operatorRequests } from '../support/audit.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { experimentManifest, type Fleet, FLEET_CLUSTER, labManifests, startFleet } from '../support/fleet.ts';
import { eventually } from '../support/eventually.ts';

/** How often each kind of request was made. */
function counts(entries: readonly AuditEntry[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { verb, resource, subresource } of entries) {
    const what = `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`;
    found[what] = (found[what] ?? 0) + 1;
  }
  return found;
}

describeWithCluster('the operator with stand-in endpoints', { ...FLEET_CLUSTER, audit: true }, (cluster) => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet(cluster());
  }, 60_000);
  afterAll(async () => fleet?.stop());

  const get = (namespace: string, name: string): Promise<Experiment> =>
    fleet.client.get<Experiment>(EXPERIMENTS, { namespace, name });
  const finished = (namespace: string, name: string, seconds = 60): Promise<Experiment> =>
    eventually(seconds, async () => {
      const experiment = await get(namespace, name);
      return findCondition(experiment.status?.conditions, 'Finished')?.status === 'True' ? experiment : null;
    });
  const trialsOf = async (namespace: string): Promise<Trial[]> =>
    (await fleet.client.list<Trial>(TRIALS, { namespace })).items;
  const childrenOf = async (namespace: string): Promise<string[]> => {
    const lists = await Promise.all(
      [PODS, VMIS, SECRETS].map((type) => fleet.client.list<KubeObject>(type, { namespace })),
    );
    return lists.flatMap((list) => list.items.map((item) => `${item.kind} ${item.metadata.name}`));
  };

  test('runs all cells of all blocks, stores the results and leaves no child', async () => {
    const namespace = await cluster().namespace('run');
    const operator = await fleet.operator('run-0');
    await cluster().apply(...labManifests(namespace), experimentManifest(namespace, 'exp'));
    const done = await finished(namespace, 'exp');
    expect(findCondition(done.status?.conditions, 'Succeeded')).toMatchObject({ status: 'True' });
    expect(done.status?.progress).toMatchObject({ blocks: 6, trials: 18, failed: 0 });
    expect(done.status?.environment).toBe('emulated');
    expect(done.status?.results?.length).toBe(9);
    const trials = await trialsOf(namespace);
    expect(trials).toHaveLength(18);
    for (const trial of trials) {
      expect(findCondition(trial.status?.conditions, 'CleanedUp')?.status).toBe('True');
      expect(trial.status?.raw).toHaveLength(2);
      expect(trial.status?.grant?.endpoints).toHaveLength(2);
    }
    expect(await childrenOf(namespace)).toEqual([]);
    await operator.stop();
  }, 90_000);

  test('a trial of two endpoints costs ten requests, create to cleaned up, and no read; all else is the Experiment’s', async () => {
    const namespace = await cluster().namespace('requests');
    // Pods are refused before it is there.
    await eventually(30, () => cluster().kubectl(['get', 'serviceaccount', 'default', '-n', namespace]));
    const operator = await fleet.operator('requests', { leaderElection: false });
    // No trial waits for another: one that does for long is told so, by a request more.
    await cluster().apply(
      ...labManifests(namespace, { concurrency: 3 }),
      experimentManifest(namespace, 'exp', { blocks: { min: 4, max: 4 } }),
    );
    const done = await finished(namespace, 'exp');
    expect(done.status?.progress).toMatchObject({ trials: 12, failed: 0 });
    await operator.stop();
    const made = (await operatorRequests(cluster().controlPlane)).filter(
      (entry) => entry.namespace === namespace && entry.verb !== 'watch',
    );
    const ofTrials = made.filter(
      ({ group, resource }) =>
        !['experiments', 'testbeds', 'configmaps'].includes(resource) && group !== 'events.k8s.io',
    );
    expect(new Set(ofTrials.map(({ resource }) => resource))).toEqual(
      new Set(['trials', 'secrets', 'pods', 'virtualmachineinstances']),
    );
    expect(made.filter(({ verb }) => verb === 'get' || verb === 'list')).toEqual([]);
    expect([ofTrials.length / 12 <= 10, ofTrials.filter(({ code }) => code >= 400), counts(ofTrials)]).toEqual([
      true,
      [],
      counts(ofTrials),
    ]);
    // It starts, ends, and counts what has ended in between.
    expect(made.filter(({ resource }) => resource === 'experiments').length).toBeLessThanOrEqual(2 * 12 + 3);
  }, 90_000);

  test('a report is stored beside its Experiment, said where, and goes with it', async () => {
    const namespace = await cluster().namespace('report');
    const operator = await fleet.operator('report', { leaderElection: false });
    await cluster().apply(
      ...labManifests(namespace),
      experimentManifest(namespace, 'exp', { blocks: { min: 1, max: 1 } }),
    );
    const { status } = await finished(namespace, 'exp');
    const reports = async (): Promise<string[]> => {
      const { items } = await fleet.client.list<KubeObject>(CONFIGMAPS, { namespace });
      return items.map(({ metadata }) => metadata.name).filter((name) => name !== 'kube-root-ca.crt');
    };
    expect(status?.report).toMatchObject({ digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), trials: 3 });
    expect(await reports()).toContain(status?.report?.configMap);
    const sealed = await reportData(fleet.client, await get(namespace, 'exp'));
    const digests = new Map(
      (await trialsOf(namespace)).map((trial) => [trial.metadata.name, trial.status?.raw?.map((raw) => raw.digest)]),
    );
    expect(new Map(sealed.trials.map(({ name, raw }) => [name, raw?.map(({ digest }) => digest)]))).toEqual(digests);
    expect([...digests.values()].flat()).toHaveLength(6);
    await cluster().kubectl(['delete', 'experiment', 'exp', '-n', namespace]);
    await eventually(30, async () => ((await reports()).length === 0 ? true : null));
    await operator.stop();
  }, 90_000);

  test('killed at random moments: the next one finishes, each result counted once, nothing left', async () => {
    const namespace = await cluster().namespace('kill');
    await cluster().apply(
      ...labManifests(namespace),
      experimentManifest(namespace, 'exp', { blocks: { min: 4, max: 4 } }),
    );
    let done: Experiment | null = null;
    for (let round = 0; round < 12 && done === null; round++) {
      const operator = await fleet.operator(`kill-${round}`, { leaderElection: false });
      done = await finished(namespace, 'exp', 0.3 + round * 0.25).catch(() => null);
      await operator.kill('SIGKILL');
    }
    const last = await fleet.operator('kill-last', { leaderElection: false });
    done = await finished(namespace, 'exp');
    expect(findCondition(done.status?.conditions, 'Succeeded')).toMatchObject({ status: 'True' });
    const trials = await trialsOf(namespace);
    const cells = trials
      .filter((t) => findCondition(t.status?.conditions, 'Succeeded')?.status === 'True')
      .map((t) => `${t.spec.mode} ${t.spec.block}`);
    expect(new Set(cells).size).toBe(12);
    expect(cells).toHaveLength(12);
    expect(await childrenOf(namespace)).toEqual([]);
    await last.stop();
  }, 120_000);

  test('a standby that takes the lead lists everything anew before it decides: its watches may be behind', async () => {
    const namespace = await cluster().namespace('handover');
    const first = await fleet.operator('handover-0');
    const second = await fleet.operator('handover-1');
    const spec = { blocks: { min: 1, max: 1 }, suspend: true };
    await cluster().apply(...labManifests(namespace), experimentManifest(namespace, 'exp', spec));
    await eventually(
      30,
      async () =>
        findCondition((await get(namespace, 'exp')).status?.conditions, 'Admitted')?.reason === 'Suspended' || null,
    );
    const from = Date.now();
    await first.stop();
    await fleet.client.patch(EXPERIMENTS, { namespace, name: 'exp' }, { spec: { suspend: false } });
    await finished(namespace, 'exp');
    const made = (await operatorRequests(cluster().controlPlane)).filter(({ at }) => at >= from);
    const decided = made.findIndex(({ verb, resource }) => verb === 'create' && resource === 'trials');
    const listed = made.slice(0, decided).filter(({ verb }) => verb === 'list');
    expect(listed.map(({ resource }) => resource)).toEqual(
      expect.arrayContaining(['testbeds', 'experiments', 'trials', 'pods', 'nodes', 'virtualmachineinstances']),
    );
    await second.stop();
  }, 90_000);

  test('deleted while it runs: nothing is left', async () => {
    const namespace = await cluster().namespace('delete');
    const operator = await fleet.operator('delete-0', { leaderElection: false });
    await cluster().apply(
      ...labManifests(namespace),
      experimentManifest(namespace, 'exp', { blocks: { min: 30, max: 30 } }),
    );
    await eventually(30, async () => ((await trialsOf(namespace)).length > 2 ? true : null));
    await cluster().kubectl(['delete', 'experiment', 'exp', '-n', namespace, '--wait=false']);
    await eventually(60, async () =>
      (await trialsOf(namespace)).length === 0 && (await childrenOf(namespace)).length === 0 ? true : null,
    );
    await operator.stop();
  }, 120_000);
});
