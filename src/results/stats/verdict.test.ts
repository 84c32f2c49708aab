/** Verdicts at and around their limits, and the words that go with them. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { blocksNeeded, verdict } from './verdict.ts';
import type { VerdictInput } from './verdict.ts';

/** One comparison alone, told from chance. */
const ALONE = {
  better: 'Lower',
  equivalencePercent: 5,
  confidencePercent: 95,
  comparisons: 1,
  p: 0.01,
  pAdjusted: 0.01,
} as const;

function judge(low: number, high: number, changes: Partial<VerdictInput> = {}) {
  return verdict({ ...ALONE, ratio: { median: Math.sqrt(low * high), low, high }, n: 10, ...changes });
}

describe('a verdict', () => {
  test.each([
    ['within the margin, 1 included', 0.98, 1.03, 'Equivalent'],
    ['within the margin, 1 excluded: a difference that does not matter', 1.01, 1.04, 'Equivalent'],
    ['exactly the margin', 1 / 1.05, 1.05, 'Equivalent'],
    ['just beyond its lower end', 0.952, 1.01, 'Inconclusive'],
    ['just beyond its upper end', 0.99, 1.051, 'Inconclusive'],
    ['above 1, beyond the margin', 1.04, 1.2, 'Worse'],
    ['below 1, beyond the margin', 0.7, 0.96, 'Better'],
    ['touching 1', 1, 1.2, 'Inconclusive'],
  ])('%s', (_, low, high, expected) => {
    expect(judge(low, high).verdict).toBe(expected);
  });

  test('of a metric that should be high turns round', () => {
    expect(judge(1.1, 1.2, { better: 'Higher' }).verdict).toBe('Better');
    expect(judge(0.5, 0.6, { better: 'Higher' }).verdict).toBe('Worse');
  });

  test('without an interval is never more than Inconclusive, however large the effect', () => {
    const found = verdict({ ...ALONE, ratio: { median: 9 }, n: 4 });
    expect(found).toEqual({
      verdict: 'Inconclusive',
      message: '4 blocks with both values, a 95 % interval needs at least 6: 2 more',
    });
    expect(verdict({ ...ALONE, ratio: { median: 9 }, n: 1, confidencePercent: 99 }).message).toBe(
      '1 block with both values, a 99 % interval needs at least 8: 7 more',
    );
    expect(verdict({ ...ALONE, ratio: { median: null }, n: 0 })).toEqual({
      verdict: 'Inconclusive',
      message: 'no block has a value for both this mode and the baseline',
    });
    expect(verdict({ ...ALONE, ratio: { median: null }, n: 8 }).message).toContain('not above zero');
  });

  test('says how large the difference is', () => {
    expect(judge(1.2, 1.3).message).toBe('25 % above the baseline: +20 % to +30 %');
    expect(judge(0.9, 0.94).message).toBe('8.0 % below the baseline: -10 % to -6.0 %');
    expect(judge(8, 12).message).toBe('9.80 times the baseline: +700 % to +1100 %');
    expect(judge(0.99, 1.02).message).toBe('within 5 % of the baseline: -1.0 % to +2.0 %');
  });

  test('is the same for a mode and its baseline changed round, with the better side swapped', () => {
    const ratio = fc.double({ min: 0.2, max: 5, noNaN: true });
    fc.assert(
      fc.property(ratio, ratio, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const turned = { Better: 'Worse', Worse: 'Better' } as Record<string, string>;
        const there = judge(low, high).verdict;
        expect(judge(1 / high, 1 / low).verdict).toBe(turned[there] ?? there);
      }),
      { seed: 4 },
    );
  });
});

describe('how many more blocks', () => {
  test('the interval halves with four times the blocks', () => {
    const ratio = { median: 1, low: 1 / 1.1, high: 1.1 };
    const input: VerdictInput = {
      ...ALONE,
      p: 1,
      pAdjusted: 1,
      ratio,
      equivalencePercent: 100 * (Math.sqrt(1.1) - 1),
      n: 10,
    };
    expect(blocksNeeded(ratio, input)).toBe(30);
    expect(verdict(input).message).toContain('needs about 30 more blocks');
  });

  test('a p of 0.05 at 10 blocks becomes one of 0.0027 at about 23, as the normal deviate grows from 1.96 to 3', () => {
    const changes = { p: 0.05, pAdjusted: 0.9, comparisons: 1, confidencePercent: 99.73 };
    expect(
      blocksNeeded({ median: 1.2, low: 1.01, high: 1.4 }, { ...ALONE, ratio: { median: 1.2 }, n: 10, ...changes }),
    ).toBe(14);
  });

  test('is what the family needs where all blocks agree already', () => {
    const changes = { p: 2 ** -5, pAdjusted: 1, comparisons: 1000 };
    expect(blocksNeeded({ median: 9, low: 8.9, high: 9.1 }, { ...ALONE, ratio: { median: 9 }, n: 6, ...changes })).toBe(
      10,
    );
  });

  test('is not guessed where nothing would decide it', () => {
    const found = judge(0.5, 2, { equivalencePercent: 0, p: 0.9, pAdjusted: 0.9 });
    expect(found.message).toContain('more blocks would hardly decide it');
    expect(judge(0.5, 2, { equivalencePercent: 1, p: 1, pAdjusted: 1 }).message).toContain('hardly');
  });
});
