import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { violations, type Schema } from '../../../../test/support/jsonSchema.ts';
import { DIGEST, latencyTest, MODES, reportData, SIZES, streamTest } from '../../../../test/support/report/data.ts';
import { encode } from '../../seal/encode.ts';
import type { ReportData } from '../data.ts';
import { buildReport } from '../model.ts';
import { type Format, render } from '../render.ts';
import { plain } from './markdown.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../../../docs/report.schema.json', import.meta.url), 'utf8'),
) as Schema;
const text = (data: ReportData, format: Format): string => [...render(buildReport(data), format, DIGEST)].join('');
const small = {
  tests: [latencyTest('latency', [64]), streamTest('bandwidth', [1])],
  placements: ['CrossNode' as const],
};
const expectations = [
  { test: 'latency', metric: 'rttP50', mode: 'virtio', ratioAtMost: '2' },
  { test: 'latency', metric: 'rttP50', mode: 'passthrough', ratioAtMost: '1.25' },
  { test: 'latency', metric: 'rttP99', mode: 'virtio', ratioAtMost: '1.6' },
];

/** A study in which a trial failed, and a mode's expectations went three ways. */
function study(): ReportData {
  const data = reportData({ spec: { ...small, expectations } });
  const [first] = data.trials;
  const failed = {
    ...first!,
    name: 'lab-b0-failed',
    block: 6,
    succeeded: false,
    reason: 'BootTimeout',
    message: 'a <b> | "c"\nd',
    measurements: [],
  };
  return { ...data, trials: [...data.trials, failed] };
}

describe('JSON', () => {
  test.each([
    ['a study', study()],
    ['nothing measured', reportData({ blocks: 0 })],
    ['missing cells', reportData({ missing: ({ mode }) => mode === 'virtio' })],
  ])('of %s keeps its schema', (_, data) => {
    expect(violations(JSON.parse(text(data, 'json')), schema)).toEqual([]);
  });

  test('the schema refuses what is wrong', () => {
    const good = JSON.parse(text(study(), 'json')) as { rows: object[] };
    expect(violations({ ...good, rows: [{ ...good.rows[0], placement: 'Elsewhere' }] }, schema)).toHaveLength(1);
    expect(violations({ ...good, extra: 1 }, schema)).toEqual(['$: extra is not in the schema']);
  });
});

test('JSON lines hold every measurement, of trials that failed their reason', () => {
  const data = study();
  const lines = text(data, 'jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toHaveLength(data.trials.reduce((sum, { measurements }) => sum + Math.max(1, measurements.length), 0));
  expect(lines[0]).toMatchObject({ seed: 7, experiment: { uid: 'experiment-1' }, block: 0, unit: 's' });
  expect(typeof lines[0]?.['value']).toBe('number');
  expect(lines.find(({ name }) => name === 'lab-b0-failed')).toMatchObject({ succeeded: false, reason: 'BootTimeout' });
});

test('each observation names the digests of what its own pair sent', () => {
  const data = reportData({ blocks: 1, spec: { ...small, pairs: [2] } });
  const [trial] = data.trials;
  const lines = text(data, 'jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { name: string; pair: number; raw: { endpoint: string; digest: string }[] });
  const second = lines.find(({ name, pair }) => name === trial?.name && pair === 1);
  expect(second?.raw.map(({ endpoint }) => endpoint)).toEqual(['server-1', 'client-1']);
  expect(second?.raw).toEqual(trial?.raw?.slice(2));
  const html = text(data, 'html');
  for (const { digest } of trial?.raw ?? []) expect(html).toContain(digest.replace('sha256:', ''));
  const older = { ...data, trials: data.trials.map(({ raw: _raw, ...one }) => one) };
  expect(text(older, 'jsonl')).not.toContain('"raw"');
  expect(text(older, 'html')).not.toContain('Digests of the raw results');
});

describe('CSV', () => {
  test('has as many cells in each row as in its header, and nothing where there is nothing', () => {
    const [head = '', ...rows] = text(study(), 'csv').trimEnd().split('\r\n');
    const row = rows.map(
      (line) => line.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)?.slice(0, head.split(',').length) ?? [],
    );
    expect(new Set(row.map(({ length }) => length))).toEqual(new Set([head.split(',').length]));
    const cells = rows[0]!.split(',');
    const at = (name: string): string | undefined => cells[head.split(',').indexOf(name)];
    expect([at('mode'), at('unit'), at('ratio'), at('verdict')]).toEqual(['native', 's', '', 'Baseline']);
  });

  test('a formula of a guest stays a text', () => {
    const data = study();
    for (const trial of data.trials)
      for (const m of trial.measurements)
        if (m.metric === 'rttP50') Object.assign(m, { value: undefined, reason: '=HYPERLINK("http://x")' });
    expect(text(data, 'csv')).not.toMatch(/(?:^|,)"?=/m);
  });
});

describe('several pairs', () => {
  const pairs = (count: number): ReportData => {
    const data = reportData({ spec: { ...small, modes: MODES.slice(0, 2), pairs: [count] } });
    for (const { measurements } of data.trials)
      for (const found of measurements) if (found.metric === 'throughput') found.value = found.pair === 0 ? 3e9 : 1e9;
    return data;
  };
  const cells = (line: string): string[] => line.split(',');

  test('CSV: fairness of what adds up, and skew, in its last two columns', () => {
    const [head = '', ...lines] = text(pairs(2), 'csv').trimEnd().split('\r\n');
    expect(cells(head).slice(-3)).toEqual(['message', 'fairness', 'startSkewSeconds']);
    const of = (metric: string): string[] => cells(lines.find((line) => line.includes(`,${metric},`)) ?? '').slice(-2);
    expect(of('throughput')).toEqual(['0.8', '0.004']);
    expect(of('rttP50')).toEqual(['', '0.004']);
    const alone = text(pairs(1), 'csv').trimEnd().split('\r\n').slice(1);
    for (const line of alone) expect(cells(line).slice(-2)).toEqual(['', '']);
  });

  test.each<[Format, RegExp, RegExp]>([
    ['md', /\| Verdict \| Fairness \| Skew \|\n/, /\| Baseline \| 0\.800 \| 4\.00 ms \|\n/],
    [
      'html',
      /<th scope="col" class="num">Fairness<\/th><th scope="col" class="num">Skew<\/th><\/tr>/,
      /<td class="num">0\.800<\/td><td class="num">4\.00 ms<\/td><\/tr>/,
    ],
  ])('%s: two columns, which one pair does not have', (format, head, row) => {
    const found = text(pairs(2), format);
    expect(found).toMatch(head);
    expect(found).toMatch(row);
    expect(text(pairs(1), format)).not.toMatch(/Fairness|Skew/);
  });

  test('JSON: as the schema has them', () => {
    const document = JSON.parse(text(pairs(2), 'json')) as { rows: Record<string, unknown>[] };
    expect(violations(document, schema)).toEqual([]);
    expect(document.rows.find(({ metric }) => metric === 'throughput')).toMatchObject({
      fairness: 0.8,
      startSkewSeconds: 0.004,
    });
    expect(violations({ ...document, rows: [{ ...document.rows[0], fairness: 1.1 }] }, schema)).toHaveLength(1);
  });
});

describe('JUnit', () => {
  const xml = text(study(), 'junit');

  test('says what became of expectations, cells and the whole', () => {
    expect(xml).toMatch(/<testcase name="rttP50 ratioAtMost 2" classname="latency.virtio"\/>/);
    expect(xml).toMatch(/classname="latency.passthrough">\s*<failure type="Failed" message="[^"]+"\/>/);
    expect(xml).toMatch(/classname="latency.virtio">\s*<skipped message="[^"]+"\/>/);
    expect(xml).toMatch(
      /classname="cells.native">\s*<error type="BootTimeout" message="[^"]*a &lt;b&gt; \| &quot;c&quot; d"\/>/,
    );
  });

  test('counts what it holds', () => {
    const count = (pattern: RegExp): number => xml.match(pattern)?.length ?? 0;
    const [, tests, failures, errors, skipped] =
      /<testsuites [^>]*tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="(\d+)"/.exec(xml) ?? [];
    expect([tests, failures, errors, skipped].map(Number)).toEqual([
      count(/<testcase/g),
      count(/<failure/g),
      count(/<error/g),
      count(/<skipped/g),
    ]);
  });
});

describe('Markdown', () => {
  test('has a table for each primary metric, rows as wide as its head', () => {
    const lines = text(study(), 'md').split('\n');
    expect(lines.filter((line) => line.startsWith('## '))).toHaveLength(5);
    const tables = lines
      .filter((line) => line.startsWith('| '))
      .map((line) => line.replaceAll('\\|', '').split('|').length);
    expect(new Set(tables)).toEqual(new Set([12, 7, 5]));
  });

  test('warns of the sandbox', () => {
    expect(text({ ...study(), environment: 'emulated' }, 'md')).toContain('> **Sandbox');
  });

  test.each([
    '<img src=x>',
    '[a](javascript:b)',
    '![a](http://b)',
    '*a*',
    '`a`',
    'a|b',
    '@team',
    'https://a.b',
    'a\nb',
  ])('%j is plain text', (evil) => {
    expect(plain(evil)).not.toMatch(/(?<!\\)[[\]*`|@<]|https?:|\n/);
  });
});

test('trials of another fingerprint are told, and count for nothing', () => {
  const data = reportData({ spec: small });
  const other = `sha256:${'1'.repeat(64)}`;
  const last = data.trials.findLast(({ mode }) => mode === 'virtio')!;
  last.fingerprints = last.fingerprints.map((one) => ({ ...one, digest: other }));
  data.fingerprints[other] = [{ name: 'kernel.release', value: '6.13' }];
  const report = JSON.parse(text(data, 'json')) as {
    comparable: boolean;
    leftOut: string[];
    completeBlocks: number;
    differences: { field: string }[];
  };
  expect(report).toMatchObject({ comparable: false, leftOut: [last.name], completeBlocks: 5 });
  expect(report.differences.map(({ field }) => field)).toContain('kernel.release');
  expect(text(data, 'html')).toContain('Trials are not comparable');
});

/** 3 modes x 2 placements x 10 tests x 10 points x 30 blocks: what a report must hold. */
test('a large study fits and is made in time', () => {
  const tests = Array.from({ length: 10 }, (_, i) => latencyTest(`latency-${i}`, SIZES));
  const data = reportData({ spec: { tests, modes: MODES.slice(0, 3) }, blocks: 30 });
  const started = process.cpuUsage();
  const html = text(data, 'html');
  const { user, system } = process.cpuUsage(started);
  // 2 s is the goal on an idle machine; transformed code on a busy one takes its time.
  expect((user + system) / 1e6).toBeLessThan(8);
  expect(html.length).toBeLessThan(8e6);
  expect(encode(data).length).toBeLessThan(6e6);
});
