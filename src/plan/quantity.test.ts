import { expect, test } from '@jest/globals';
import { parseQuantity } from './quantity.ts';

test.each<[string | number | undefined, number | null]>([
  ['0', 0],
  ['4', 4],
  [4, 4],
  ['+4', 4],
  ['-4', -4],
  ['1500m', 1.5],
  ['250u', 250e-6],
  ['5n', 5e-9],
  ['10k', 1e4],
  ['10M', 1e7],
  ['10G', 1e10],
  ['1T', 1e12],
  ['1P', 1e15],
  ['1E', 1e18],
  ['2Ki', 2048],
  ['1268Mi', 1268 * 2 ** 20],
  ['1Gi', 2 ** 30],
  ['1Ti', 2 ** 40],
  ['1Pi', 2 ** 50],
  ['1Ei', 2 ** 60],
  ['1e3', 1000],
  ['1E3', 1000],
  ['12e-1', 1.2],
  ['0.5Gi', 2 ** 29],
  ['.5', 0.5],
  ['5.', 5],
  [' 4 ', 4],
  [undefined, null],
  [NaN, null],
  [Infinity, null],
  ['', null],
  ['G', null],
  ['4 G', null],
  ['1e', null],
  ['1e3G', null],
  ['10g', null],
  ['10K', null],
  ['1ki', null],
  ['0x10', null],
  ['four', null],
])('%j is %p', (text, expected) => {
  const found = parseQuantity(text);
  if (expected === null || found === null) expect(found).toBe(expected);
  else expect(found).toBeCloseTo(expected, 12);
});
