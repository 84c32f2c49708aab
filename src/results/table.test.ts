/** The table on every width: complete, aligned, never too wide, and safe to print. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ResultRow } from '../api/v1alpha1.ts';
import { resultTable } from './table.ts';

const common = {
  test: 'latency',
  point: { messageBytes: 64 },
  placement: 'CrossNode',
  pairs: 1,
  metric: 'rttP50',
  unit: 's',
  better: 'Lower',
} as const;
const rows: ResultRow[] = [
  { ...common, mode: 'native', n: 12, median: 3.12e-5, low: 3.09e-5, high: 3.15e-5, verdict: 'Baseline' },
  {
    ...common,
    mode: 'virtio',
    n: 12,
    median: 4.83e-5,
    low: 4.7e-5,
    high: 5.01e-5,
    ratio: { median: 1.54, low: 1.5, high: 1.6 },
    verdict: 'Worse',
    message: '54 % above the baseline',
  },
  {
    ...common,
    mode: 'passthrough',
    n: 4,
    median: 3.2e-5,
    ratio: { median: 1.03 },
    verdict: 'Inconclusive',
    message: '4 complete blocks, a 95 % interval needs at least 6: 2 more',
  },
  {
    ...common,
    test: 'bandwidth',
    point: { streams: 4 },
    placement: 'SameNode',
    pairs: 2,
    metric: 'throughput',
    unit: 'bit/s',
    better: 'Higher',
    mode: 'native',
    n: 0,
    verdict: 'Baseline',
    message: 'no trial has succeeded yet',
  },
];

test('a manager can read it', () => {
  expect(resultTable(rows, { width: 80, colour: false, title: 'sriov-vs-virtio', environment: 'emulated' })).toBe(
    `sriov-vs-virtio
Sandbox: figures prove the plumbing, not the hardware

latency, between nodes, one pair
  64 B, round trip, median (lower is better)
  mode            median              interval         to baseline  verdict
  native         31.2 µs       30.9 to 31.5 µs                   1  Baseline
  virtio         48.3 µs       47.0 to 50.1 µs    1.54 (1.50-1.60)  Worse
  passthrough    32.0 µs                     -                1.03  Inconclusive
      4 complete blocks, a 95 % interval needs at least 6: 2 more

bandwidth, on one node, 2 pairs at once
  4 streams, throughput at the receiver (higher is better)
  mode            median              interval         to baseline  verdict
  native               -                     -                   1  Baseline
      no trial has succeeded yet
`,
  );
});

test('a sweep has its geometric mean below its points; outliers and the family are said once, at the end', () => {
  const mean = {
    test: 'latency',
    metric: 'rttP50',
    better: 'Lower',
    placement: 'CrossNode',
    pairs: 1,
    points: 3,
  } as const;
  const text = resultTable([{ ...(rows[1] as ResultRow), outliers: 2 }, rows[3] as ResultRow], {
    width: 80,
    colour: false,
    title: 't',
    geometricMeans: [
      { ...mean, mode: 'virtio', ratio: { n: 12, median: 1.44, low: 1.4, high: 1.5 } },
      { ...mean, mode: 'other', ratio: { n: 4, median: 1.02 } },
    ],
    family: { comparisons: 6, fewestBlocks: 8 },
  });
  expect(text).toBe(`t

latency, between nodes, one pair
  64 B, round trip, median (lower is better)
  mode       median              interval              to baseline  verdict
  virtio    48.3 µs       47.0 to 50.1 µs         1.54 (1.50-1.60)  Worse
  geometric mean of 3 points, round trip, median (lower is better)
  virtio                                          1.44 (1.40-1.50)
  other                                                       1.02

bandwidth, on one node, 2 pairs at once
  4 streams, throughput at the receiver (higher is better)
  mode       median              interval              to baseline  verdict
  native          -                     -                        1  Baseline
      no trial has succeeded yet

2 outliers kept, in one row.
Better and Worse hold for all 6 comparisons together (Holm).
`);
});

test('several pairs: how evenly they shared and how far apart they started, below the row', () => {
  const shared = { ...(rows[0] as ResultRow), pairs: 2, fairness: 0.8, startSkewSeconds: 0.012 };
  const worst = { ...(rows[1] as ResultRow), pairs: 2, startSkewSeconds: 0.012 };
  expect(resultTable([shared, worst], { width: 80, colour: false, title: 't' }).split('\n').slice(5, 9)).toEqual([
    '  native    31.2 µs       30.9 to 31.5 µs                        1  Baseline',
    '      fairness 0.800 (Jain), all started within 12.0 ms',
    '  virtio    48.3 µs       47.0 to 50.1 µs         1.54 (1.50-1.60)  Worse',
    '      all started within 12.0 ms',
  ]);
});

test('a small ratio and its interval are whole where there is room', () => {
  const small = { ...(rows[1] as ResultRow), ratio: { median: 0.0345, low: 0.00881, high: 0.0512 } };
  const text = resultTable([small], { width: 100, colour: false, title: 't' });
  expect(text).toContain(' 0.0345 (0.0088-0.051)  ');
});

test('an offered rate has the unit of its test', () => {
  const row = {
    ...(rows[0] as ResultRow),
    test: 'fixed',
    metric: 'cpuSeenByClientPerByte',
    unit: 's/B',
    point: { rate: 2e9 },
  };
  const tests = [{ name: 'fixed', type: 'FixedRate' }] as const;
  const text = resultTable([row], { width: 100, colour: false, title: 't', tests });
  expect(text).toContain('2.00 Gb/s offered, CPU time per byte, seen by the client (lower is better)');
});

test('real hardware has no warning, wider terminals longer names', () => {
  const text = resultTable(
    rows.map((row) => ({ ...row, mode: `${row.mode}-one-queue` })),
    { width: 120, colour: false, title: 't', environment: 'hardware' },
  );
  expect(text).not.toContain('Sandbox');
  expect(text).toContain('passthrough-one-queue ');
});

test('colour adds codes and nothing else', () => {
  const plain = resultTable(rows, { width: 100, colour: false, title: 't' });
  const colour = resultTable(rows, { width: 100, colour: true, title: 't' });
  expect(plain).not.toContain('\u001b');
  expect(colour).toContain('\u001b[31mWorse\u001b[0m');
  expect(
    colour
      .split('\u001b')
      .map((part) => part.replace(/^\[\d+m/, ''))
      .join(''),
  ).toBe(plain);
});

test('no rows are said', () => {
  expect(resultTable([], { width: 80, colour: false, title: 't' })).toBe('t\n\nNo results yet.\n');
});

describe('whatever it is given', () => {
  const number = fc.option(fc.double({ min: 0, max: 1e15, noNaN: true }), { nil: undefined });
  const row = fc
    .record({
      mode: fc.string({ maxLength: 70 }),
      message: fc.string({ unit: 'binary', maxLength: 300 }),
      low: number,
      high: number,
      median: number,
    })
    .map(({ mode, message, low, high, median }): ResultRow => ({
      ...(rows[1] as ResultRow),
      mode,
      message,
      ...(median === undefined ? {} : { median }),
      verdict: 'Inconclusive',
      ...(low === undefined || high === undefined ? {} : { low, high, ratio: { median: low, low, high } }),
    }));

  test('no line is wider than the terminal, none has control characters', () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 5 }),
        fc.integer({ min: 0, max: 300 }),
        fc.string(),
        (found, width, title) => {
          const lines = resultTable(found, { width, colour: false, title }).split('\n');
          const most = Math.min(160, Math.max(80, width));
          for (const line of lines) {
            expect(line.length).toBeLessThanOrEqual(most);
            expect(line).not.toMatch(/\p{Cc}/u);
          }
        },
      ),
      { numRuns: 200, seed: 6 },
    );
  });
});
