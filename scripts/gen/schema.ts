/** What the generators read of a CustomResourceDefinition, and how a place in a schema is named. */

/** A structural schema, as far as the generators look. */
export interface Schema {
  description?: string;
  type?: string;
  format?: string;
  enum?: string[];
  default?: unknown;
  nullable?: boolean;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  items?: Schema;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-validations'?: { rule: string; message: string; messageExpression?: string }[];
}

export interface Crd {
  spec: {
    group: string;
    names: { kind: string; plural: string; shortNames?: string[]; categories?: string[] };
    versions: { name: string; schema: { openAPIV3Schema: Schema } }[];
  };
}

/** The one version that is served, with the kind it describes. */
export interface Kind {
  kind: string;
  plural: string;
  shortNames: string[];
  group: string;
  version: string;
  schema: Schema;
}

/** Throws where the CRD has no version: nothing could be generated from it. */
export function kindOf(crd: Crd): Kind {
  const version = crd.spec.versions[0];
  if (version === undefined) throw new Error(`${crd.spec.names.kind}: spec.versions is empty`);
  const { kind, plural, shortNames = [] } = crd.spec.names;
  return {
    kind,
    plural,
    shortNames,
    group: crd.spec.group,
    version: version.name,
    schema: version.schema.openAPIV3Schema,
  };
}

/** `Experiment.spec.modes[].vm`: the kind, field names, `[]` for the items of a list, `{}` for the values of a map. */
export const child = (path: string, field: string): string => `${path}.${field}`;
export const item = (path: string): string => `${path}[]`;
export const value = (path: string): string => `${path}{}`;

/** Every schema below and including `schema`, parents first, with its path. */
export function* walk(schema: Schema, path: string): Generator<{ path: string; schema: Schema }> {
  yield { path, schema };
  for (const [name, property] of Object.entries(schema.properties ?? {})) yield* walk(property, child(path, name));
  if (schema.items !== undefined) yield* walk(schema.items, item(path));
  if (schema.additionalProperties !== undefined) yield* walk(schema.additionalProperties, value(path));
}

/** True where the server always has a value: the field is required, or filled in. */
export function isPresent(parent: Schema, field: string): boolean {
  return (parent.required ?? []).includes(field) || parent.properties?.[field]?.default !== undefined;
}
