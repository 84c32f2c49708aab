/** Randomised complete blocks: everything once, in orders that one recorded seed decides and that favour nothing. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { experiment } from '../../test/support/builders.ts';
import { blockOrder, cellKey, cells, trialPoints } from './expand.ts';

const { spec } = experiment({
  tests: [
    { name: 'latency', type: 'RequestResponse', protocol: 'UDP', messageBytes: [14, 64, 1024], direction: 'Forward' },
    { name: 'bandwidth', type: 'Stream', protocol: 'TCP', streams: [4], direction: 'Forward' },
  ],
});
const BLOCKS = 6000;

/** Pearson's chi-square of how often each of `size` items stands at each place, over many orders. */
function placesChi2(orders: readonly number[][], size: number): number {
  const counts = Array.from({ length: size * size }, () => 0);
  for (const order of orders) {
    order.forEach((item, place) => (counts[item * size + place] = (counts[item * size + place] ?? 0) + 1));
  }
  const expected = orders.length / size;
  return counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
}

describe('the cells of a block', () => {
  const names = cells(spec).map(cellKey);
  const orders = Array.from({ length: BLOCKS }, (_, block) =>
    blockOrder(spec, 7, block).map((cell) => names.indexOf(cellKey(cell))),
  );

  test('come to each place equally often over the blocks of one Experiment', () => {
    // 4 degrees of freedom: above 18.5 with probability 0.001.
    expect(names).toHaveLength(3);
    expect(placesChi2(orders, 3)).toBeLessThan(18.5);
  });

  test('come in all orders equally often, whatever the block before had', () => {
    const keys = orders.map((order) => order.join(''));
    const pairs = Map.groupBy(keys.slice(1), (key, i) => `${keys[i]} ${key}`);
    const expected = (BLOCKS - 1) / 36;
    const chi2 = [...pairs.values()].reduce((sum, { length }) => sum + (length - expected) ** 2 / expected, 0);
    // 35 degrees of freedom: above 66.6 with probability 0.001.
    expect(pairs.size).toBe(36);
    expect(chi2).toBeLessThan(66.6);
  });
});

describe('the tests inside a trial', () => {
  const at = (block: number, mode = 'native') =>
    trialPoints(spec, 7, { mode, placement: 'CrossNode', pairs: 1, block }).map(({ id }) => id);

  test('are all there once, whatever the seed', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 }), fc.nat({ max: 999 }), (seed, block) => {
        const points = trialPoints(spec, seed, { mode: 'virtio', placement: 'SameNode', pairs: 2, block });
        expect(points.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
      }),
      { seed: 5, numRuns: 100 },
    );
  });

  test('have orders of their own in each trial, the same when asked again', () => {
    const blocks = Array.from({ length: 50 }, (_, block) => block);
    expect(blocks.map((block) => at(block))).toEqual(blocks.map((block) => at(block)));
    expect(blocks.filter((block) => at(block).join() === at(block, 'virtio').join()).length).toBeLessThan(10);
  });

  test('come to each place equally often', () => {
    // 9 degrees of freedom: above 27.9 with probability 0.001.
    expect(
      placesChi2(
        Array.from({ length: BLOCKS }, (_, block) => at(block)),
        4,
      ),
    ).toBeLessThan(27.9);
  });
});
