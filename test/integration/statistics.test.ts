/** What verdicts promise, counted: seeded simulations of 2,000 whole Experiments a case, from observations to verdicts. */
import { describe, expect, test } from '@jest/globals';
import { coverageWhenStopped, familyRates } from '../support/results/coverage.ts';
import { CASES } from '../support/results/simulation.ts';

const EXPERIMENTS = 2000;
const SEED = 2026;

test.each(CASES)('equal modes, $name: any call of Better or Worse in at most 5 % of families', (of) => {
  const { wrong, unadjusted, comparisons } = familyRates(of, { blocks: 10, experiments: EXPERIMENTS, seed: SEED });
  expect(comparisons).toBe(6);
  expect(wrong).toBeLessThanOrEqual(0.05);
  expect(unadjusted).toBeGreaterThan(wrong);
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
    const run = { experiments: EXPERIMENTS, seed: SEED };
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
