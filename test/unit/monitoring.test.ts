/** Alerts and the dashboard rest on metrics that there are, and every metric is in the documentation. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { OperatorMetrics } from '../../src/web/metrics/operatorMetrics.ts';
import { condition, experiment, testbed, trial } from '../support/builders.ts';
import { parseExposition } from '../support/exposition.ts';
import { namesIn } from '../support/promql.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Alert {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string; description: string };
}
interface Panel {
  title: string;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; legendFormat?: string }[];
}

const { groups } = parse(read('charts/vfbench/files/rules-prometheus.yaml')) as { groups: { rules: Alert[] }[] };
const alerts = groups.flatMap(({ rules }) => rules);
const { panels } = JSON.parse(read('charts/vfbench/files/dashboard.json')) as { panels: Panel[] };

/** Every metric with a series. */
function everything(): ReturnType<typeof parseExposition> {
  const over = trial({}, { conditions: [condition('Succeeded', 'False')], completionTime: '2026-01-01T00:20:00Z' });
  const before = trial(
    {},
    { conditions: ['Granted', 'EndpointsReady', 'Measured'].map((type) => condition(type, 'True')) },
  );
  const metrics = new OperatorMetrics({
    lease: 'vfbench-operator',
    server: () => 'https://10.0.0.1',
    source: {
      trials: () => 1,
      active: () => [trial()],
      experiments: () => [experiment()],
      testbeds: () => [testbed()],
      vfs: () => [{ node: 'a', resource: 'x', allocatable: 1, granted: 1, free: 0 }],
    },
  });
  const seen = metrics.controllers.controller('Trial', 1, () => ({
    depth: 0,
    running: 0,
    adds: 0,
    retries: 0,
    longestRunningSeconds: 0,
    unfinishedSeconds: 0,
  }));
  seen.reconciled('done', 1);
  seen.queued(1);
  seen.worked(1);
  metrics.controllers.requested({ verb: 'GET', status: 200, tries: 2, seconds: 1 });
  metrics.bench.trialEnded(over, before, 'Native');
  metrics.bench.experimentEnded(experiment());
  metrics.pageAnswered('page', 200);
  metrics.pageServed(() => 0);
  return parseExposition(metrics.text());
}

const families = everything();
const labelsByName = new Map<string, Set<string>>();
for (const { samples } of families.values())
  for (const { name, labels } of samples)
    labelsByName.set(name, new Set([...(labelsByName.get(name) ?? []), ...Object.keys(labels)]));

/** What Prometheus adds to every series that it scrapes. */
const SCRAPED = ['instance'];

function problems(expression: string, shown: readonly string[] = []): string[] {
  const { metrics, labels } = namesIn(expression);
  const known = new Set([...SCRAPED, ...metrics.flatMap((name) => [...(labelsByName.get(name) ?? [])])]);
  return [
    ...metrics.filter((name) => !labelsByName.has(name)).map((name) => `no metric ${name}`),
    ...[...labels, ...shown].filter((label) => !known.has(label)).map((label) => `no label ${label}`),
  ];
}

const templates = (text: string): string[] =>
  [...text.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map(([, name = '']) => name);

describe.each(alerts.map((alert) => [alert.alert, alert] as const))(
  'alert %s',
  (_, { expr, annotations, labels, for: time }) => {
    test('rests on metrics and labels that there are', () => {
      expect(problems(expr, templates(annotations.summary))).toEqual([]);
    });

    test('says what is wrong and what to do, after a while', () => {
      expect(annotations.summary.length).toBeGreaterThan(20);
      expect(annotations.description).toMatch(/\.$/);
      expect(['info', 'warning', 'critical']).toContain(labels.severity);
      expect(time).toMatch(/^\d+m$/);
    });
  },
);

test.each(panels.filter(({ targets }) => targets !== undefined).map((panel) => [panel.title, panel] as const))(
  'panel %s',
  (_, { targets = [] }) => {
    for (const { expr, legendFormat = '' } of targets)
      expect([expr, problems(expr, templates(legendFormat))]).toEqual([expr, []]);
  },
);

test('panels do not cover each other and stay in the grid', () => {
  const taken = new Map<string, string>();
  for (const {
    title,
    gridPos: { x, y, w, h },
  } of panels) {
    expect(x + w).toBeLessThanOrEqual(24);
    for (let i = x; i < x + w; i++)
      for (let j = y; j < y + h; j++) {
        expect([title, taken.get(`${i} ${j}`)]).toEqual([title, undefined]);
        taken.set(`${i} ${j}`, title);
      }
  }
});

test('what is wrong in an expression is found', () => {
  expect(problems('max(vfbench_nothing)')).toEqual(['no metric vfbench_nothing']);
  expect(problems('max by (nobody) (vfbench_trials)')).toEqual(['no label nobody']);
  for (const broken of [
    'max(vfbench_trials',
    'maxx(vfbench_trials)',
    'rate(vfbench_trials)',
    'vfbench_trials[5m]',
    'vfbench_trials{a~"b"}',
  ])
    expect(() => namesIn(broken)).toThrow();
});

test('every metric is in docs/operations.md, and no other', () => {
  const page = read('docs/operations.md');
  const named = new Set([...page.matchAll(/^\| `([a-z0-9_]+)`/gm)].map(([, name]) => name));
  expect([...families.keys()].filter((name) => !named.has(name))).toEqual([]);
  expect([...named].filter((name) => name !== undefined && !families.has(name))).toEqual([]);
});
