import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Json, mergePatch } from './patch.ts';

/** RFC 7386, section 2: what a server does with a patch. */
function apply(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const out: Json = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else out[key] = apply(out[key], value);
  }
  return out;
}

/** Rows of RFC 7386, appendix A, that go from one object to another. */
test.each<[Json, Json, Json]>([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { a: 'b', b: 'c' }, { b: 'c' }],
  [{ a: 'b' }, {}, { a: null }],
  [{ a: 'b', b: 'c' }, { b: 'c' }, { a: null }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd' } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ a: 'foo' }, { a: { bb: {} } }, { a: { bb: {} } }],
  [{ a: { b: 1, c: 2 } }, { a: { b: 1 } }, { a: { c: null } }],
  [{ a: { b: 1 } }, { a: { b: 1 } }, {}],
  [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, {}],
  [{ a: undefined }, { a: undefined }, {}],
  [{ a: 1 }, { a: undefined }, { a: null }],
])('%j to %j: %j', (from, to, expected) => {
  expect(mergePatch(from, to)).toEqual(expected);
});

const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer(), { maxLength: 3 }));
const { tree } = fc.letrec<{ tree: Json; node: unknown }>((tie) => ({
  tree: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('node'), { maxKeys: 4 }),
  node: fc.oneof({ depthSize: 'small' }, leaf, tie('tree')),
}));

describe('for any two objects', () => {
  test('the patch leads from one to the other', () => {
    fc.assert(fc.property(tree, tree, (from, to) => expect(apply(from, mergePatch(from, to))).toEqual(to)));
  });

  test('there is none from one to itself', () => {
    fc.assert(fc.property(tree, (value) => expect(mergePatch(value, structuredClone(value))).toEqual({})));
  });

  test('what a cache has dropped is left alone', () => {
    fc.assert(
      fc.property(tree, tree, (from, to) => {
        const server = { ...from, raw: 'large' };
        expect(apply(server, mergePatch(from, to))).toEqual({ ...to, raw: 'large' });
      }),
    );
  });
});
