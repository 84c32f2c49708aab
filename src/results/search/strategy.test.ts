/** Searches of simulated devices: what is found, within what bounds, in how many trials. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { uniform } from '../../../test/support/results/random.ts';
import { nextStep, resultsOf } from './strategy.ts';
import type { GoalResult, SearchConfig, SearchGoal, TrialResult } from './types.ts';

/** Loss ratio of one trial at a load; `random` gives numbers in [0, 1), the same for the same seed. */
type Device = (load: number, random: () => number) => number;

const goal = (name: string, lossRatio: number, changes: Partial<SearchGoal> = {}): SearchGoal => ({
  name,
  lossRatio,
  exceedRatio: 0.5,
  finalTrialSeconds: 1,
  durationSum: 5,
  width: 0.005,
  ...changes,
});
const GOALS = [goal('ndr', 0), goal('pdr', 0.005)];
const MOST = 2000;

interface Search {
  trials: TrialResult[];
  results: GoalResult[];
}

function search(device: Device, changes: Partial<SearchConfig> = {}, seed = 1): Search {
  const config: SearchConfig = { goals: GOALS, minLoad: 100, maxLoad: 1e6, maxTrials: MOST, ...changes };
  const random = uniform(seed);
  const trials: TrialResult[] = [];
  for (;;) {
    const step = nextStep(config, trials);
    if (step.do === 'Done') return { trials, results: step.results };
    expect(step.load).toBeGreaterThanOrEqual(config.minLoad);
    expect(step.load).toBeLessThanOrEqual(config.maxLoad);
    trials.push({ load: step.load, seconds: step.seconds, lossRatio: device(step.load, random) });
    expect(trials.length).toBeLessThanOrEqual(config.maxTrials);
  }
}

/** Forwards up to its capacity and drops the rest. */
const capacity =
  (most: number): Device =>
  (load) =>
    Math.max(0, 1 - most / load);

describe('a device with a fixed capacity', () => {
  const { trials, results } = search(capacity(400_000));

  test('is found for both goals, within their width, in few trials', () => {
    const [ndr, pdr] = results;
    expect(results.map(({ end }) => end)).toEqual(['Regular', 'Regular']);
    expect(ndr?.lower).toBeLessThanOrEqual(400_000);
    expect(ndr?.upper).toBeGreaterThan(400_000);
    expect(1 - (ndr?.lower ?? 0) / (ndr?.upper ?? 1)).toBeLessThanOrEqual(0.0051);
    expect(ndr?.conditionalThroughput).toBe(ndr?.lower);
    expect(pdr?.conditionalThroughput).toBeGreaterThanOrEqual(ndr?.conditionalThroughput ?? 0);
    expect((pdr?.upper ?? 0) * 0.995).toBeGreaterThan(400_000 * 0.995);
    expect(trials.length).toBeLessThan(50);
  });

  test('spends most of its trials near the answer', () => {
    const far = trials.filter(({ load }) => load < 300_000 || load > 500_000);
    expect(far.length).toBeLessThan(trials.length / 3);
  });

  test('is asked the same questions again for the same answers', () => {
    expect(search(capacity(400_000)).trials).toEqual(trials);
  });
});

describe('a range on one side of the goals', () => {
  test('ends at its top where nothing is ever lost', () => {
    const { trials, results } = search(() => 0);
    expect(results.map(({ end, lower, upper }) => [end, lower, upper])).toEqual([
      ['NoUpperBound', 1e6, null],
      ['NoUpperBound', 1e6, null],
    ]);
    expect(trials.length).toBeLessThanOrEqual(5);
  });

  test('ends at its bottom where everything is', () => {
    const { trials, results } = search(() => 1);
    expect(results.map(({ end, conditionalThroughput: through }) => [end, through])).toEqual([
      ['NoLowerBound', null],
      ['NoLowerBound', null],
    ]);
    expect(trials.length).toBeLessThan(120);
  });

  test('has a PDR but no NDR where a little is always lost', () => {
    const { results } = search((load) => Math.max(0.001, 1 - 300_000 / load));
    expect(results.map(({ end }) => end)).toEqual(['NoLowerBound', 'Regular']);
    expect(results[1]?.conditionalThroughput).toBeGreaterThan(290_000);
  });
});

describe('noise', () => {
  /** One trial in five is disturbed, whatever the load. */
  const noisy: Device = (load, random) => Math.max(random() < 0.2 ? 0.02 : 0, 1 - 400_000 / load);

  test('of a fifth of the trials does not hide the capacity, with half of them allowed to exceed', () => {
    const found = Array.from({ length: 40 }, (_, seed) => search(noisy, {}, seed).results[1]);
    const close = found.filter((pdr) => Math.abs((pdr?.lower ?? 0) / 400_000 - 1) < 0.02);
    expect(close.length).toBeGreaterThanOrEqual(36);
  });

  test('hides it from a goal that allows no exceptions: that is what the exceed ratio is for', () => {
    const strict = [goal('strict', 0, { exceedRatio: 0 })];
    const found = Array.from({ length: 40 }, (_, seed) => search(noisy, { goals: strict }, seed).results[0]);
    const close = found.filter((ndr) => Math.abs((ndr?.lower ?? 0) / 400_000 - 1) < 0.02);
    expect(close.length).toBeLessThan(20);
  });

  test('that is not monotone gives the largest load below every one that was seen to lose', () => {
    const notch: Device = (load) => (load > 200_000 && load < 260_000 ? 0.3 : Math.max(0, 1 - 800_000 / load));
    const { trials, results } = search(notch);
    for (const { end, lower, upper } of results) {
      expect(end).toBe('Regular');
      const lossy = trials.filter(({ lossRatio }) => lossRatio > 0.005).map(({ load }) => load);
      expect(Math.min(...lossy.filter((load) => load <= (lower ?? 0)), Infinity)).toBe(Infinity);
      expect(notch(lower ?? 0, () => 0)).toBeLessThanOrEqual(0.005);
      expect(notch(upper ?? 0, () => 0)).toBeGreaterThan(0);
    }
  });
});

describe('any device', () => {
  const device = fc.record({
    most: fc.double({ min: 50, max: 2e6, noNaN: true }),
    noise: fc.double({ min: 0, max: 1, noNaN: true }),
    size: fc.double({ min: 0, max: 1, noNaN: true }),
    seed: fc.nat(),
    width: fc.constantFrom(0.001, 0.005, 0.01, 0.1, 0.5),
    durationSum: fc.constantFrom(1, 3, 10),
  });

  test('ends, with bounds in the right order and proof for what it calls Regular', () => {
    fc.assert(
      fc.property(device, ({ most, noise, size, seed, width, durationSum }) => {
        const goals = GOALS.map((one) => ({ ...one, width, durationSum }));
        const at: Device = (load, random) => Math.min(1, Math.max(random() < noise ? size : 0, 1 - most / load));
        const { trials, results } = search(at, { goals, maxTrials: 200 }, seed);
        for (const { end, lower, upper, conditionalThroughput: through } of results) {
          if (lower !== null && upper !== null) expect(lower).toBeLessThan(upper);
          if (end === 'Regular') expect(1 - (lower ?? 0) / (upper ?? 1)).toBeLessThanOrEqual(width + 1e-6);
          if (through !== null) expect(through).toBeLessThanOrEqual(lower ?? 0);
          if (end === 'Unfinished') expect(trials.length).toBe(200);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('without noise ends Regular or at an end of the range, in a bounded number of trials', () => {
    fc.assert(
      fc.property(device, ({ most, width, durationSum }) => {
        const goals = GOALS.map((one) => ({ ...one, width, durationSum }));
        const { trials, results } = search(capacity(most), { goals });
        const wanted = most >= 1e6 ? 'NoUpperBound' : most < 100 ? 'NoLowerBound' : 'Regular';
        expect(results[0]?.end).toBe(wanted);
        // Steps down by halves at most, then halving the width; each load takes durationSum trials at most.
        const loads = Math.log2(1e6 / 100) + 2 * Math.log2(1 / width) + 20;
        expect(trials.length).toBeLessThanOrEqual(loads * durationSum * goals.length);
      }),
      { numRuns: 150 },
    );
  });

  test('that is cut off has its best known bounds', () => {
    const config: SearchConfig = { goals: GOALS, minLoad: 100, maxLoad: 1e6, maxTrials: 4 };
    const { trials } = search(capacity(400_000), { maxTrials: 4 });
    expect(trials).toHaveLength(4);
    expect(resultsOf(config, trials).map(({ end }) => end)).toEqual(['Unfinished', 'Unfinished']);
  });
});
