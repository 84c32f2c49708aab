import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { condition, experiment, NOW, testbed, trial } from '../../../test/support/builders.ts';
import { parseExposition, type Sample } from '../../../test/support/exposition.ts';
import type { Experiment, Trial, TrialStatus } from '../../api/v1alpha1.ts';
import type { BenchSource, VfStock } from './bench.ts';
import { Counter, Gauge, Histogram } from './family.ts';
import { OperatorMetrics } from './operatorMetrics.ts';
import { metricsText } from './text.ts';

const NOTHING: BenchSource = {
  trials: () => 0,
  active: () => [],
  experiments: () => [],
  testbeds: () => [],
  vfs: () => null,
};
const metricsOf = (source: Partial<BenchSource> = {}): OperatorMetrics =>
  new OperatorMetrics({
    lease: 'vfbench-operator',
    server: () => 'https://10.0.0.1:6443',
    source: { ...NOTHING, ...source },
    now: () => NOW,
  });
const samples = (metrics: OperatorMetrics, name: string): Sample[] =>
  parseExposition(metrics.text()).get(name)?.samples ?? [];
const values = (metrics: OperatorMetrics, name: string): Record<string, number> =>
  Object.fromEntries(samples(metrics, name).map(({ labels, value }) => [Object.values(labels).join(' '), value]));

describe('text format', () => {
  test('whatever a label holds is read back', () => {
    const unit = fc.string({
      unit: fc.constantFrom('\\', '"', '\n', '{', '}', ',', '=', ' ', 'a', 'é', '\u2028', '💥'),
    });
    fc.assert(
      fc.property(unit, unit, (label, help) => {
        const counter = new Counter({ name: 'a_total', help, labels: ['x', 'y'] });
        counter.inc([label, label]);
        expect(parseExposition(metricsText([counter])).get('a_total')?.samples).toEqual([
          { name: 'a_total', labels: { x: label, y: label }, value: 1 },
        ]);
      }),
    );
  });

  test('a family without a series is left out, one without labels is one line', () => {
    const counter = new Counter({ name: 'a_total', help: 'A' });
    expect(metricsText([counter])).toBe('');
    counter.inc();
    expect(metricsText([counter])).toBe('# HELP a_total A\n# TYPE a_total counter\na_total 1\n');
  });

  test('a histogram counts what is at most each end', () => {
    const histogram = new Histogram({ name: 'a_seconds', help: 'A' }, [0.1, 1]);
    for (const value of [0.1, 0.2, 1, 5]) histogram.observe(value);
    expect(metricsText([histogram]).split('\n').slice(2)).toEqual([
      'a_seconds_bucket{le="0.1"} 1',
      'a_seconds_bucket{le="1"} 3',
      'a_seconds_bucket{le="+Inf"} 4',
      'a_seconds_sum 6.3',
      'a_seconds_count 4',
      '',
    ]);
  });

  test('series are bounded: what comes later is counted under other, a gauge is left out', () => {
    const counter = new Counter({ name: 'a_total', help: 'A', labels: ['who'], most: 2 });
    for (const who of ['a', 'b', 'c', 'd', 'a', 'other']) counter.inc([who]);
    const { samples: read = [] } = parseExposition(metricsText([counter])).get('a_total') ?? {};
    expect(read.map(({ labels, value }) => [labels['who'], value])).toEqual([
      ['a', 2],
      ['b', 1],
      ['other', 3],
    ]);
    const gauge = new Gauge({ name: 'g', help: 'G', labels: ['who'] });
    gauge.replace(Array.from({ length: 2000 }, (_, i) => [[`${i}`], i]));
    expect(gauge.lines()).toHaveLength(500);
  });
});

describe('controllers', () => {
  test('each controller has controller-runtime’s series from the start, and queues what client-go has', () => {
    const metrics = metricsOf();
    let state = { depth: 3, running: 2, adds: 10, retries: 1, longestRunningSeconds: 4, unfinishedSeconds: 5 };
    const seen = metrics.controllers.controller('trial', 16, () => state);
    expect(values(metrics, 'controller_runtime_reconcile_total')).toEqual({
      'trial success': 0,
      'trial requeue_after': 0,
      'trial requeue': 0,
      'trial error': 0,
    });
    for (const outcome of ['done', 'requeued', 'conflict', 'failed', 'terminal'] as const)
      seen.reconciled(outcome, 0.2);
    seen.queued(0.5);
    seen.worked(2);
    state = { ...state, adds: 12, retries: 1 };
    const read = parseExposition(metrics.text());
    const of = (name: string): (readonly [Record<string, string>, number])[] =>
      (read.get(name)?.samples ?? []).map(({ labels, value }) => [labels, value] as const);
    const queue = { controller: 'trial', name: 'trial' };
    expect(values(metrics, 'controller_runtime_reconcile_total')).toEqual({
      'trial success': 1,
      'trial requeue_after': 1,
      'trial requeue': 1,
      'trial error': 2,
    });
    expect(of('controller_runtime_reconcile_errors_total')).toEqual([[{ controller: 'trial' }, 2]]);
    expect(of('controller_runtime_terminal_reconcile_errors_total')).toEqual([[{ controller: 'trial' }, 1]]);
    expect(of('controller_runtime_max_concurrent_reconciles')).toEqual([[{ controller: 'trial' }, 16]]);
    expect(of('controller_runtime_active_workers')).toEqual([[{ controller: 'trial' }, 2]]);
    expect(of('workqueue_depth')).toEqual([[queue, 3]]);
    expect(of('workqueue_adds_total')).toEqual([[queue, 12]]);
    expect(of('workqueue_retries_total')).toEqual([[queue, 1]]);
    expect(of('workqueue_longest_running_processor_seconds')).toEqual([[queue, 4]]);
    expect(of('workqueue_unfinished_work_seconds')).toEqual([[queue, 5]]);
    for (const name of [
      'controller_runtime_reconcile_time_seconds',
      'workqueue_queue_duration_seconds',
      'workqueue_work_duration_seconds',
    ])
      expect([name, of(name).length > 3]).toEqual([name, true]);
  });

  test('requests by status, a lost one as client-go has it', () => {
    const metrics = metricsOf();
    metrics.controllers.requested({ verb: 'PATCH', status: 200, tries: 3, seconds: 0.01 });
    metrics.controllers.requested({ verb: 'GET', status: 0, tries: 1, seconds: 5 });
    expect(samples(metrics, 'rest_client_requests_total').map(({ labels }) => labels)).toEqual([
      { code: '200', host: '10.0.0.1:6443', method: 'PATCH' },
      { code: '<error>', host: '10.0.0.1:6443', method: 'GET' },
    ]);
    expect(values(metrics, 'rest_client_request_retries_total')).toEqual({ '10.0.0.1:6443 PATCH': 2 });
  });

  test('who leads', () => {
    const metrics = metricsOf();
    expect(values(metrics, 'leader_election_master_status')).toEqual({ 'vfbench-operator': 0 });
    metrics.process.leads(true);
    expect(values(metrics, 'leader_election_master_status')).toEqual({ 'vfbench-operator': 1 });
  });
});

describe('trials', () => {
  const at = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString();
  const before = (): Trial => {
    const made = trial(
      {},
      {
        conditions: [
          condition('Granted', 'True', { lastTransitionTime: at(3) }),
          condition('EndpointsReady', 'True', { lastTransitionTime: at(10) }),
          condition('Measured', 'True', { lastTransitionTime: at(50) }),
        ],
      },
    );
    return { ...made, metadata: { ...made.metadata, creationTimestamp: at(0) } };
  };
  const over = (status: TrialStatus['conditions'] = []): Trial => ({
    ...before(),
    status: { conditions: status, completionTime: at(61) },
  });

  test('one that ends counts once, with its phases', () => {
    const metrics = metricsOf();
    metrics.bench.trialEnded(over([condition('Finished', 'True'), condition('Succeeded', 'True')]), before(), 'Virtio');
    expect(values(metrics, 'vfbench_trials_finished_total')).toEqual({ 'Virtio Succeeded': 1 });
    const sum = (name: string, phase?: string): number | undefined =>
      samples(metrics, name).find((s) => s.name.endsWith('_sum') && s.labels['phase'] === phase)?.value;
    expect(sum('vfbench_trial_duration_seconds')).toBe(61);
    expect(['queue', 'start', 'measure', 'cleanup'].map((phase) => sum('vfbench_trial_phase_seconds', phase))).toEqual([
      3, 7, 40, 11,
    ]);
  });

  test('one that failed before it was granted has a reason, and only the time that it waited', () => {
    const metrics = metricsOf();
    const waited = {
      ...before(),
      status: { conditions: [condition('Granted', 'False', { reason: 'WaitingForVFs' })] },
    };
    metrics.bench.trialEnded(
      over([condition('Finished', 'True'), condition('Succeeded', 'False', { reason: 'Cancelled' })]),
      waited,
      'Native',
    );
    expect(values(metrics, 'vfbench_trial_failures_total')).toEqual({ 'Native Cancelled': 1 });
    expect(samples(metrics, 'vfbench_trial_phase_seconds')).toEqual([]);
    expect(samples(metrics, 'vfbench_trial_duration_seconds').length).toBeGreaterThan(0);
  });

  test('what waits, and for how long', () => {
    const waiting = [60, 5].map((ago): Trial => ({
      ...trial(),
      metadata: { ...trial().metadata, creationTimestamp: at(-ago) },
    }));
    const granted = trial({}, { grant: { nodes: { server: 'a', client: 'b' }, endpoints: [] } });
    const metrics = metricsOf({ active: () => [...waiting, granted], trials: () => 9 });
    expect(
      ['vfbench_trials', 'vfbench_trials_active', 'vfbench_queue_length', 'vfbench_queue_oldest_seconds'].map(
        (name) => samples(metrics, name)[0]?.value,
      ),
    ).toEqual([9, 3, 2, 60]);
    expect(samples(metricsOf(), 'vfbench_queue_oldest_seconds')[0]?.value).toBe(0);
  });

  test('Experiments by state, Testbeds by readiness, VFs by node: what is gone is gone', () => {
    let experiments: Experiment[] = [experiment(), experiment({ suspend: true })];
    let vfs: VfStock[] | null = [{ node: 'node-a', resource: 'x/vf', allocatable: 8, granted: 2, free: 5 }];
    const ready = { ...testbed(), status: { conditions: [condition('Ready', 'True')] } };
    const metrics = metricsOf({ experiments: () => experiments, testbeds: () => [ready], vfs: () => vfs });
    expect(values(metrics, 'vfbench_experiments_by_state')).toMatchObject({ Pending: 1, Suspended: 1, Running: 0 });
    expect(values(metrics, 'vfbench_testbed_ready')).toEqual({ 'bench/lab': 1 });
    expect(
      ['allocatable', 'granted', 'free'].map((what) => values(metrics, `vfbench_vfs_${what}`)['node-a x/vf']),
    ).toEqual([8, 2, 5]);
    [experiments, vfs] = [[], null];
    expect(values(metrics, 'vfbench_experiments_by_state')).toMatchObject({ Pending: 0 });
    expect(samples(metrics, 'vfbench_vfs_free')).toEqual([]);
  });

  test('10,000 Trials of 10,000 modes cost no more series than few do, and a scrape some milliseconds', () => {
    const experiments = Array.from({ length: 500 }, () => experiment());
    const active = Array.from({ length: 200 }, () => trial());
    const metrics = metricsOf({
      trials: () => 10_000,
      active: () => active,
      experiments: () => experiments,
      testbeds: () =>
        Array.from({ length: 3000 }, (_, i) => ({ ...testbed(), metadata: { name: `t${i}`, namespace: 'x' } })),
    });
    for (let i = 0; i < 10_000; i++) {
      const conditions = [condition('Finished', 'True'), condition('Succeeded', 'False', { reason: `Reason${i}` })];
      metrics.bench.trialEnded(
        { ...over(conditions), spec: { ...trial().spec, mode: `mode-${i}` } },
        before(),
        ['Native', 'Virtio', 'Passthrough'][i % 3] ?? '',
      );
    }
    metrics.text();
    const start = performance.now();
    const text = metrics.text();
    expect(performance.now() - start).toBeLessThan(100);
    const count = [...parseExposition(text).values()].reduce((sum, { samples: of }) => sum + of.length, 0);
    expect(count).toBeLessThan(1500);
    expect(values(metrics, 'vfbench_trial_failures_total')['other other']).toBe(9800);
  });
});
