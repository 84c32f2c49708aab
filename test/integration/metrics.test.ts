/** What a real operator tells Prometheus while an Experiment runs, and what a standby does. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Experiment } from '../../src/api/v1alpha1.ts';
import { isTrue } from '../../src/api/conditions.ts';
import { EXPERIMENTS } from '../../src/api/kinds.ts';
import type { OperatorProcess } from '../../src/sandbox/operator.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { parseExposition } from '../support/exposition.ts';
import { experimentManifest, type Fleet, FLEET_CLUSTER, labManifests, startFleet } from '../support/fleet.ts';
import { liveWell } from '../support/good-life.ts';
import { ask } from '../support/reader.ts';
import type { Script } from '../support/standin.ts';

describeWithCluster('metrics', FLEET_CLUSTER, (cluster) => {
  let fleet: Fleet;
  let leader: OperatorProcess;
  let standby: OperatorProcess;
  const seen = Promise.withResolvers<void>();
  const granted: number[] = [];

  /** Values of a family by their labels, in order of the labels' names. */
  const scrape = async (
    operator: OperatorProcess,
  ): Promise<(name: string, kind?: string) => Record<string, number>> => {
    const { text, headers } = await ask(`${operator.healthUrl}/metrics`);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const families = parseExposition(text);
    return (name, kind = '') =>
      Object.fromEntries(
        (families.get(name)?.samples ?? [])
          .filter((sample) => sample.name === `${name}${kind}`)
          .map(({ labels, value }) => [
            Object.entries(labels)
              .toSorted(([a], [b]) => (a < b ? -1 : 1))
              .map(([, of]) => of)
              .join(' '),
            value,
          ]),
      );
  };

  /** Nothing waits, and what was taken up is done. */
  const isAtRest = (metric: Awaited<ReturnType<typeof scrape>>): boolean => {
    const started = metric('workqueue_queue_duration_seconds', '_count');
    const ended = metric('workqueue_work_duration_seconds', '_count');
    return Object.entries(metric('workqueue_depth')).every(
      ([queue, depth]) => depth === 0 && started[queue] === ended[queue],
    );
  };

  beforeAll(async () => {
    // Pods measure until what they hold was seen.
    const script: Script = (endpoint) =>
      liveWell(endpoint, endpoint.kind === 'Pod' ? { measure: () => seen.promise } : {});
    fleet = await startFleet(cluster(), { script });
    leader = await fleet.operator('metrics-0');
    await eventually(20, async () =>
      (await scrape(leader))('leader_election_master_status')['vfbench-operator'] === 1 ? true : null,
    );
    standby = await fleet.operator('metrics-1');
    const namespace = await cluster().namespace('metrics');
    await cluster().apply(...labManifests(namespace), experimentManifest(namespace, 'exp'));
    await eventually(
      60,
      async () => {
        granted.push((await scrape(leader))('vfbench_vfs_granted')['node-a example.com/vfnet'] ?? 0);
        if (granted.at(-1) === 1) seen.resolve();
        const { status } = await fleet.client.get<Experiment>(EXPERIMENTS, { namespace, name: 'exp' });
        return isTrue(status?.conditions, 'Finished') ? true : null;
      },
      20,
    );
    // What follows the end: it is counted, and the Testbed looked at once more.
    await eventually(20, async () => {
      const metric = await scrape(leader);
      const isCounted = metric('vfbench_experiments_finished_total')['Completed'] === 1;
      return isCounted && isAtRest(metric) ? true : null;
    });
  }, 120_000);
  afterAll(async () => fleet?.stop());

  test('the leader tells what was measured, how long it took and what was held', async () => {
    const metric = await scrape(leader);
    expect(metric('vfbench_trials_finished_total')).toEqual({
      'Succeeded Native': 6,
      'Succeeded Virtio': 6,
      'Succeeded Passthrough': 6,
    });
    expect(metric('vfbench_trial_failures_total')).toEqual({});
    expect(metric('vfbench_trial_duration_seconds', '_count')).toEqual({
      'Succeeded Native': 6,
      'Succeeded Virtio': 6,
      'Succeeded Passthrough': 6,
    });
    expect(metric('vfbench_trial_phase_seconds', '_count')).toMatchObject({
      'queue Native': 6,
      'start Virtio': 6,
      'measure Passthrough': 6,
      'cleanup Native': 6,
    });
    expect(metric('vfbench_experiments_finished_total')).toEqual({ Completed: 1 });
    expect(metric('vfbench_experiments_by_state')).toMatchObject({ Completed: 1, Running: 0 });
    expect(metric('vfbench_testbed_ready')).toEqual({ 'metrics-1/lab': 1 });
    expect(Math.max(...granted)).toBe(1);
    expect(metric('vfbench_vfs_granted')).toMatchObject({
      'node-a example.com/vfnet': 0,
      'node-b example.com/vfvfio': 0,
    });
    expect(metric('vfbench_vfs_free')).toEqual(metric('vfbench_vfs_allocatable'));
    expect(metric('vfbench_vfs_free')['node-a example.com/vfnet']).toBe(5000);
    expect(metric('vfbench_queue_length')).toEqual({ '': 0 });
  });

  test('and what its controllers, queues and requests did', async () => {
    const metric = await scrape(leader);
    for (const name of ['Testbed', 'Experiment', 'Trial', 'Grants']) {
      const reconciled = metric('controller_runtime_reconcile_time_seconds', '_count')[name] ?? 0;
      expect(reconciled).toBeGreaterThan(0);
      const total = Object.entries(metric('controller_runtime_reconcile_total')).filter(([key]) =>
        key.startsWith(`${name} `),
      );
      expect(total.reduce((sum, [, value]) => sum + value, 0)).toBe(reconciled);
      const queue = `${name} ${name}`;
      expect(metric('workqueue_work_duration_seconds', '_count')[queue]).toBe(reconciled);
      expect(metric('workqueue_queue_duration_seconds', '_count')[queue]).toBe(reconciled);
      expect(metric('workqueue_adds_total')[queue]).toBeGreaterThanOrEqual(reconciled);
      expect(metric('workqueue_depth')[queue]).toBe(0);
    }
    expect(metric('controller_runtime_max_concurrent_reconciles')).toMatchObject({ Trial: 16, Grants: 1 });
    const requests = Object.keys(metric('rest_client_requests_total')).map((key) => key.replace(/ \S+ /, ' '));
    expect(requests).toEqual(expect.arrayContaining(['200 GET', '200 POST', '200 PATCH', '200 PUT']));
  });

  test('a standby tells what is there, and counts nothing twice', async () => {
    // Its watches are its own: it may see the end later than the leader wrote it.
    await eventually(
      20,
      async () => (await scrape(standby))('vfbench_experiments_by_state')['Completed'] === 1 || null,
    );
    const metric = await scrape(standby);
    expect(metric('leader_election_master_status')).toEqual({ 'vfbench-operator': 0 });
    await eventually(20, async () => (await scrape(standby))('vfbench_trials')[''] === 18 || null);
    expect(metric('vfbench_experiments_by_state')).toMatchObject({ Completed: 1 });
    for (const name of ['vfbench_trials_finished_total', 'vfbench_vfs_free', 'controller_runtime_reconcile_total'])
      expect([name, metric(name)]).toEqual([name, {}]);
  });
});
