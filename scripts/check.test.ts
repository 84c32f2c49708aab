import { expect, test } from '@jest/globals';
import { choose, type Step, summary } from './check.ts';

const step = (name: string): Step => ({ name, command: ['true'], fix: `npm run ${name}` });
const STEPS = [step('types'), step('format')];

test('a summary says what to run for what failed', () => {
  const outcomes = [
    { step: step('types'), passed: true, seconds: 1.23 },
    { step: step('format'), passed: false, seconds: 12 },
  ];
  expect(summary(outcomes).split('\n')).toEqual(['ok      types     1.2 s', 'FAILED  format   12.0 s  npm run format']);
});

test.each([
  [[], ['types', 'format']],
  [['format'], ['format']],
  [
    ['format', 'types'],
    ['types', 'format'],
  ],
])('chooses of %j %j', (names, wanted) => {
  expect(choose(STEPS, names).map(({ name }) => name)).toEqual(wanted);
});

test('refuses a step that does not exist', () => {
  expect(() => choose(STEPS, ['formats'])).toThrow('No step formats: use types, format');
});
