/** TypeScript types from CRDs. Pure: schemas and names in, source text out. */
import { child, isPresent, item, type Kind, type Schema, value, walk } from './schema.ts';

const WIDTH = 120;

const HEADER = `// Generated from crds/ by \`npm run gen\`. Do not edit.

/** The part of metav1.ObjectMeta that vfbench reads or writes. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
}

/** metav1.OwnerReference. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}
`;

const SCALARS: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
};

type Names = Readonly<Record<string, string>>;

/**
 * Source of the types of all kinds. A field is optional unless it is required or has a default.
 * Throws where a name stands for two different types or for a path that does not exist, and where a schema has a
 * type that is not known.
 */
export function generateTypes(kinds: readonly Kind[], names: Names): string {
  const declared = new Map<string, { text: string; path: string }>();
  const paths = new Set<string>();
  const texts = kinds.map((kind) => rootInterface(kind, names));
  for (const kind of kinds) {
    for (const { path, schema } of walk(kind.schema, kind.kind)) {
      paths.add(path);
      const name = names[path];
      if (name !== undefined) declare(declared, name, { text: declaration(schema, { path, name, names }), path });
    }
  }
  const unknown = Object.keys(names).filter((path) => !paths.has(path));
  if (unknown.length > 0) throw new Error(`names of paths that do not exist: ${unknown.join(', ')}`);
  return [HEADER, ...texts, ...[...declared.values()].map(({ text }) => text)].join('\n');
}

function declare(
  declared: Map<string, { text: string; path: string }>,
  name: string,
  entry: { text: string; path: string },
): void {
  const known = declared.get(name);
  if (known === undefined) {
    declared.set(name, entry);
    return;
  }
  if (withoutComments(known.text) !== withoutComments(entry.text)) {
    throw new Error(`${name} stands for different types at ${known.path} and ${entry.path}`);
  }
  // What is said of one place is not true of the type.
  if (headOf(known.text) !== headOf(entry.text)) known.text = known.text.slice(headOf(known.text).length);
}

const headOf = (text: string): string => text.slice(0, text.indexOf('export '));
const withoutComments = (text: string): string => text.replaceAll(/ *\/\*\*[\s\S]*?\*\/\n/g, '');

function rootInterface({ kind, group, version, schema }: Kind, names: Names): string {
  const status =
    schema.properties?.['status'] === undefined ? '' : `  status?: ${names[`${kind}.status`] ?? 'unknown'};\n`;
  return `${comment(schema.description, '')}export interface ${kind} {
  apiVersion: '${group}/${version}';
  kind: '${kind}';
  metadata: ObjectMeta;
  spec: ${names[`${kind}.spec`] ?? 'unknown'};
${status}}
`;
}

function declaration(schema: Schema, at: { path: string; name: string; names: Names }): string {
  const head = comment(schema.description, '');
  if (schema.properties === undefined)
    return `${head}export type ${at.name} = ${plainType(schema, at.path, at.names, '')};\n`;
  return `${head}export interface ${at.name} ${body(schema, at.path, at.names, '')}\n`;
}

function body(schema: Schema, path: string, names: Names, indent: string): string {
  const inner = `${indent}  `;
  const fields = Object.entries(schema.properties ?? {}).map(([field, property]) => {
    const mark = isPresent(schema, field) ? '' : '?';
    return `${comment(property.description, inner)}${inner}${field}${mark}: ${typeOf(property, child(path, field), names, inner)};\n`;
  });
  return `{\n${fields.join('')}${indent}}`;
}

function typeOf(schema: Schema, path: string, names: Names, indent: string): string {
  return names[path] ?? plainType(schema, path, names, indent);
}

function plainType(schema: Schema, path: string, names: Names, indent: string): string {
  const bare = bareType(schema, path, names, indent);
  return schema.nullable === true ? `${bare} | null` : bare;
}

function bareType(schema: Schema, path: string, names: Names, indent: string): string {
  if (schema['x-kubernetes-int-or-string'] === true) return 'string | number';
  if (schema.enum !== undefined) return schema.enum.map((option) => `'${option}'`).join(' | ');
  if (schema.items !== undefined) {
    const element = typeOf(schema.items, item(path), names, indent);
    return element.includes(' | ') && !element.startsWith('{') ? `(${element})[]` : `${element}[]`;
  }
  if (schema.additionalProperties !== undefined) {
    return `Record<string, ${typeOf(schema.additionalProperties, value(path), names, indent)}>`;
  }
  if (schema.properties !== undefined) return body(schema, path, names, indent);
  const scalar = SCALARS[schema.type ?? ''];
  if (scalar === undefined) throw new Error(`${path}: no TypeScript type for type ${JSON.stringify(schema.type)}`);
  return scalar;
}

/** A doc comment, on one line where it fits. */
function comment(text: string | undefined, indent: string): string {
  if (text === undefined) return '';
  const single = `${indent}/** ${text} */`;
  if (single.length <= WIDTH) return `${single}\n`;
  const lines = wrap(text, WIDTH - indent.length - 3);
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
