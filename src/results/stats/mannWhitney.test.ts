import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mannWhitneyCounts, mannWhitneyCritical, shift, unpairedRatio } from './mannWhitney.ts';

describe('the distribution', () => {
  test('3 and 3: all 20 arrangements, as written out by hand', () => {
    expect(mannWhitneyCounts(3, 3)).toEqual([1, 1, 2, 3, 3, 3, 3, 2, 1, 1]);
  });

  // Critical values of U, two-sided 5 %, from the usual tables; the k-th difference is one further.
  test.each([
    [4, 4, 0],
    [5, 5, 2],
    [6, 6, 5],
    [8, 8, 13],
    [10, 10, 23],
    [5, 8, 6],
    [20, 20, 127],
  ])('%d and %d: U of at most %d is rare', (m, n, critical) => {
    expect(mannWhitneyCritical(m, n, 0.95)).toBe(critical + 1);
    expect(mannWhitneyCritical(n, m, 0.95)).toBe(critical + 1);
  });

  test('3 and 3 give no 95 % interval', () => {
    expect(mannWhitneyCritical(3, 3, 0.95)).toBe(0);
    expect(shift([1, 2, 3], [4, 5, 6], 0.95)).toEqual({ n: 3, median: 3 });
  });

  test('exact and approximate meet at their border', () => {
    const [exact, approximate] = [mannWhitneyCritical(50, 50, 0.95), mannWhitneyCritical(51, 50, 0.95)];
    expect(Math.abs(approximate - exact)).toBeLessThan(35);
  });
});

test('the interval holds the estimate, and turns round with the samples', () => {
  const sample = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 4, maxLength: 12 });
  fc.assert(
    fc.property(sample, sample, (xs, ys) => {
      const { median, low = NaN, high = NaN } = unpairedRatio(xs, ys, 0.95);
      const back = unpairedRatio(ys, xs, 0.95);
      expect(low).toBeLessThanOrEqual((median ?? NaN) * (1 + 1e-12));
      expect(high).toBeGreaterThanOrEqual((median ?? NaN) * (1 - 1e-12));
      expect((back.low ?? NaN) * high).toBeCloseTo(1, 9);
      expect((back.median ?? NaN) * (median ?? NaN)).toBeCloseTo(1, 9);
    }),
  );
});

test('it covers a true ratio as often as it says', () => {
  let seed = 1;
  const random = (): number => (seed = (seed * 48_271) % 0x7fffffff) / 0x7fffffff;
  const sample = (scale: number): number[] =>
    Array.from({ length: 8 }, () => scale * Math.exp(0.3 * (random() + random() + random())));
  let covered = 0;
  for (let i = 0; i < 2000; i++) {
    const { low = NaN, high = NaN } = unpairedRatio(sample(1), sample(1.5), 0.95);
    if (low <= 1.5 && high >= 1.5) covered += 1;
  }
  expect(covered / 2000).toBeGreaterThanOrEqual(0.94);
  expect(covered / 2000).toBeLessThan(0.98);
});

test.each([
  [[], [1]],
  [[1, 2], []],
  [
    [0, 1, 2, 3],
    [1, 2, 3, 4],
  ],
])('%p against %p has no ratio', (xs, ys) => {
  expect(unpairedRatio(xs, ys, 0.95).median).toBeNull();
});
