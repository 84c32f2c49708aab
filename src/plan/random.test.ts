import { describe, expect, test } from '@jest/globals';
import { hash, random, shuffle, subSeed } from './random.ts';

describe('what must never change, or recorded seeds give other orders', () => {
  test.each<[string, number | undefined, number]>([
    ['a', undefined, 7929297801672961],
    ['b', undefined, 8684336938537663],
    ['revenge', undefined, 4051478007546757],
    ['revenue', undefined, 8309097637345594],
  ])('hash of %j', (text, seed, expected) => {
    expect(hash(text, seed)).toBe(expected);
  });

  test('random numbers and an order', () => {
    const next = random(1);
    expect([next(), next(), next()]).toEqual(NUMBERS);
    expect(shuffle([0, 1, 2, 3, 4, 5, 6, 7], 7)).toEqual(ORDER);
    expect(subSeed(7, 'block', 0)).toBe(SUB_SEED);
  });
});
const NUMBERS = [0.6270739405881613, 0.002735721180215478, 0.5274470399599522];
const ORDER = [4, 6, 1, 2, 3, 5, 7, 0];
const SUB_SEED = 1972873414;

describe('a shuffle', () => {
  test('keeps its input, and all of it', () => {
    const items = Object.freeze(['a', 'b', 'c', 'd']);
    expect(shuffle(items, 3).sort()).toEqual([...items]);
    expect(shuffle([], 3)).toEqual([]);
  });

  test('is fair: each item comes to each place equally often', () => {
    const ROUNDS = 6000;
    const counts = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
    for (let seed = 0; seed < ROUNDS; seed++) {
      for (const [place, item] of shuffle([0, 1, 2, 3], subSeed(seed, 'block', 0)).entries()) {
        const row = counts[item] as number[];
        row[place] = (row[place] ?? 0) + 1;
      }
    }
    // Pearson's chi-square, 9 degrees of freedom: above 27.9 with probability 0.001.
    const expected = ROUNDS / 4;
    const chi2 = counts.flat().reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(chi2).toBeLessThan(27.9);
  });
});

test('seeds of different purposes have nothing in common', () => {
  const seeds = [subSeed(7, 'block', 0), subSeed(7, 'block', 1), subSeed(7, 'points', 0), subSeed(8, 'block', 0)];
  expect(new Set(seeds).size).toBe(4);
  for (const seed of seeds) expect(seed).toBeLessThan(2 ** 31);
});
