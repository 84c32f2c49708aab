/** Three significant digits, the right prefix, and bounds as users write them. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { digits, formatQuantity, parseBound } from './quantity.ts';

test.each([
  [0.0000312, 's', '31.2 µs'],
  [9.41e9, 'bit/s', '9.41 Gb/s'],
  [0.00000094, 's', '940 ns'],
  [0.0009996, 's', '1.00 ms'],
  [0.9999, 's', '1.00 s'],
  [12.34, 's', '12.3 s'],
  [3e-10, 's', '0.300 ns'],
  [0, 's', '0 s'],
  [999_600, 'bit/s', '1.00 Mb/s'],
  [0, 'bit/s', '0 b/s'],
  [512, 'bit/s', '512 b/s'],
  [87_654, '1/s', '87.7 k/s'],
  [1_472, 'B', '1.47 kB'],
  [0.00123, '1', '0.00123'],
  [0, '1', '0'],
  [37, '1', '37'],
  [1e-300, 's', '1e-291 ns'],
  [12_345, '1', '12.3 k'],
  [2.5e15, 'bit/s', '2500 Tb/s'],
  [2.5e-10, 's/B', '0.250 ns/B'],
  [3.1e-8, 's/B', '31.0 ns/B'],
  [Number.NaN, 's', '-'],
])('%d %s is %s', (value, unit, text) => {
  expect(formatQuantity(value, unit)).toBe(text);
});

test('digits', () => {
  expect([1, 1.254, 12.34, 1230, 0.5, 0, 1e-9, 123_456_789].map(digits)).toEqual([
    '1.00',
    '1.25',
    '12.3',
    '1230',
    '0.500',
    '0',
    '1e-9',
    '1.23e+8',
  ]);
});

describe('bounds', () => {
  test.each([
    ['1.25', 1.25],
    [' 50u ', 5e-5],
    ['9G', 9e9],
    ['1Ki', 1024],
    ['2e-5', 2e-5],
    ['-1', -1],
    ['', null],
    ['9g', null],
    ['1,5', null],
    ['0x10', null],
    ['1e999', null],
    ['NaN', null],
  ])('%j is %p', (text, value) => {
    if (value === null) expect(parseBound(text)).toBeNull();
    else expect(parseBound(text)).toBeCloseTo(value, 12);
  });

  test('any text gives a finite number or null', () => {
    fc.assert(fc.property(fc.string(), (text) => Number.isFinite(parseBound(text) ?? 0)));
  });
});
