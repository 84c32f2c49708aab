import { describe, expect, test } from '@jest/globals';
import type { TestPoint } from '../api/protocol.ts';
import type { TrialMeasurement } from '../api/v1alpha1.ts';
import { experimentSpec, observation } from '../../test/support/results/experiment.ts';
import { analyse, type TrialObservation } from './analyse.ts';
import { pointKey } from './catalogue.ts';
import { indexObservations } from './observations.ts';
import { exceedsTogether, startSkews, togetherOf } from './together.ts';

const AT = { test: 'bandwidth', point: { streams: 1 } };
const POINT: TestPoint = {
  id: 0,
  test: 'bandwidth',
  type: 'Stream',
  protocol: 'TCP',
  messageBytes: 0,
  streams: 1,
  direction: 'Forward',
  durationSeconds: 10,
  warmupSeconds: 1,
};
const KEY = {
  key: pointKey('bandwidth', { streams: 1 }),
  info: { metric: 'throughput', unit: 'bit/s', better: 'Higher', combine: 'Sum', primary: true },
} as const;

describe('how far apart pairs started', () => {
  const skews = (...times: (number | undefined)[]): (number | undefined)[] =>
    startSkews(
      AT,
      times.map((at) => (at === undefined ? {} : { synchronizedAt: at })),
    ).map(({ value }) => value);

  test.each([
    [
      [1000, 1000],
      [0, 0],
    ],
    [
      [1012, 1000, 1003.5],
      [0.012, 0, 0.0035],
    ],
    [[1000], []],
    [[], []],
    [
      [1000, undefined],
      [undefined, undefined],
    ],
  ])('%j: %j s', (times, expected) => {
    const found = skews(...times);
    expect(found).toHaveLength(expected.length);
    found.forEach((value, i) => {
      const wanted = expected[i];
      if (wanted === undefined) expect(value).toBeUndefined();
      else expect(value).toBeCloseTo(wanted, 9);
    });
  });

  test('a client that met nobody is a reason, not a zero', () => {
    expect(startSkews(AT, [{ synchronizedAt: 1 }, undefined])).toMatchObject([
      { pair: 0, metric: 'startSkew', unit: 's', reason: expect.stringMatching(/^NotSynchronized: /) },
      { pair: 1, reason: expect.stringMatching(/^NotSynchronized: /) },
    ]);
  });
});

describe('pairs that share a wire', () => {
  const link = { bitsPerSecond: 10e9, mtu: 1500 };

  test.each<[number[]]>([[[9e9]], [[4.7e9, 4.7e9]], [[]]])('%j fit', (rates) => {
    expect(exceedsTogether(POINT, link, rates)).toBeNull();
  });

  test('each within the bound, all together beyond it', () => {
    expect(exceedsTogether(POINT, link, [9e9, 9e9])).toEqual({
      reason: 'ExceedsLinkRate',
      message: expect.stringMatching(
        /^the 2 pairs together claim 18\.00 Gb\/s, 9\.415 Gb\/s is all the link can carry: they did not run at once/,
      ),
    });
  });
});

describe('a row of several pairs', () => {
  const measured = (metric: string, pair: number, value?: number): TrialMeasurement => ({
    ...AT,
    pair,
    metric,
    unit: 'x',
    ...(value === undefined ? { reason: 'ToolFailed' } : { value }),
  });
  const trial = (
    block: number,
    rates: (number | undefined)[],
    skews: number[],
  ): Parameters<typeof indexObservations>[0][number] => ({
    mode: 'vf',
    placement: 'CrossNode',
    pairs: rates.length,
    block,
    succeeded: true,
    measurements: [
      ...rates.map((rate, pair) => measured('throughput', pair, rate)),
      ...skews.map((skew, pair) => measured('startSkew', pair, skew)),
    ],
  });
  const row = (pairs: number, ...trials: ReturnType<typeof trial>[]): object =>
    togetherOf(indexObservations(trials), { mode: 'vf', placement: 'CrossNode', pairs }, KEY);

  test('fairness is the median over the blocks, skew the largest', () => {
    const blocks = [trial(0, [1, 1], [0, 0.01]), trial(1, [1, 0], [0.03, 0]), trial(2, [3, 1], [0, 0.002])];
    expect(row(2, ...blocks)).toEqual({ fairness: 0.8, startSkewSeconds: 0.03 });
  });

  test('a pair without a value leaves its block out', () => {
    expect(row(2, trial(0, [1, undefined], [0, 0]), trial(1, [1, 1], [0, 0]))).toEqual({
      fairness: 1,
      startSkewSeconds: 0,
    });
    expect(row(2, trial(0, [1, undefined], []))).toEqual({});
  });

  test('one pair shares with nobody; a latency is no share', () => {
    expect(row(1, trial(0, [1], []))).toEqual({});
    const index = indexObservations([trial(0, [1, 2], [0, 1])]);
    const worst = { ...KEY, info: { ...KEY.info, combine: 'Slowest' as const } };
    expect(togetherOf(index, { mode: 'vf', placement: 'CrossNode', pairs: 2 }, worst)).toEqual({ startSkewSeconds: 1 });
  });
});

test('rows of several pairs say how evenly they shared and how far apart they started; of one pair nothing', () => {
  const trials = (mode: string, rates: number[][], skews: number[]): TrialObservation[] =>
    rates.map((throughput, block) =>
      observation({ mode, block, values: { throughput, startSkew: [0, skews[block] ?? 0] } }),
    );
  // Jain's index of 3 and 1 is (3 + 1)^2 / (2 (9 + 1)) = 0.8, of 1 and 1 it is 1.
  const uneven = [3e9, 1e9];
  const observed = [
    ...trials('native', [uneven, uneven, [2e9, 2e9]], [0.002, 0.012, 0.001]),
    ...trials('virtio', [[2e9, 2e9], [2e9, 2e9], uneven], [0, 0, 0]),
  ];
  const { rows } = analyse(experimentSpec({ pairs: [2] }), observed);
  const found = rows.filter(({ metric }) => metric === 'throughput');
  expect(found).toMatchObject([
    { mode: 'native', pairs: 2, median: 4e9, fairness: 0.8, startSkewSeconds: 0.012 },
    { mode: 'virtio', pairs: 2, median: 4e9, fairness: 1, startSkewSeconds: 0 },
  ]);
  const alone = [observation({ mode: 'native', block: 0, values: { throughput: [4e9] } })];
  for (const row of analyse(experimentSpec(), alone).rows) {
    expect(row).not.toHaveProperty('fairness');
    expect(row).not.toHaveProperty('startSkewSeconds');
  }
});
