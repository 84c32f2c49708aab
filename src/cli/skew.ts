/** Whether plugin and CRDs are of one age: what fields each knows that the other does not. */
import { GROUP, VERSION as API } from '../api/labels.ts';
import { SCHEMAS } from '../api/schemas.ts';
import { isForbidden, isNotFound } from '../kube/index.ts';
import { CliError } from './errors.ts';
import type { Schemas } from './manifest/read.ts';
import type { Schema } from './manifest/schema.ts';
import type { Session } from './session.ts';
import { VERSION } from './version.ts';

const MOST_NAMED = 4;

/** Fields and values, as paths, of both schemas where they differ. `newer`: the server has them, the plugin does not. */
export interface Skew {
  newer: string[];
  older: string[];
}

export function skewOf(server: Schemas, own: Schemas): Skew {
  const kinds = Object.keys(own).filter((kind) => server[kind] !== undefined);
  const pathsOf = (from: Schemas): Set<string> =>
    new Set(kinds.flatMap((kind) => paths(from[kind]?.properties?.['spec'] ?? {}, `${kind}.spec`)));
  const [theirs, ours] = [pathsOf(server), pathsOf(own)];
  const without = (all: Set<string>, known: Set<string>): string[] => [...all].filter((path) => !known.has(path));
  return { newer: without(theirs, ours), older: without(ours, theirs) };
}

function paths(schema: Schema, at: string): string[] {
  return [
    at,
    ...(schema.enum ?? []).map((value) => `${at}=${value}`),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => paths(inner, `${at}.${name}`)),
    ...(schema.items === undefined ? [] : paths(schema.items, `${at}[]`)),
  ];
}

/** Null where they agree. */
export function skewText({ newer, older }: Skew): string | null {
  if (newer.length > 0)
    return `this plugin (${VERSION}) is older than the CRDs of the cluster, which also know ${some(newer)}: update the plugin`;
  return older.length > 0
    ? `the CRDs of the cluster are older than this plugin (${VERSION}), which also knows ${some(older)}: upgrade vfbench in the cluster, or leave these out`
    : null;
}

const some = (names: readonly string[]): string =>
  names.length <= MOST_NAMED
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`;

interface OpenApi {
  components?: { schemas?: Record<string, Schema & { 'x-kubernetes-group-version-kind'?: { kind: string }[] }> };
}

/** Schemas as the server has them; null where it does not tell. @throws CliError where it serves no version that we know. */
export async function serverSchemas({ client, signal }: Session): Promise<Schemas | null> {
  await knowsUs(client, signal);
  try {
    const { components } = await client.getPath<OpenApi>(`/openapi/v3/apis/${GROUP}/${API}`, { signal, tries: 1 });
    const found = Object.values(components?.schemas ?? {}).flatMap((schema) => {
      const [gvk] = schema['x-kubernetes-group-version-kind'] ?? [];
      return gvk !== undefined && schema.properties?.['spec'] !== undefined ? [[gvk.kind, schema] as const] : [];
    });
    return found.length === 0 ? null : Object.fromEntries(found);
  } catch (error) {
    if (isNotFound(error) || isForbidden(error)) return null;
    throw error;
  }
}

async function knowsUs(client: Session['client'], signal: AbortSignal): Promise<void> {
  try {
    const { versions } = await client.getPath<{ versions: { version: string }[] }>(`/apis/${GROUP}`, { signal });
    const served = versions.map(({ version }) => version);
    if (served.includes(API)) return;
    throw new CliError(
      `this plugin (${VERSION}) is older than the CRDs of the cluster: it knows ${GROUP}/${API}, the cluster serves ${served.join(', ')}: update the plugin`,
    );
  } catch (error) {
    if (isForbidden(error)) return;
    if (!isNotFound(error)) throw error;
    throw new CliError(
      'this cluster does not know the kinds of vfbench.io: install vfbench (see the README), or choose another --context',
    );
  }
}

/** A line on standard error where plugin and CRDs are not of one age. @returns the server's schemas. */
export async function warnOfSkew(session: Session): Promise<Schemas | null> {
  const schemas = await serverSchemas(session);
  const text = schemas === null ? null : skewText(skewOf(schemas, SCHEMAS));
  if (text !== null) process.stderr.write(`Warning: ${text}\n`);
  return schemas;
}
