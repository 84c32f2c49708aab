import { describe, expect, test } from '@jest/globals';
import { generateReference } from './reference.ts';
import type { Kind, Schema } from './schema.ts';

function kind(schema: Schema): Kind {
  return { kind: 'Thing', plural: 'things', shortNames: ['th'], group: 'example.io', version: 'v1', schema };
}

/** Rows of the table of the spec, without its head. */
function rows(properties: Record<string, Schema>, more: Partial<Schema> = {}): string[] {
  const spec: Schema = { type: 'object', properties, ...more };
  const text = generateReference([kind({ description: 'A thing.', properties: { spec } })], {});
  const [, section = ''] = text.split('### Thing.spec\n');
  return section.split('\n').filter((line) => line.startsWith('| `'));
}

describe('rows', () => {
  test.each<[string, Schema, string]>([
    [
      'text',
      { type: 'string', minLength: 1, maxLength: 9, description: 'A\ntext.' },
      '| string |  | 1 to 9 characters | A text. |',
    ],
    ['integers', { type: 'integer', minimum: 1, maximum: 64, default: 1 }, '| integer | `1` | 1 to 64 |  |'],
    ['one bound', { type: 'integer', minimum: 0 }, '| integer |  | at least 0 |  |'],
    ['text by default', { type: 'string', default: 'a' }, '| string | `a` |  |  |'],
    ['objects by default', { type: 'object', default: {}, properties: {} }, '| [object](#thingspeca) | `{}` |  |  |'],
    ['choices', { type: 'string', enum: ['A', 'B'] }, '| `A`, `B` |  |  |  |'],
    ['times', { type: 'string', format: 'date-time' }, '| time |  |  |  |'],
    ['null', { type: 'number', nullable: true }, '| number or null |  |  |  |'],
    ['quantities', { 'x-kubernetes-int-or-string': true }, '| quantity |  |  |  |'],
    ['patterns with bars', { type: 'string', pattern: '^a|b$' }, String.raw`| string |  | ${'`'}^a\|b$${'`'} |  |`],
    [
      'maps',
      { type: 'object', maxProperties: 8, additionalProperties: { type: 'string' } },
      '| map of string |  | at most 8 entries |  |',
    ],
    [
      'sets',
      { type: 'array', 'x-kubernetes-list-type': 'set', maxItems: 2, items: { type: 'integer', minimum: 1 } },
      '| list of integer |  | at most 2 items, each once, each at least 1 |  |',
    ],
    [
      'lists by name',
      { type: 'array', 'x-kubernetes-list-map-keys': ['name'], items: { type: 'object', properties: {} } },
      '| list of [object](#thingspeca) |  | `name` unique |  |',
    ],
  ])('%s', (_, schema, wanted) => {
    expect(rows({ a: schema })[0]).toBe(`| \`a\` ${wanted}`);
  });

  test('required fields say so', () => {
    expect(rows({ a: { type: 'string' } }, { required: ['a'] })).toEqual(['| `a` | string | required |  |  |']);
  });
});

const rule = (message: string): Schema => ({ 'x-kubernetes-validations': [{ rule: 'true', message }] });

test('rules stand at the object they speak of, each once', () => {
  const inner: Schema = {
    type: 'object',
    properties: { b: { type: 'string', ...rule('b is wrong') } },
    ...rule('a is wrong'),
  };
  const spec: Schema = { type: 'object', properties: { a: inner }, ...rule('spec is wrong') };
  const text = generateReference([kind({ properties: { spec }, ...rule('the name is wrong') })], {});
  const [head = '', ofSpec = '', ofA = ''] = text.split(/^### .*$/m);
  expect(head).toContain('- the name is wrong\n');
  expect(ofSpec.match(/^- .*/gm)).toEqual(['- spec is wrong']);
  expect(ofA.match(/^- .*/gm)).toEqual(['- a is wrong', '- b is wrong']);
});

test('a type at two places is described once and linked from both', () => {
  const size: Schema = { type: 'object', properties: { width: { type: 'integer' } } };
  const spec: Schema = { type: 'object', properties: { a: size, b: size } };
  const text = generateReference([kind({ properties: { spec } })], { 'Thing.spec.a': 'Size', 'Thing.spec.b': 'Size' });
  expect(text.match(/`width`/g)).toHaveLength(1);
  expect(text.match(/\[object\]\(#thingspeca\)/g)).toHaveLength(2);
});

test('a kind is introduced with the names kubectl knows', () => {
  const text = generateReference([kind({ description: 'A thing.', properties: {} })], {});
  expect(text).toContain(
    '## Thing\n\nA thing.\n\nWith kubectl: `things`, in short `th`, all kinds together as `vfbench`.\n',
  );
});
