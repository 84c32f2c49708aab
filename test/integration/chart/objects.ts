/** Rendered manifests as objects that tests can ask. */
import { parseAllDocuments } from 'yaml';
import { render, type Rendered } from '../../support/helm.ts';

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [field: string]: unknown;
}

/** Objects of one rendering, by `Kind/name`. */
export type Manifests = ReadonlyMap<string, Manifest>;

export const keyOf = ({ kind, metadata }: Manifest): string => `${kind}/${metadata.name}`;

/** @throws Error with what Helm said where it did not render, or where two objects have one name. */
export async function manifests(values: object, options?: Parameters<typeof render>[1]): Promise<Manifests> {
  const { text, error } = await render(values, options);
  if (error !== undefined) throw new Error(error);
  return objectsOf(text);
}

/** Objects of a text with several YAML documents. @throws Error where two have one name. */
export function objectsOf(text: string): Manifests {
  const objects = parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((object) => object !== null);
  const found = new Map(objects.map((object) => [keyOf(object), object]));
  if (found.size !== objects.length) throw new Error('Two objects of one kind have the same name');
  return found;
}

/** The value at a path such as `spec.template.spec.containers.0.image`; undefined where there is none. */
export function at(object: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], object);
}

export type { Rendered };
