/** The reference page from CRDs: a table for each object, its rules below it. Pure: schemas in, Markdown out. */
import { child, item, type Kind, type Schema, value } from './schema.ts';

const HEADER = `<!-- Generated from crds/ by \`npm run gen\`. Do not edit. -->
# API reference
`;

/** An object schema with fields of its own, at its path. */
interface Section {
  path: string;
  schema: Schema;
}

type Names = Readonly<Record<string, string>>;

/** Markdown for all kinds. A type that stands at several places (by `names`) is described at the first only. */
export function generateReference(kinds: readonly Kind[], names: Names): string {
  const first = new Map<string, string>();
  const parts = kinds.map((kind) => {
    const [, ...sections] = [...sectionsOf(kind.schema, kind.kind)].filter((section) => isFirst(section, first, names));
    return [kindHead(kind), ...sections.map((section) => sectionText(section, { first, names }))].join('\n');
  });
  const { group = '', version = '' } = kinds[0] ?? {};
  const intro = `Kinds of \`${group}/${version}\`: ${kinds.map(({ kind }) => `[${kind}](#${kind.toLowerCase()})`).join(', ')}.\n`;
  return [HEADER, intro, ...parts].join('\n');
}

function isFirst({ path }: Section, first: Map<string, string>, names: Names): boolean {
  const name = names[path];
  if (name === undefined) return true;
  const known = first.get(name);
  if (known === undefined) first.set(name, path);
  return known === undefined || known === path;
}

function* sectionsOf(schema: Schema, path: string): Generator<Section> {
  if (schema.properties !== undefined) yield { path, schema };
  for (const [field, property] of Object.entries(schema.properties ?? {}))
    yield* sectionsOf(property, child(path, field));
  if (schema.items !== undefined) yield* sectionsOf(schema.items, item(path));
  if (schema.additionalProperties !== undefined) yield* sectionsOf(schema.additionalProperties, value(path));
}

function kindHead({ kind, plural, shortNames, schema }: Kind): string {
  const short = shortNames.length === 0 ? '' : `, in short ${shortNames.map((name) => `\`${name}\``).join(', ')}`;
  return `## ${kind}\n\n${oneLine(schema.description)}\n\nWith kubectl: \`${plural}\`${short}, all kinds together as \`vfbench\`.\n${refusals(schema)}`;
}

function refusals(schema: Schema): string {
  const rules = rulesOf(schema);
  return rules.length === 0 ? '' : `\nRefused with:\n\n${rules.map((message) => `- ${message}\n`).join('')}`;
}

function sectionText({ path, schema }: Section, context: { first: Map<string, string>; names: Names }): string {
  const rows = Object.entries(schema.properties ?? {}).map(([field, property]) => {
    const cells = [
      `\`${field}\``,
      typeCell(property, child(path, field), context),
      defaultCell(schema, field),
      bounds(property),
      oneLine(property.description),
    ];
    return `| ${cells.map(escapeCell).join(' | ')} |\n`;
  });
  const head = '| field | type | default | bounds | description |\n| --- | --- | --- | --- | --- |\n';
  return `### ${path}\n\n${head}${rows.join('')}${refusals(schema)}`;
}

/** Messages of the rules of an object and of those fields that have no section of their own, each once. */
function rulesOf(schema: Schema): string[] {
  const fields = Object.values(schema.properties ?? {}).flatMap((field) => [
    field,
    field.items,
    field.additionalProperties,
  ]);
  const own = [schema, ...fields.filter((field) => field !== undefined && field.properties === undefined)];
  const messages = own.flatMap((owner) =>
    (owner?.['x-kubernetes-validations'] ?? []).map(({ message }) => oneLine(message)),
  );
  return [...new Set(messages)];
}

function typeCell(schema: Schema, path: string, context: { first: Map<string, string>; names: Names }): string {
  if (schema.items !== undefined) return `list of ${typeCell(schema.items, item(path), context)}`;
  if (schema.additionalProperties !== undefined)
    return `map of ${typeCell(schema.additionalProperties, value(path), context)}`;
  if (schema.properties !== undefined) {
    const target = context.first.get(context.names[path] ?? '') ?? path;
    return `[object](#${anchor(target)})`;
  }
  if (schema['x-kubernetes-int-or-string'] === true) return 'quantity';
  if (schema.enum !== undefined) return schema.enum.map((option) => `\`${option}\``).join(', ');
  return `${schema.format === 'date-time' ? 'time' : (schema.type ?? '')}${schema.nullable === true ? ' or null' : ''}`;
}

/** As GitHub makes anchors of headings: lower case, punctuation dropped. */
const anchor = (heading: string): string => heading.toLowerCase().replaceAll(/[^a-z0-9 _-]/g, '');

function defaultCell(parent: Schema, field: string): string {
  if ((parent.required ?? []).includes(field)) return 'required';
  const given = parent.properties?.[field]?.default;
  return given === undefined ? '' : `\`${typeof given === 'string' ? given : JSON.stringify(given)}\``;
}

function range(low: number | undefined, high: number | undefined, unit: string): string[] {
  if (low === undefined && high === undefined) return [];
  if (low !== undefined && high !== undefined) return [`${low} to ${high}${unit}`];
  return [low === undefined ? `at most ${high}${unit}` : `at least ${low}${unit}`];
}

/** The bounds of a field; those of a list's plain items stand behind its own. */
function bounds(schema: Schema): string {
  const own = [
    ...range(schema.minimum, schema.maximum, ''),
    ...range(schema.minLength, schema.maxLength, ' characters'),
    ...range(schema.minItems, schema.maxItems, ' items'),
    ...range(schema.minProperties, schema.maxProperties, ' entries'),
    ...(schema.pattern === undefined ? [] : [`\`${schema.pattern}\``]),
    ...(schema['x-kubernetes-list-type'] === 'set' ? ['each once'] : []),
    ...(schema['x-kubernetes-list-map-keys'] ?? []).map((key) => `\`${key}\` unique`),
  ];
  const of = schema.items === undefined || schema.items.properties !== undefined ? '' : bounds(schema.items);
  return [...own, ...(of === '' ? [] : [`each ${of}`])].join(', ');
}

const oneLine = (text = ''): string => text.replaceAll(/\s+/g, ' ').trim();
const escapeCell = (text: string): string => text.replaceAll('|', String.raw`\|`);
