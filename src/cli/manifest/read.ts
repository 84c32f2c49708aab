/** Manifests from a file or standard input: YAML or JSON, several documents, Lists taken apart. */
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { API_VERSION } from '../../api/labels.ts';
import { SCHEMAS } from '../../api/schemas.ts';
import type { Experiment, Testbed } from '../../api/v1alpha1.ts';
import type { NetworkAttachment } from '../../plan/observed.ts';
import { CliError } from '../errors.ts';
import { check, type Schema } from './schema.ts';

const LARGEST_BYTES = 4 * 2 ** 20;

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; generateName?: string; namespace?: string };
}

export type Schemas = Readonly<Record<string, Schema>>;

export interface Manifests {
  experiments: (Experiment & Manifest)[];
  testbeds: (Testbed & Manifest)[];
  attachments: (NetworkAttachment & Manifest)[];
  /** Kinds that are left alone. */
  others: Manifest[];
}

/** @throws CliError where the file cannot be read, or is no manifest. */
export function readManifests(path: string): Manifests {
  return sortOut(parseText(readText(path), path === '-' ? 'standard input' : path));
}

function readText(path: string): string {
  try {
    const text = readFileSync(path === '-' ? 0 : path, 'utf8');
    if (text.length > LARGEST_BYTES) throw new CliError(`${path} is larger than 4 MiB: that is no Experiment`);
    return text;
  } catch (error) {
    if (error instanceof CliError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(code);
    throw new CliError(`cannot read ${path}: ${why}`, 1, { cause: error });
  }
}

export function parseText(text: string, name: string): Manifest[] {
  const documents = parseAllDocuments(text);
  const found = ('empty' in documents ? [] : documents).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined)
      throw new CliError(`${name} is not YAML: ${(error.message.split('\n')[0] ?? '').replace(/:$/, '')}`);
    const value = document.toJS({ maxAliasCount: 100 }) as { kind?: string; items?: unknown[] } | null;
    if (value === null) return [];
    return value.kind === 'List' ? (value.items ?? []) : [value];
  });
  const bad = found.findIndex((value) => !isManifest(value));
  if (bad >= 0)
    throw new CliError(`${name}: document ${bad + 1} is no manifest: it needs apiVersion, kind and metadata.name`);
  return found as Manifest[];
}

function isManifest(value: unknown): value is Manifest {
  const { apiVersion, kind, metadata } = (value ?? {}) as Partial<Manifest>;
  const named = metadata?.name ?? metadata?.generateName;
  return typeof apiVersion === 'string' && typeof kind === 'string' && typeof named === 'string' && named !== '';
}

function sortOut(all: readonly Manifest[]): Manifests {
  const ours = (kind: string): Manifest[] => all.filter((one) => one.kind === kind && one.apiVersion === API_VERSION);
  const attachments = all.filter(({ kind }) => kind === 'NetworkAttachmentDefinition');
  const [experiments, testbeds] = [ours('Experiment'), ours('Testbed')];
  const taken = new Set([...experiments, ...testbeds, ...attachments]);
  const version = all.find(({ apiVersion }) => apiVersion.startsWith('vfbench.io/') && apiVersion !== API_VERSION);
  if (version !== undefined)
    throw new CliError(
      `${version.kind} ${version.metadata.name} is of ${version.apiVersion}, this plugin knows ${API_VERSION}: update the plugin`,
    );
  return {
    experiments: experiments as Manifests['experiments'],
    testbeds: testbeds as Manifests['testbeds'],
    attachments: attachments as unknown as Manifests['attachments'],
    others: all.filter((one) => !taken.has(one)),
  };
}

/** The same with defaults. @throws CliError that names every field that the schema refuses. */
export function checked<T extends Manifest & { spec: unknown }>(manifest: T, schemas: Schemas = SCHEMAS): T {
  const schema = schemas[manifest.kind]?.properties?.['spec'];
  if (schema === undefined) return manifest;
  const { value, problems } = check(schema, manifest.spec, 'spec');
  if (problems.length === 0) return { ...manifest, spec: value };
  const name = manifest.metadata.name ?? manifest.metadata.generateName;
  throw new CliError(`${manifest.kind} ${name} is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
}
