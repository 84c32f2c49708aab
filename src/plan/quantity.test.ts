import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseQuantity, spelled } from './quantity.ts';

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

describe('the shortest text', () => {
  test.each<[string, (string | number)[]]>([
    ['2Gi', ['2Gi', '2048Mi', 2 ** 31, '2147483648', '0.001953125Ti']],
    ['1.5Gi', ['1536Mi', '1.5Gi']],
    ['10G', ['10G', '10000M', '1e10', 1e10]],
    ['0.5', ['500m', '0.5', '.5']],
    ['57m', ['57m', '0.057']],
    ['2', [2, '2', '2000m', '2.0']],
    ['0', [0, '0', '0Gi']],
    ['1k', ['1000', '1k']],
    ['two', ['two']],
  ])('%s is that of %j', (text, quantities) => {
    expect(quantities.map(spelled)).toEqual(quantities.map(() => text));
  });

  test('has the amount that it stands for', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('', 'm', 'k', 'Mi'), (number, suffix) => {
        const text = spelled(`${number}${suffix}`);
        const amount = parseQuantity(`${number}${suffix}`) ?? NaN;
        expect(Math.abs((parseQuantity(text) ?? NaN) - amount)).toBeLessThanOrEqual(amount * 1e-14);
        expect(spelled(text)).toBe(text);
      }),
    );
  });
});
