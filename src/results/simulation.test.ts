/** What the statistics promise, counted: seeded simulations of 2,000 experiments or more a case. */
import { describe, expect, test } from '@jest/globals';
import {
  coverage,
  coverageWhenStopped,
  familyRates,
  medianByOrder,
  RATIO,
  ratioByWilcoxon,
} from '../../test/support/results/coverage.ts';
import { CASES } from '../../test/support/results/simulation.ts';

/** Intervals cost little, whole analyses more. */
const EXPERIMENTS = { intervals: 4000, families: 2000 };
const SEED = 2026;

describe.each(CASES)('$name: $what', (of) => {
  test.each([6, 10, 20])('nominal 95 %% intervals hold the truth in at least 94 %%, %i blocks', (blocks) => {
    const run = { blocks, experiments: EXPERIMENTS.intervals, seed: SEED + blocks };
    expect(coverage(of, medianByOrder, { ...run, truth: 1 }).held).toBeGreaterThanOrEqual(0.94);
    const ratio = coverage(of, ratioByWilcoxon, { ...run, truth: RATIO });
    expect(ratio.held).toBeGreaterThanOrEqual(0.94);
    expect(ratio.held).toBeLessThan(0.99);
  });

  test('equal modes: any call of Better or Worse in at most 5 % of families', () => {
    const { wrong, unadjusted, comparisons } = familyRates(of, {
      blocks: 10,
      experiments: EXPERIMENTS.families,
      seed: SEED,
    });
    expect(comparisons).toBe(6);
    expect(wrong).toBeLessThanOrEqual(0.05);
    expect(unadjusted).toBeGreaterThan(wrong);
  });
});

describe('beside an error that is kept', () => {
  const [normalNoise] = CASES;
  if (normalNoise === undefined) throw new Error('no cases');

  test('a true difference is found, and the mode without one still called in at most 5 % of families', () => {
    const { found, wrong } = familyRates(normalNoise, { blocks: 12, experiments: 500, seed: SEED, ratio: 1.15 });
    expect(found).toBeGreaterThan(0.95);
    expect(wrong).toBeLessThanOrEqual(0.05);
  });

  test('stopping by precision keeps it too, and the coverage of the intervals', () => {
    const run = { experiments: EXPERIMENTS.families, seed: SEED };
    expect(familyRates(normalNoise, { ...run, blocks: 20, precision: 0.05 }).wrong).toBeLessThanOrEqual(0.05);
    const { median, ratio, blocks } = coverageWhenStopped(normalNoise, { ...run, precision: 0.05, rows: 1 });
    expect(Math.min(median, ratio)).toBeGreaterThanOrEqual(0.94);
    expect(blocks).toBeGreaterThan(10);
    expect(blocks).toBeLessThan(20);
  });

  test('a difference as large as the margin is called Equivalent in at most 2.5 % of the rows', () => {
    const spec = { comparison: { confidencePercent: 95, equivalencePercent: 10 } };
    const run = { blocks: 12, experiments: 500, seed: SEED, spec };
    expect(familyRates(normalNoise, { ...run, ratio: 1.1 }).equivalent).toBeLessThanOrEqual(0.025);
    expect(familyRates(normalNoise, { ...run, ratio: 1.02 }).equivalent).toBeGreaterThan(0.5);
  });
});
