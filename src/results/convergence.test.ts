import { describe, expect, test } from '@jest/globals';
import type { ResultRow } from '../api/v1alpha1.ts';
import { convergenceOf, percentWords } from './convergence.ts';

const row = (mode: string, half: number | null): ResultRow => ({
  test: 'latency',
  point: { messageBytes: 64 },
  placement: 'CrossNode',
  pairs: 1,
  metric: 'rttP50',
  unit: 's',
  better: 'Lower',
  mode,
  n: 6,
  median: 1,
  ...(half === null ? {} : { low: 1 - half, high: 1 + half }),
  verdict: 'Worse',
});

describe('precision', () => {
  test('of every row, whatever the verdicts', () => {
    const rows = [row('native', 0.025), row('virtio', 0.01)];
    expect(convergenceOf(rows, 3, [])).toMatchObject({ converged: true, within: 2, rows: 2 });
    expect(convergenceOf(rows, 2, [])).toMatchObject({
      converged: false,
      within: 1,
      widest: { name: 'latency rttP50 of native (64 B, CrossNode, 1 pair)', n: 6 },
    });
  });

  test('a row without an interval is the widest of all; nothing is precise enough of nothing', () => {
    expect(convergenceOf([row('native', 0.9), row('virtio', null)], 100, []).widest).toMatchObject({ percent: null });
    expect(convergenceOf([], 3, [])).toEqual({ converged: false, within: 0, rows: 0, widest: null });
  });
});

test.each([
  [0.123, '0.12 %'],
  [7.25, '7.3 %'],
  [9.96, '10 %'],
  [158.3, '158 %'],
])('%f is read as %s', (percent, words) => {
  expect(percentWords(percent)).toBe(words);
});
