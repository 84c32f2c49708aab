/** Test support: JSON Schema as far as this project's schemas use it. A keyword that is not known fails. */

export type Schema = Record<string, unknown>;

const REMARKS = ['$schema', '$defs', 'title', 'description'];

/** Every violation with its place; empty where the value keeps the schema. */
export function violations(value: unknown, schema: Schema, root: Schema = schema, at = '$'): string[] {
  return Object.entries(schema)
    .filter(([keyword]) => !REMARKS.includes(keyword) && keyword !== 'additionalProperties')
    .flatMap(([keyword, wanted]) => keywordViolations(value, { keyword, wanted, schema, root, at }))
    .concat(extraViolations(value, schema, root, at));
}

interface Rule {
  keyword: string;
  wanted: unknown;
  schema: Schema;
  root: Schema;
  at: string;
}

function keywordViolations(value: unknown, { keyword, wanted, root, at }: Rule): string[] {
  const fails = (holds: boolean): string[] =>
    holds ? [] : [`${at}: ${keyword} ${JSON.stringify(wanted)}, found ${JSON.stringify(value)?.slice(0, 80)}`];
  switch (keyword) {
    case '$ref':
      return violations(value, resolve(String(wanted), root), root, at);
    case 'type':
      return fails([wanted].flat().some((type) => isType(value, String(type))));
    case 'const':
      return fails(value === wanted);
    case 'enum':
      return fails((wanted as unknown[]).includes(value));
    case 'pattern':
      return fails(new RegExp(String(wanted)).test(String(value)));
    case 'minimum':
      return fails(Number(value) >= Number(wanted));
    case 'maximum':
      return fails(Number(value) <= Number(wanted));
    case 'required':
      return (wanted as string[]).flatMap((name) => (isObject(value) && name in value ? [] : [`${at}: lacks ${name}`]));
    case 'properties':
      return Object.entries(wanted as Record<string, Schema>).flatMap(([name, inner]) =>
        isObject(value) && name in value ? violations(value[name], inner, root, `${at}.${name}`) : [],
      );
    case 'items':
      return Array.isArray(value)
        ? value.flatMap((one, i) => violations(one, wanted as Schema, root, `${at}[${i}]`))
        : [];
    default:
      return [`${at}: the keyword ${keyword} is not known to this checker`];
  }
}

function extraViolations(
  value: unknown,
  { additionalProperties, properties = {} }: Schema,
  root: Schema,
  at: string,
): string[] {
  if (additionalProperties === undefined || !isObject(value)) return [];
  const extra = Object.keys(value).filter((name) => !(name in (properties as object)));
  if (additionalProperties === false) return extra.map((name) => `${at}: ${name} is not in the schema`);
  return extra.flatMap((name) => violations(value[name], additionalProperties as Schema, root, `${at}.${name}`));
}

function resolve(ref: string, root: Schema): Schema {
  return ref
    .replace('#/', '')
    .split('/')
    .reduce<Schema>((schema, name) => schema[name] as Schema, root);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isType(value: unknown, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'null') return value === null;
  return typeof value === type;
}
