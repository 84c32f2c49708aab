/** Tests, adjustments and flags against scipy's frozen values, published worked examples and what must always hold. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { bca, meanOf, medianOf } from '../../../test/support/results/bca.ts';
import { uniform } from '../../../test/support/results/random.ts';
import { hodgesLehmann, ratioOfLogs } from './hodgesLehmann.ts';
import { holm } from './holm.ts';
import { kendallTrend } from './kendall.ts';
import { normalUpperQuantile, normalUpperTail } from './normal.ts';
import { outliers } from './outliers.ts';
import { midranks } from './ranks.ts';
import { signedRankCritical, signedRankP } from './signedRank.ts';
import { walshAverages } from './walsh.ts';

interface Frozen {
  signedRankP: { cases: { values: number[]; p: number }[] };
  signedRankLarge: { cases: { values: number[]; p: number }[] };
  kendall: { cases: { values: number[]; tau: number; p: number }[] };
  kendallLarge: { cases: { values: number[]; tau: number; p: number }[] };
  outliers: { cases: { values: number[]; outliers: number[] }[] };
  normal: { tails: [z: number, p: number][]; quantiles: [p: number, z: number][] };
  bca: { cases: { statistic: 'mean' | 'median'; values: number[]; low: number; high: number }[] };
  geometricMean: { cases: { values: number[]; mean: number }[] };
}
const scipy = JSON.parse(readFileSync(new URL('testdata/scipyTests.json', import.meta.url), 'utf8')) as Frozen;

const small = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 10 });

describe('the p of the signed-rank test', () => {
  test.each(scipy.signedRankP.cases)('equals scipy’s exact one, ties and zeros included: $p', ({ values, p }) => {
    expect(signedRankP(values)).toBeCloseTo(p, 12);
  });

  test.each(scipy.signedRankLarge.cases)('of many values equals scipy’s normal approximation: $p', ({ values, p }) => {
    expect(signedRankP(values)).toBeCloseTo(p, 6);
  });

  test('worked example of Hollander and Wolfe, table 3.1: T+ = 5 of 9, one-sided 0.0195', () => {
    const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
    const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    expect(signedRankP(after.map((y, i) => y - (before[i] ?? 0))) / 2).toBeCloseTo(0.0195, 4);
  });

  test('is the share of all signs that are at least as one-sided, counted one by one', () => {
    fc.assert(
      fc.property(small, (values) => {
        expect(signedRankP(values)).toBeCloseTo(byCounting(values), 10);
      }),
      { seed: 11, numRuns: 100 },
    );
  });

  test('is 2^(1-n) at best, and 1 of nothing', () => {
    for (const n of [1, 6, 10, 30]) expect(signedRankP(Array.from({ length: n }, (_, i) => i + 1))).toBe(2 ** (1 - n));
    expect([signedRankP([]), signedRankP([0, 0])]).toEqual([1, 1]);
  });

  test('agrees with the interval: it excludes 0 exactly where p is small enough', () => {
    const values = fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), {
      minLength: 6,
      maxLength: 20,
      selector: Math.abs,
    });
    fc.assert(
      fc.property(values, (found) => {
        fc.pre(!found.includes(0));
        const { low = 0, high = 0 } = hodgesLehmann(found, 0.95);
        expect(low > 0 || high < 0).toBe(signedRankP(found) <= 0.05 && low * high !== 0);
      }),
      { seed: 12, numRuns: 300 },
    );
  });

  test('beyond 100 values the critical rank is close to the exact one’s trend', () => {
    const exact = signedRankCritical(100, 0.95);
    const next = signedRankCritical(101, 0.95);
    expect(next).toBeGreaterThan(exact);
    expect(next - exact).toBeLessThan(60);
  });
});

/** Two-sided p over all 2^m signs of the m values that are not zero, with Pratt's ranks. */
function byCounting(values: readonly number[]): number {
  const ranks = midranks(values.map(Math.abs)).filter((_, i) => values[i] !== 0);
  const signs = values.filter((value) => value !== 0).map(Math.sign);
  const distance = (one: readonly number[]) => Math.abs(one.reduce((sum, sign, i) => sum + sign * (ranks[i] ?? 0), 0));
  const found = distance(signs);
  const all = Array.from({ length: 2 ** ranks.length }, (_, bits) =>
    ranks.map((_rank, i) => ((bits >> i) & 1 ? 1 : -1)),
  );
  return all.filter((one) => distance(one) >= found - 1e-9).length / all.length;
}

describe('Holm', () => {
  test('worked example: 0.01, 0.04, 0.03, 0.005', () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((p, i) => expect(adjusted[i]).toBeCloseTo(p, 12));
  });

  test('what is missing counts and stays missing', () => {
    expect(holm([0.01, null, null])).toEqual([0.03, null, null]);
    expect(holm([])).toEqual([]);
  });

  test('never smaller than p, never larger than Bonferroni, in the same order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }), (ps) => {
        const adjusted = holm(ps).map((p) => p ?? -1);
        ps.forEach((p, i) => {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p);
          expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, p * ps.length));
          ps.forEach((other, j) => {
            if (p < other) expect(adjusted[i] ?? 0).toBeLessThanOrEqual(adjusted[j] ?? 0);
          });
        });
      }),
      { seed: 13, numRuns: 100 },
    );
  });
});

describe('Kendall’s trend', () => {
  test.each(scipy.kendall.cases)('equals scipy’s exact one, ties included: tau $tau', ({ values, tau, p }) => {
    const found = kendallTrend(values);
    expect(found?.tau).toBeCloseTo(tau, 12);
    expect(found?.p).toBeCloseTo(p, 10);
  });

  test.each(scipy.kendallLarge.cases)('of many values equals scipy’s normal one: tau $tau', ({ values, tau, p }) => {
    const found = kendallTrend(values);
    expect(found?.tau).toBeCloseTo(tau, 12);
    expect(found?.p).toBeCloseTo(p, 6);
  });

  test('of what never changes, or of one value, is none', () => {
    expect([kendallTrend([]), kendallTrend([1]), kendallTrend([2, 2, 2])]).toEqual([null, null, null]);
  });

  test('turned round in time has the other sign and the same p', () => {
    fc.assert(
      fc.property(small, (values) => {
        const [there, back] = [kendallTrend(values), kendallTrend(values.toReversed())];
        expect(there === null).toBe(back === null);
        expect((there?.tau ?? 0) + (back?.tau ?? 0)).toBeCloseTo(0, 12);
        expect(there?.p ?? 0).toBeCloseTo(back?.p ?? 0, 12);
      }),
      { seed: 14, numRuns: 100 },
    );
  });
});

describe('outliers', () => {
  test.each(scipy.outliers.cases)('of $values', ({ values, outliers: expected }) => {
    expect(outliers(values)).toEqual(expected);
  });

  test('are none among few values or equal ones', () => {
    expect([outliers([1, 1, 1, 1, 90]), outliers([3, 3, 3, 3, 3, 3]), outliers([])]).toEqual([[], [], []]);
  });
});

describe('Walsh averages', () => {
  test.each([1, 2, 7, 60, 61, 90])('of %i values, each by its rank', (n) => {
    const next = uniform(n);
    const values = Array.from({ length: n }, (_, i) => (i % 3 === 0 ? Math.round(next() * 4) : next() * 4 - 2));
    const all = values.flatMap((x, i) => values.slice(i).map((y) => (x + y) / 2)).toSorted((a, b) => a - b);
    const { count, kth } = walshAverages(values);
    expect(count).toBe(all.length);
    for (let k = 1; k <= count; k += n > 60 ? 7 : 1) expect(kth(k)).toBeCloseTo(all[k - 1] ?? Number.NaN, 13);
    expect([kth(0), kth(count + 1), kth(count)]).toEqual([undefined, undefined, all.at(-1)]);
  });
});

describe('small parts', () => {
  test.each(scipy.normal.tails)('P(Z > %d) is scipy’s', (z, p) => {
    expect(Math.abs(normalUpperTail(z) / p - 1)).toBeLessThan(2e-7);
  });

  test.each(scipy.normal.quantiles)('the z of P(Z > z) = %d is scipy’s', (p, z) => {
    expect(normalUpperQuantile(p)).toBeCloseTo(z, 5);
  });

  test('ranks share their mean among ties, also those that rounding alone tells apart', () => {
    expect(midranks([3, 1, 3, 2])).toEqual([3.5, 1, 3.5, 2]);
    expect(midranks([0.1 + 0.2, 0.3])).toEqual([1.5, 1.5]);
  });

  test.each(scipy.geometricMean.cases)(
    'the centre of equal logarithms is their geometric mean: $mean',
    ({ values, mean }) => {
      const log = values.reduce((sum, value) => sum + Math.log(value), 0) / values.length;
      expect(ratioOfLogs([log, log, log], 0.95).median).toBeCloseTo(mean, 12);
    },
  );

  test.each(scipy.bca.cases)(
    'the bootstrap to compare with is scipy’s: $statistic',
    ({ statistic, values, low, high }) => {
      const of = statistic === 'mean' ? meanOf : medianOf;
      const found = bca(values, of, { confidence: 0.95, resamples: 20_000, random: uniform(3) });
      expect(Math.abs((found?.low ?? 0) / low - 1)).toBeLessThan(0.02);
      expect(Math.abs((found?.high ?? 0) / high - 1)).toBeLessThan(0.03);
    },
  );
});
