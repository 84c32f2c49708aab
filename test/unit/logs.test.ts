/** What the operator logs: constant messages, so that they can be searched and counted; what varies is in fields. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const SRC = join(import.meta.dirname, '../../src');
const CALL = /\b#?log(?:ger)?\.(?:trace|debug|info|warn|error|fatal)\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)/g;

const calls = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !/^(?:sandbox|web\/page\/browser)\//.test(path),
  )
  .flatMap((path) =>
    [...readFileSync(join(SRC, path), 'utf8').matchAll(CALL)].map(([, text = '']) => ({ path, text })),
  );

test('are constant, begin with a capital, and errors are in the field err', () => {
  expect(calls.length).toBeGreaterThan(25);
  const wrong = calls.filter(({ text }) => !/^\s*(?:\{[\s\S]*\},\s*)?'[A-Z][^'`]*',?\s*$/.test(text));
  expect(wrong).toEqual([]);
  expect(calls.filter(({ text }) => /\berror\b(?!:)/.test(text) && !/\berr(?:: error)?\b/.test(text))).toEqual([]);
});
