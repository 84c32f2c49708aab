/** Verdicts of an Experiment together, and the words for what is missing. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { experimentSpec, observation } from '../../test/support/results/experiment.ts';
import { normal } from '../../test/support/results/random.ts';
import { analyse } from './analyse.ts';
import type { TrialObservation } from './analyse.ts';

const MODES = ['native', 'virtio', 'passthrough'].map((name) => ({ name, type: 'Native' as const }));
const spec = experimentSpec({ modes: MODES });

/** Virtio takes 1.5 times as long as native in every block; passthrough is native with noise of its own. */
function observations(blocks: number): TrialObservation[] {
  const next = normal(4);
  const noisy = (value: number) => [value * Math.exp(0.02 * next())];
  return Array.from({ length: blocks }, (_, block) =>
    MODES.map(({ name: mode }) => {
      const slow = mode === 'virtio' ? 1.5 : 1;
      const values = { rttP50: noisy(3e-5 * slow), rttP99: noisy(5e-5 * slow), throughput: noisy(9e9 / slow) };
      return observation({ mode, block, values });
    }),
  ).flat();
}

const rowOf = (blocks: number, mode: string, metric = 'rttP50') =>
  analyse(spec, observations(blocks)).rows.find((row) => row.mode === mode && row.metric === metric);

describe('six comparisons at 95 %', () => {
  test('need eight blocks, and say so', () => {
    expect(analyse(spec, []).family).toEqual({ comparisons: 6, fewestBlocks: 8 });
    const row = rowOf(6, 'virtio');
    expect(row).toMatchObject({ p: 0.03125, pAdjusted: 0.1875, verdict: 'Inconclusive' });
    expect(row?.ratio?.low ?? 0).toBeGreaterThan(1.4);
    expect(row?.message).toMatch(
      /^\d+ % above the baseline, \+\d+ % to \+\d+ %; to tell it from chance among 6 comparisons needs at least 8 complete blocks: 2 more$/,
    );
  });

  test('decide with eight', () => {
    expect(rowOf(8, 'virtio')).toMatchObject({ p: 0.0078125, pAdjusted: 0.046875, verdict: 'Worse' });
    expect(rowOf(8, 'virtio', 'throughput')).toMatchObject({ verdict: 'Worse', better: 'Higher' });
    expect(rowOf(8, 'passthrough')).toMatchObject({ verdict: 'Equivalent' });
  });

  test('what others make of the same p depends on the whole family', () => {
    const alone = experimentSpec({ modes: MODES.slice(0, 2), tests: spec.tests.slice(1) });
    const { rows, family } = analyse(alone, observations(6));
    expect(family).toEqual({ comparisons: 1, fewestBlocks: 6 });
    expect(rows[1]).toMatchObject({ mode: 'virtio', p: 0.03125, pAdjusted: 0.03125, verdict: 'Worse' });
  });

  test('a mode that was never measured still counts as a member', () => {
    const without = observations(8).filter(({ mode }) => mode !== 'passthrough');
    const { rows, family } = analyse(spec, without);
    expect(family.comparisons).toBe(6);
    expect(rows.find(({ mode }) => mode === 'passthrough')).not.toHaveProperty('pAdjusted');
  });

  test('the baseline has no p', () => {
    expect(rowOf(8, 'native')).not.toHaveProperty('p');
  });
});

test('with enough blocks, a difference that others make too likely asks for about so many more', () => {
  const ratios = [1.1, 1.2, 1.15, 0.9, 1.3, 1.05, 1.25, 0.95, 1.18, 1.22];
  const made = ratios.flatMap((ratio, block) =>
    MODES.map(({ name: mode }) => {
      const values = { rttP50: [3e-5 * (mode === 'virtio' ? ratio : 1)], rttP99: [5e-5], throughput: [9e9] };
      return observation({ mode, block, values });
    }),
  );
  const row = analyse(spec, made).rows[1];
  expect(row).toMatchObject({ verdict: 'Inconclusive', p: expect.closeTo(28 / 1024, 6) });
  expect(row?.pAdjusted).toBeCloseTo((6 * 28) / 1024, 5);
  expect(row?.message).toMatch(
    /; among 6 comparisons chance explains it too well \(adjusted p 0\.16\); needs about 5 more blocks$/,
  );
});

describe('incomplete blocks', () => {
  test('are left out of comparisons, not of medians, and counted', () => {
    const lost = observations(10).filter(({ mode, block }) => !(mode === 'passthrough' && block === 2));
    const { rows, completeBlocks } = analyse(spec, lost);
    const virtio = rows.find(({ mode }) => mode === 'virtio');
    expect(completeBlocks).toBe(9);
    expect(virtio).toMatchObject({ n: 10, ratio: { n: 9 } });
    expect(virtio?.message).toContain('1 of 10 blocks left out, incomplete');
  });
});

describe('outliers', () => {
  const made = observations(12).map((found) =>
    found.mode === 'native' && found.block === 7
      ? { ...found, measurements: found.measurements.map((one) => ({ ...one, value: (one.value ?? 0) * 3 })) }
      : found,
  );

  test('are flagged with their block, and kept', () => {
    const row = analyse(spec, made).rows[0];
    expect(row).toMatchObject({ mode: 'native', n: 12, outliers: 1, message: 'outlier kept, block 7' });
    expect(analyse(spec, observations(12)).rows[0]).not.toHaveProperty('outliers');
  });

  test('move no median far', () => {
    const [with_, without] = [made, observations(12)].map((found) => analyse(spec, found).rows[0]?.median ?? 0);
    expect((with_ ?? 0) / (without ?? 1)).toBeCloseTo(1, 1);
  });
});

test('fewer than 6 values: no interval of the baseline’s median, and it says so', () => {
  expect(rowOf(5, 'native')).toMatchObject({ n: 5, message: '5 values, a 95 % interval needs at least 6' });
  expect(rowOf(5, 'native')).not.toHaveProperty('low');
});

test('whatever Trials deliver, an analysis comes to finite numbers in order', () => {
  const value = fc.oneof(
    fc.double({ min: -1e300, max: 1e300, noNaN: true }),
    fc.constantFrom<number | string>(0, -0, 1e-300, 3e-5, 'TooFewSamples: 3'),
  );
  const trial = fc.record({
    mode: fc.constantFrom('native', 'virtio', 'passthrough', 'unknown'),
    block: fc.nat({ max: 11 }),
    succeeded: fc.boolean(),
    values: fc.dictionary(fc.constantFrom('rttP50', 'rttP99', 'throughput'), fc.array(value, { maxLength: 1 })),
  });
  fc.assert(
    fc.property(fc.array(trial, { maxLength: 60 }), (trials) => {
      const found = analyse(spec, trials.map(observation));
      expect(JSON.parse(JSON.stringify(found))).toEqual(found);
      for (const { p = 0, pAdjusted = 1, ratio, median = 0, low = median, high = median } of found.rows) {
        expect(p >= 0 && p <= pAdjusted && pAdjusted <= 1).toBe(true);
        expect(low <= median && median <= high).toBe(true);
        if (ratio?.low !== undefined) expect(ratio.low <= ratio.median && ratio.median <= (ratio.high ?? 0)).toBe(true);
      }
    }),
    { seed: 15, numRuns: 300 },
  );
});
