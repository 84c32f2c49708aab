import { expect, test } from '@jest/globals';
import { isAllowed, shippedPackages } from './licences.ts';

test.each([
  ['MIT', true],
  ['(MIT OR GPL-3.0-only)', true],
  ['MIT AND GPL-3.0-only', false],
  ['Apache-2.0 AND MIT', true],
  ['AGPL-3.0-only', false],
  ['SEE LICENSE IN LICENSE', false],
  ['', false],
])('%s: %s', (expression, allowed) => expect(isAllowed(expression)).toBe(allowed));

test('whatever ships may ship', () => {
  const packages = shippedPackages();
  expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(['pino', 'undici', 'yaml']));
  expect(packages.map(({ name }) => name)).not.toContain('jest');
  expect(packages.filter(({ licence }) => !isAllowed(licence))).toEqual([]);
});
