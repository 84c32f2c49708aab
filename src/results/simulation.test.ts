/** What intervals promise, counted: seeded simulations of 4,000 experiments a case. Verdicts: test/integration. */
import { describe, expect, test } from '@jest/globals';
import { coverage, medianByOrder, RATIO, ratioByWilcoxon } from '../../test/support/results/coverage.ts';
import { CASES } from '../../test/support/results/simulation.ts';

const EXPERIMENTS = 4000;
const SEED = 2026;

describe.each(CASES)('$name: $what', (of) => {
  test.each([6, 10, 20])('nominal 95 %% intervals hold the truth in at least 94 %%, %i blocks', (blocks) => {
    const run = { blocks, experiments: EXPERIMENTS, seed: SEED + blocks };
    expect(coverage(of, medianByOrder, { ...run, truth: 1 }).held).toBeGreaterThanOrEqual(0.94);
    const ratio = coverage(of, ratioByWilcoxon, { ...run, truth: RATIO });
    expect(ratio.held).toBeGreaterThanOrEqual(0.94);
    expect(ratio.held).toBeLessThan(0.99);
  });
});
