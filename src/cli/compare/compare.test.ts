import { describe, expect, test } from '@jest/globals';
import { latencyTest, MODES, reportData, streamTest, type Study } from '../../../test/support/report/data.ts';
import { json } from '../../results/report/formats/json.ts';
import { buildReport } from '../../results/report/model.ts';
import { type Document, parseDocument } from './document.ts';
import { fieldDifferences, refusals } from './refuse.ts';
import { compareRows } from './rows.ts';
import { comparisonLines } from './text.ts';

const TEXT = json(buildReport(reportData({ spec: { tests: [latencyTest('latency', [64]), streamTest()] } })));
const document = (study: Study = {}): Document => {
  const spec = { tests: [latencyTest('latency', [64]), streamTest()], ...study.spec };
  return parseDocument(json(buildReport(reportData({ ...study, spec }))), 'x.json');
};
const changed = (change: (copy: Document) => void): Document => {
  const copy = parseDocument(TEXT, 'x.json');
  change(copy);
  return copy;
};

/** As an operator tells it that keeps the Testbed in its grants. */
const onLink = (value: string): Document =>
  changed((copy) => {
    for (const fields of Object.values(copy.fingerprints)) fields.push({ name: 'testbed.link.bitsPerSecond', value });
  });

describe('what is not comparable is refused, with every reason', () => {
  const A = document();
  test.each<[string, Document, string[]]>([
    ['the same again', document(), []],
    ['more blocks', document({ blocks: 9 }), []],
    [
      'another duration',
      document({ spec: { durationSeconds: 3 } }),
      [`durationSeconds: ${A.spec.durationSeconds} in A, 3 in B`],
    ],
    [
      'another warm-up',
      document({ spec: { warmupSeconds: 9 } }),
      [`warmupSeconds: ${A.spec.warmupSeconds} in A, 9 in B`],
    ],
    [
      'another environment',
      changed((copy) => {
        copy.environment = 'emulated';
      }),
      [`environment: ${A.environment ?? 'real'} in A, emulated in B`].filter(() => A.environment !== 'emulated'),
    ],
    [
      'a test too many',
      document({ spec: { tests: [latencyTest('latency', [64]), streamTest(), streamTest('more')] } }),
      ['test more: only in B'],
    ],
    ['a test too few', document({ spec: { tests: [latencyTest('latency', [64])] } }), ['test bandwidth: only in A']],
    [
      'no mode in both',
      changed((copy) => {
        copy.spec.modes = [{ name: 'other', type: 'Native' }];
      }),
      ['no mode is in both: A has native, virtio, passthrough, B has other'],
    ],
    [
      'another unit',
      changed((copy) => {
        for (const row of copy.rows) if (row.metric === 'throughput') row.unit = 'B/s';
      }),
      ['unit of throughput: bit/s in A, B/s in B'],
    ],
    [
      'another tool and MTU',
      changed((copy) => {
        for (const fields of Object.values(copy.fingerprints))
          for (const field of fields) if (/^tool\.iperf3$|^nic\.mtu$/.test(field.name)) field.value = `${field.value}9`;
      }),
      ['nic.mtu: 1500 in A, 15009 in B', 'tool.iperf3: 3.18 in A, 3.189 in B'],
    ],
    ['another link, which A does not tell', onLink('25G'), []],
  ])('%s', (_, b, reasons) => expect(refusals(A, b)).toEqual(reasons));

  test('another link', () => {
    expect(refusals(onLink('10G'), onLink('25G'))).toEqual(['testbed.link.bitsPerSecond: 10G in A, 25G in B']);
  });

  test('points of one test that differ are both named', () => {
    const [reason] = refusals(A, document({ spec: { tests: [latencyTest('latency', [128]), streamTest()] } }));
    expect(reason).toMatch(/^test latency is not the same: .*64.* in A, .*128.* in B$/);
  });

  test('a mode of one name that is not one thing', () => {
    const b = document({ spec: { modes: [...MODES.slice(0, 2), { name: 'passthrough', type: 'Virtio' }] } });
    expect(refusals(A, b).join('\n')).toMatch(/^mode passthrough: \{.*Passthrough.*\} in A, \{.*Virtio.*\} in B$/m);
  });

  test('the order of fields and a kernel of another age are no reason; the kernel is told', () => {
    const b = changed((copy) => {
      copy.spec.modes = copy.spec.modes.map(
        (mode) => Object.fromEntries(Object.entries(mode).toReversed()) as typeof mode,
      );
      for (const fields of Object.values(copy.fingerprints))
        for (const field of fields) if (field.name === 'kernel.release') field.value = '6.13.0';
    });
    expect(refusals(A, b)).toEqual([]);
    expect(fieldDifferences(A, b)).toEqual([{ name: 'kernel.release', a: '6.12.0-amd64', b: '6.13.0' }]);
  });
});

describe('rows', () => {
  const scaled = (factor: number, blocks = 8): Document => {
    const copy = document({ blocks });
    for (const row of copy.rows) for (const one of row.values) if ('value' in one) one.value *= factor;
    return copy;
  };
  const rowOf = (b: Document, metric: string, a = document({ blocks: 8 })) =>
    compareRows(a, b, 0.95).rows.find(
      (row) => row.metric === metric && row.mode === 'native' && row.placement === 'CrossNode',
    );

  test.each([
    ['latency twice as long is worse', 2, 'rttP50', 'Worse'],
    ['latency half as long is better', 0.5, 'rttP50', 'Better'],
    ['throughput doubled is better', 2, 'throughput', 'Better'],
    ['throughput halved is worse', 0.5, 'throughput', 'Worse'],
    ['the same is not told apart', 1, 'rttP50', 'NotTold'],
  ])('%s', (_, factor, metric, outcome) => {
    const row = rowOf(scaled(factor), metric);
    expect(row?.outcome).toBe(outcome);
    expect(row?.ratio?.median).toBeCloseTo(factor, 6);
  });

  test('too few values: a ratio without an interval, and no word on which is better', () => {
    const row = rowOf(scaled(2, 3), 'rttP50', document({ blocks: 3 }));
    expect(row).toMatchObject({ outcome: 'TooFew', a: { n: 3 }, b: { n: 3 } });
    expect(row?.ratio).toEqual({ median: expect.closeTo(2, 6) as unknown });
  });

  test('a side without values has no ratio', () => {
    const b = changed((copy) => {
      for (const row of copy.rows) row.values = row.values.map(({ block }) => ({ block, reason: 'ToolFailed' }));
    });
    expect(rowOf(b, 'rttP50', document())).not.toHaveProperty('ratio');
  });

  test('rows of one side alone are counted, secondary metrics left out', () => {
    const { rows, onlyA, onlyB } = compareRows(document(), document({ spec: { placements: ['CrossNode'] } }), 0.95);
    expect(new Set(rows.map(({ placement }) => placement))).toEqual(new Set(['CrossNode']));
    expect([onlyA, onlyB]).toEqual([rows.length, 0]);
    const primary = document()
      .rows.filter((row) => row.primary)
      .map(({ metric }) => metric);
    expect(rows.every(({ metric }) => primary.includes(metric))).toBe(true);
  });

  test('as lines: who is who, ratio, words, what else differs', () => {
    const [a, b] = [document({ blocks: 8 }), scaled(2)];
    const given = { a: 'bench/a', b: 'bench/b', percent: 95, tests: a.spec.tests };
    const fields = Array.from({ length: 14 }, (_, i) => ({ name: `kernel.${i}`, a: 'x'.repeat(99), b: 'y' }));
    const lines = comparisonLines(compareRows(a, b, 0.95), { ...given, fields });
    expect(lines.slice(0, 2)).toEqual(['A: bench/a', 'B: bench/b']);
    expect(lines.join('\n')).toMatch(/latency +64 B, CrossNode +rttP50 +native .* 2\.00? +.* B is worse/);
    expect(lines.filter((line) => line.startsWith('  kernel.'))).toHaveLength(12);
    expect(lines.at(-1)).toBe('  and 2 more; -o json has all');
    expect(Math.max(...lines.filter((line) => line.startsWith('  kernel.')).map((line) => line.length))).toBeLessThan(
      90,
    );
  });
});

describe('files that are no report', () => {
  test.each([
    ['no JSON', 'not JSON', /x\.json is not JSON: make it by kubectl vfbench report NAME -o json/],
    ['another document', '{"kind":"List"}', /it names no format/],
    ['another format', '{"format":"vfbench.io/report/v9"}', /its format is vfbench\.io\/report\/v9/],
    ['a list', '[]', /it names no format/],
    ['a report that was cut', TEXT.slice(0, TEXT.length / 2), /is not JSON/],
    ['rows without values', TEXT.replace(/"values": \[/, '"values": 1, "x": ['), /lacks parts of a report/],
    [
      'no fingerprints',
      TEXT.replace(/"fingerprints": \{(?![\s\S]*"fingerprints": \{)/, '"f": {'),
      /lacks parts of a report/,
    ],
  ])('%s', (_, text, said) => expect(() => parseDocument(text, 'x.json')).toThrow(said));
});
