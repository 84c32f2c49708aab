/** House rules of the CustomResourceDefinitions that no API server checks: everything described, everything bounded. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type Crd, kindOf, type Schema, walk } from '../../scripts/gen/schema.ts';

const CRDS = join(import.meta.dirname, '../../crds');
const kinds = readdirSync(CRDS)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => kindOf(parse(readFileSync(join(CRDS, name), 'utf8')) as Crd));

const isText = (schema: Schema): boolean => schema.type === 'string' && schema.enum === undefined;
/** Counts in a status have no end. */
const UNBOUNDED = /\.status\./;

describe.each(kinds)('$kind', ({ kind, schema }) => {
  const fields = [...walk(schema, kind)];
  const wrong = (isWrong: (schema: Schema, path: string) => boolean): string[] =>
    fields.filter((field) => isWrong(field.schema, field.path)).map(({ path }) => path);

  test('describes every field and every object in a list', () => {
    const isField = (path: string, each: Schema): boolean =>
      !/(?:\[\]|\{\})$/.test(path) || each.properties !== undefined;
    expect(wrong((each, path) => isField(path, each) && !/^[A-Z0-9a-z].*\.$/s.test(each.description ?? ''))).toEqual(
      [],
    );
  });

  test('bounds every text, list, map and quantity', () => {
    expect(wrong((each) => isText(each) && each.format === undefined && each.maxLength === undefined)).toEqual([]);
    expect(wrong((each) => each['x-kubernetes-int-or-string'] === true && each.maxLength === undefined)).toEqual([]);
    expect(wrong((each) => each.type === 'array' && each.maxItems === undefined)).toEqual([]);
    expect(wrong((each) => each.additionalProperties !== undefined && each.maxProperties === undefined)).toEqual([]);
  });

  test('bounds every whole number of its spec on both sides', () => {
    const open = (each: Schema): boolean => each.minimum === undefined || each.maximum === undefined;
    expect(wrong((each, path) => each.type === 'integer' && !UNBOUNDED.test(path) && open(each))).toEqual([]);
  });

  test('says of every list how it is merged', () => {
    const isScalar = (each: Schema): boolean => each.items !== undefined && each.items.properties === undefined;
    const missing = (each: Schema): boolean => each.type === 'array' && each['x-kubernetes-list-type'] === undefined;
    expect(wrong((each) => missing(each) && !isScalar(each))).toEqual([]);
  });

  test('says of every default that it is one', () => {
    const silent = (each: Schema): boolean =>
      each.default !== undefined && typeof each.default !== 'object' && !/default/i.test(each.description ?? '');
    expect(wrong(silent)).toEqual([]);
  });

  test('says in every refusal what is wrong and what to do', () => {
    const messages = fields
      .flatMap((field) => field.schema['x-kubernetes-validations'] ?? [])
      .map((rule) => rule.message);
    expect(messages.length).toBeGreaterThan(0);
    expect(messages.filter((message) => !/^\S.+\S: \S|must be/s.test(message))).toEqual([]);
  });
});
