import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LineSplitter } from './lines.ts';

test('lines do not depend on where the chunks are cut, not even within a character', () => {
  const property = fc.property(
    fc.array(fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => text.replaceAll(/[\n\uFEFF]/g, '-'))),
    fc.integer({ min: 1, max: 7 }),
    (lines, size) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const splitter = new LineSplitter();
      const got: string[] = [];
      for (let at = 0; at < bytes.length; at += size) got.push(...splitter.push(bytes.subarray(at, at + size)));
      expect(got).toEqual(lines);
      expect(splitter.incomplete).toBe(false);
    },
  );
  fc.assert(property);
});

test('knows of a half line, and passes over empty ones', () => {
  const splitter = new LineSplitter();
  expect(splitter.push(Buffer.from('a\n\n\nb'))).toEqual(['a']);
  expect(splitter.incomplete).toBe(true);
});
