/** The CRDs' schemas without their texts and CEL rules, for programs that check a file without a cluster. */
import type { Kind, Schema } from './schema.ts';

const LEFT_OUT: ReadonlySet<string> = new Set([
  'description',
  'x-kubernetes-validations',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  'format',
]);

/** Of Testbed and Experiment, which users write. */
export function generateSchemas(kinds: readonly Kind[]): string {
  const written = kinds.filter(({ kind }) => kind !== 'Trial');
  const lines = written.map(({ kind, schema }) => `  ${kind}: ${quoted(JSON.stringify(bare(schema)))},`);
  return `// Generated from crds/ by \`npm run gen\`. Do not edit.

/** openAPIV3Schema by kind, as JSON. */
const TEXTS = {
${lines.join('\n')}
} as const;

export const SCHEMAS: Readonly<Record<string, object>> = Object.fromEntries(
  Object.entries(TEXTS).map(([kind, text]) => [kind, JSON.parse(text) as object]),
);
`;
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** `properties` holds names, not keywords: only its values are looked into. */
function bare(schema: Schema): object {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !LEFT_OUT.has(key))
      .map(([key, value]) => [key, inner(key, value)]),
  );
}

function inner(key: string, value: unknown): unknown {
  if (key === 'properties') {
    return Object.fromEntries(
      Object.entries(value as Record<string, Schema>).map(([name, schema]) => [name, bare(schema)]),
    );
  }
  return key === 'items' || (key === 'additionalProperties' && typeof value === 'object')
    ? bare(value as Schema)
    : value;
}
