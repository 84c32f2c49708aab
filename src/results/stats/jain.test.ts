import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jain } from './jain.ts';

test.each([
  [[1], 1],
  [[5, 5, 5, 5], 1],
  [[1, 0, 0, 0], 0.25],
  [[1, 2, 3], 36 / 42],
  // Twenty per cent of the users get all: the paper's own reading of 0.2.
  [[1, 0, 0, 0, 0], 0.2],
  [[1e300, 1e300], 1],
  [[], null],
  [[0, 0], null],
  [[1, -1], null],
  [[1, Number.NaN], null],
  [[1, Infinity], null],
])('%j: %s', (values, expected) => {
  const index = jain(values);
  if (expected === null) expect(index).toBeNull();
  else expect(index).toBeCloseTo(expected, 12);
});

test('from 1/n to 1, whatever the unit and the order', () => {
  const shares = fc.array(fc.maxSafeNat(), { minLength: 1, maxLength: 64 });
  fc.assert(
    fc.property(shares, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (values, scale) => {
      const index = jain(values);
      if (values.every((value) => value === 0)) return index === null;
      if (index === null) return false;
      const again = jain(values.map((value) => value * scale).toReversed());
      return index >= 1 / values.length - 1e-9 && index <= 1 + 1e-9 && Math.abs((again ?? -1) - index) < 1e-6;
    }),
  );
});
