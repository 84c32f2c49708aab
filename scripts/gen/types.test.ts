import { describe, expect, test } from '@jest/globals';
import { type Crd, type Kind, kindOf, type Schema } from './schema.ts';
import { generateTypes } from './types.ts';

function kind(spec: Schema, name = 'Thing'): Kind {
  const schema = { description: 'A thing.', type: 'object', properties: { spec } };
  return { kind: name, plural: 'things', shortNames: [], group: 'example.io', version: 'v1', schema };
}

/** Source of the spec alone. */
function specOf(properties: Record<string, Schema>, more: Partial<Schema> = {}): string {
  const text = generateTypes([kind({ type: 'object', properties, ...more })], { 'Thing.spec': 'ThingSpec' });
  return text.slice(text.indexOf('export interface ThingSpec'));
}

describe('fields', () => {
  test.each<[string, Schema, string]>([
    ['text', { type: 'string' }, 'a?: string;'],
    ['integers', { type: 'integer' }, 'a?: number;'],
    ['numbers', { type: 'number' }, 'a?: number;'],
    ['numbers that may be null', { type: 'number', nullable: true }, 'a?: number | null;'],
    ['booleans', { type: 'boolean' }, 'a?: boolean;'],
    ['quantities', { 'x-kubernetes-int-or-string': true }, 'a?: string | number;'],
    ['choices', { type: 'string', enum: ['A', 'B'] }, "a?: 'A' | 'B';"],
    ['lists', { type: 'array', items: { type: 'string' } }, 'a?: string[];'],
    ['lists of choices', { type: 'array', items: { type: 'string', enum: ['A', 'B'] } }, "a?: ('A' | 'B')[];"],
    ['maps', { type: 'object', additionalProperties: { type: 'string' } }, 'a?: Record<string, string>;'],
    ['objects', { type: 'object', properties: { b: { type: 'string' } } }, 'a?: {\n    b?: string;\n  };'],
    ['defaults', { type: 'integer', default: 0 }, 'a: number;'],
    ['comments', { type: 'string', description: 'What it is.' }, '/** What it is. */\n  a?: string;'],
  ])('%s', (_, schema, wanted) => {
    expect(specOf({ a: schema })).toBe(`export interface ThingSpec {\n  ${wanted}\n}\n`);
  });

  test('required ones are present', () => {
    expect(specOf({ a: { type: 'string' } }, { required: ['a'] })).toContain('  a: string;');
  });

  test('a long comment is wrapped', () => {
    const lines = specOf({ a: { type: 'string', description: 'word '.repeat(60).trim() } }).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(lines.slice(1, 5)).toEqual([
      '  /**',
      expect.stringMatching(/^ {3}\* word/),
      expect.any(String),
      expect.any(String),
    ]);
  });

  test('a type that is not known is an error', () => {
    expect(() => specOf({ a: { type: 'set' } })).toThrow('Thing.spec.a: no TypeScript type for type "set"');
  });
});

describe('names', () => {
  const size: Schema = { type: 'string', enum: ['Small', 'Large'], description: 'How big.' };
  const names = { 'Thing.spec': 'ThingSpec', 'Thing.spec.a': 'Size', 'Thing.spec.b': 'Size' };
  const generate = (a: Schema, b: Schema): string =>
    generateTypes([kind({ type: 'object', properties: { a, b } })], names);

  test('one type for several places, declared once', () => {
    const text = generate(size, size);
    expect(text.match(/export type Size = .*/g)).toEqual(["export type Size = 'Small' | 'Large';"]);
    expect(text).toContain('/** How big. */\nexport type Size');
    expect(text).toContain('  a?: Size;');
  });

  test('what is said of one place is not said of the type', () => {
    expect(generate(size, { ...size, description: 'How big the other is.' })).not.toContain('*/\nexport type Size');
  });

  test('two types of one name are an error', () => {
    const other = { ...size, enum: ['Small'] };
    expect(() => generate(size, other)).toThrow('Size stands for different types at Thing.spec.a and Thing.spec.b');
  });

  test('a name for no place is an error', () => {
    const unused = { 'Thing.spec': 'ThingSpec', 'Thing.spec.c': 'Size' };
    expect(() => generateTypes([kind({ type: 'object', properties: {} })], unused)).toThrow(
      'names of paths that do not exist: Thing.spec.c',
    );
  });
});

test('a kind has its group, version and status', () => {
  const thing = kind({ type: 'object', properties: {} });
  thing.schema.properties = { ...thing.schema.properties, status: { type: 'object', properties: {} } };
  const text = generateTypes([thing], { 'Thing.spec': 'ThingSpec', 'Thing.status': 'ThingStatus' });
  expect(text).toContain(
    "/** A thing. */\nexport interface Thing {\n  apiVersion: 'example.io/v1';\n  kind: 'Thing';\n  metadata: ObjectMeta;\n  spec: ThingSpec;\n  status?: ThingStatus;\n}",
  );
});

test('a CRD without version is an error', () => {
  const crd: Crd = { spec: { group: 'example.io', names: { kind: 'Thing', plural: 'things' }, versions: [] } };
  expect(() => kindOf(crd)).toThrow('Thing: spec.versions is empty');
});
