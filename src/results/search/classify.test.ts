/** The worked example of the MLRsearch draft ("Example Search"): four goals, six points in time, one load. */
import { describe, expect, test } from '@jest/globals';
import { classify, conditionalThroughput } from './classify.ts';
import type { TrialResult } from './types.ts';

const GOALS = {
  rfc2544: { finalTrialSeconds: 60, durationSum: 60, lossRatio: 0, exceedRatio: 0 },
  tst009: { finalTrialSeconds: 60, durationSum: 120, lossRatio: 0, exceedRatio: 0.5 },
  oneSecond: { finalTrialSeconds: 1, durationSum: 120, lossRatio: 0.005, exceedRatio: 0.5 },
  twentyPercent: { finalTrialSeconds: 60, durationSum: 60, lossRatio: 0.005, exceedRatio: 0.2 },
};

const times = (count: number, seconds: number, lossRatio: number): TrialResult[] =>
  Array.from({ length: count }, () => ({ load: 1e6, seconds, lossRatio }));

const points = [
  times(59, 1, 0),
  times(1, 1, 0.01),
  times(59, 1, 0.01),
  times(1, 1, 0),
  times(1, 60, 0.001),
  times(1, 60, 0),
];
const upTo = (count: number): TrialResult[] => points.slice(0, count).flat();

describe('load classification', () => {
  test.each([
    [1, ['Undecided', 'Undecided', 'Undecided', 'Undecided']],
    [2, ['UpperBound', 'Undecided', 'Undecided', 'Undecided']],
    [3, ['UpperBound', 'Undecided', 'Undecided', 'UpperBound']],
    [4, ['UpperBound', 'Undecided', 'LowerBound', 'UpperBound']],
    // The draft's tables say LowerBound for the last goal in points 5 and 6, against its code and its own figures: 42.9 %
    // and 27.3 % of the time exceed the 20 % that the goal allows.
    [5, ['UpperBound', 'Undecided', 'LowerBound', 'UpperBound']],
    [6, ['UpperBound', 'LowerBound', 'LowerBound', 'UpperBound']],
  ])('at point %i', (count, wanted) => {
    expect(Object.values(GOALS).map((goal) => classify(goal, upTo(count)))).toEqual(wanted);
  });

  test('knows nothing without trials', () => {
    expect(Object.values(GOALS).map((goal) => classify(goal, []))).toEqual(Array(4).fill('Undecided'));
  });
});

describe('conditional throughput', () => {
  const goal = { finalTrialSeconds: 1, durationSum: 4, lossRatio: 0.005, exceedRatio: 0.5 };

  test('is the load less the loss of the middle trial', () => {
    const trials = [0.4, 0, 0.002, 0.001].map((lossRatio) => ({ load: 1000, seconds: 1, lossRatio }));
    expect(conditionalThroughput(goal, 1000, trials)).toBeCloseTo(999, 9);
  });

  test.each([
    ['tst009', 1e6],
    ['oneSecond', 1e6],
    ['twentyPercent', 999e3],
  ] as const)('is that of the draft for %s', (name, wanted) => {
    expect(conditionalThroughput(GOALS[name], 1e6, upTo(6))).toBeCloseTo(wanted, 6);
  });

  test('counts trials that are missing as lost', () => {
    expect(conditionalThroughput(goal, 1000, [{ load: 1000, seconds: 1, lossRatio: 0 }])).toBe(0);
    expect(conditionalThroughput(goal, 1000, [])).toBeNull();
  });
});
