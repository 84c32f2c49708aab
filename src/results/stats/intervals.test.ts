/** Intervals against scipy, published worked examples and what must always hold. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { uniform } from '../../../test/support/results/random.ts';
import { fewestObservations } from './binomial.ts';
import { hodgesLehmann, pairedRatio } from './hodgesLehmann.ts';
import { median, medianInterval, medianRank } from './median.ts';
import { signedRankCumulative } from './signedRank.ts';
import { cpuMs } from '../../../test/support/cpu-time.ts';

interface Reference {
  source: string;
  medianRanks: [n: number, confidence: number, rank: number][];
  medianIntervals: { values: number[]; median: number; low: number; high: number }[];
  signedRank: { n: number; statistic: number; p: number }[];
  hodgesLehmann: { values: number[]; median: number; low: number; high: number }[];
}
const scipy = JSON.parse(readFileSync(new URL('testdata/scipy.json', import.meta.url), 'utf8')) as Reference;

describe('the median', () => {
  test('of odd, even, one and no values', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7]), median([])]).toEqual([2, 2.5, 7, null]);
  });

  test('ranks are those of the binomial in scipy, at three confidences', () => {
    for (const [n, confidence, rank] of scipy.medianRanks)
      expect([n, confidence, medianRank(n, confidence)]).toEqual([n, confidence, rank]);
  });

  test('ranks are those of the published 95 % table', () => {
    const table = { 5: 0, 6: 1, 9: 2, 12: 3, 15: 4, 17: 5, 20: 6, 23: 7, 25: 8, 28: 9, 30: 10 };
    for (const [n, rank] of Object.entries(table)) expect([n, medianRank(Number(n), 0.95)]).toEqual([n, rank]);
  });

  test.each(scipy.medianIntervals)('interval equals scipy’s quantile_test', ({ values, ...expected }) => {
    const { n, median: middle, low, high } = medianInterval(values, 0.95);
    expect(n).toBe(values.length);
    expect(middle).toBeCloseTo(expected.median, 12);
    expect([low, high]).toEqual([expected.low, expected.high]);
  });

  test('below 6 values there is no 95 % interval, and none is made up', () => {
    expect(medianInterval([1, 2, 3, 4, 5], 0.95)).toEqual({ n: 5, median: 3 });
    expect(medianInterval([], 0.95)).toEqual({ n: 0, median: null });
    expect(medianInterval([1, 2, 3, 4, 5, 6], 0.95)).toEqual({ n: 6, median: 3.5, low: 1, high: 6 });
    expect([0.9, 0.95, 0.99].map(fewestObservations)).toEqual([5, 6, 8]);
  });

  test('values that are not finite are not values', () => {
    expect(medianInterval([1, Number.NaN, 3, Infinity], 0.95)).toEqual({ n: 2, median: 2 });
  });
});

describe('Wilcoxon and Hodges-Lehmann', () => {
  test.each(scipy.signedRank)('P(T <= $statistic), n = $n equals scipy’s exact p', ({ n, statistic, p }) => {
    expect(signedRankCumulative(n)[statistic]).toBeCloseTo(p, 12);
  });

  test.each(scipy.hodgesLehmann)('interval equals the inversion of scipy’s exact test', ({ values, ...expected }) => {
    const { median: centre, low, high } = hodgesLehmann(values, 0.95);
    expect(centre).toBeCloseTo(expected.median, 10);
    expect(low).toBeCloseTo(expected.low, 10);
    expect(high).toBeCloseTo(expected.high, 10);
  });

  test('worked example of Hollander and Wolfe, table 3.1: estimate -0.46, interval -0.786 to -0.010', () => {
    const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
    const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    const {
      median: centre,
      low,
      high,
    } = hodgesLehmann(
      after.map((y, i) => y - (before[i] ?? Number.NaN)),
      0.95,
    );
    expect(centre).toBeCloseTo(-0.46, 3);
    expect(low).toBeCloseTo(-0.786, 3);
    expect(high).toBeCloseTo(-0.01, 3);
  });
});

describe('the paired ratio', () => {
  const pair = fc.record({
    value: fc.double({ min: 1e-6, max: 1e12, noNaN: true }),
    baseline: fc.double({ min: 1e-6, max: 1e12, noNaN: true }),
  });

  test('of exact multiples is that multiple', () => {
    const {
      n,
      median: ratio,
      low,
      high,
    } = pairedRatio(
      [1, 2, 3, 4, 5, 6].map((b) => ({ value: 1.5 * b, baseline: b })),
      0.95,
    );
    expect(n).toBe(6);
    for (const found of [ratio, low, high]) expect(found).toBeCloseTo(1.5, 12);
  });

  test('does not see what a block has in common', () => {
    const drift = [1, 3, 2, 8, 5, 4];
    const { low, high } = pairedRatio(
      drift.map((d, i) => ({ value: 2 * d * (1 + i / 1000), baseline: d })),
      0.95,
    );
    expect(low).toBeCloseTo(2, 2);
    expect(high).toBeCloseTo(2, 1);
  });

  test('has no meaning where a value is not above zero, and no interval below 6 pairs', () => {
    expect(
      pairedRatio(
        [
          { value: 0, baseline: 1 },
          { value: 1, baseline: 1 },
        ],
        0.95,
      ),
    ).toEqual({ n: 2, median: null, p: null });
    expect(pairedRatio([{ value: 1, baseline: -1 }], 0.95)).toEqual({ n: 1, median: null, p: null });
    expect(pairedRatio([], 0.95)).toEqual({ n: 0, median: null, p: null });
    expect(
      pairedRatio(
        Array.from({ length: 5 }, () => ({ value: 2, baseline: 1 })),
        0.95,
      ),
    ).toEqual({ n: 5, median: 2, p: 0.0625 });
  });

  test('turned round is its inverse, and the median lies inside', () => {
    fc.assert(
      fc.property(fc.array(pair, { minLength: 6, maxLength: 30 }), (pairs) => {
        const there = pairedRatio(pairs, 0.95);
        const back = pairedRatio(
          pairs.map(({ value, baseline }) => ({ value: baseline, baseline: value })),
          0.95,
        );
        expect((there.median ?? 0) * (back.median ?? 0)).toBeCloseTo(1, 6);
        expect((there.low ?? 0) * (back.high ?? 0)).toBeCloseTo(1, 6);
        expect(there.low).toBeLessThanOrEqual(there.median ?? 0);
        expect(there.high).toBeGreaterThanOrEqual(there.median ?? 0);
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  test('60 blocks take no time', () => {
    const next = uniform(9);
    const start = cpuMs();
    pairedRatio(
      Array.from({ length: 60 }, () => ({ value: 1 + next(), baseline: 1 + next() })),
      0.95,
    );
    expect(cpuMs() - start).toBeLessThan(100);
  });
});
