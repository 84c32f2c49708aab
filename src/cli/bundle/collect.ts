/** Fills a support bundle from the cluster. What may not be read, or is not there, is left out with the reason. */
import { SCHEMAS } from '../../api/schemas.ts';
import { ApiError, isForbidden, isNotFound, type KubeObject } from '../../kube/index.ts';
import { CliError } from '../errors.ts';
import type { Session } from '../session.ts';
import { serverSchemas, skewOf, skewText } from '../skew.ts';
import { VERSION } from '../version.ts';
import type { Bundle } from './bundle.ts';
import { type Places, readAll, type Source, SOURCES, type Taken } from './sources.ts';

const LOG_LINES = 5000;
const LOG_BYTES = 2 * 1024 ** 2;

/** @throws ApiError, TransportError for what is no matter of rights. */
export async function collect(session: Session, places: Places, bundle: Bundle): Promise<void> {
  await attempt(bundle, 'versions.json', 'get /version', async () => {
    bundle.object('versions.json', await versions(session), 1);
  });
  const taken = new Map<string, readonly KubeObject[]>();
  for (const source of SOURCES) {
    session.terminal.status(`reading ${source.file}`);
    await attempt(bundle, source.file, source.right, async () => {
      taken.set(source.file, await takeObjects(session, { source, places, taken }, bundle));
    });
  }
  for (const pod of taken.get('operator/pods.json') ?? []) await takeLogs(session, pod, bundle);
}

async function versions(session: Session): Promise<object> {
  const { client, signal } = session;
  const { gitVersion } = await client.getPath<{ gitVersion?: string }>('/version', { signal, tries: 2 });
  return { plugin: VERSION, kubernetes: gitVersion, crds: await ageOfKinds(session), node: process.version };
}

async function ageOfKinds(session: Session): Promise<string> {
  try {
    const schemas = await serverSchemas(session);
    if (schemas === null) return 'unknown: /openapi/v3 is kept from this user';
    return skewText(skewOf(schemas, SCHEMAS)) ?? 'of the age of this plugin';
  } catch (error) {
    if (error instanceof CliError) return error.message;
    throw error;
  }
}

async function takeObjects(
  { client, signal }: Session,
  { source, places, taken }: { source: Source; places: Places; taken: Taken },
  bundle: Bundle,
): Promise<KubeObject[]> {
  const { items, isWhole } = await readAll(client, source.type, source.where(places), { signal });
  const all = items.filter((object) => source.keep?.(object, taken) ?? true).toSorted(newestFirst);
  const kept = all.slice(0, source.most);
  if (!isWhole) bundle.leaveOut(source.file, `not all were read: there are more than ${items.length}`);
  if (all.length > kept.length) bundle.leaveOut(source.file, `the oldest ${all.length - kept.length} of ${all.length}`);
  bundle.object(source.file, kept.map(withoutRaw), kept.length);
  return kept;
}

const newestFirst = (a: KubeObject, b: KubeObject): number => ageOf(b) - ageOf(a);
const ageOf = ({ metadata }: KubeObject): number => Date.parse(metadata.creationTimestamp ?? '') || 0;

type WithRaw = KubeObject & { status?: { raw?: { data?: string }[] } };

/** A Trial without the packed words of the tools: `report -o jsonl` has them. */
function withoutRaw(object: WithRaw): KubeObject {
  const { raw } = object.status ?? {};
  if (raw === undefined) return object;
  const told = raw.map(({ data = '', ...rest }) => ({ ...rest, data: `left out: ${data.length} characters` }));
  return { ...object, status: { ...object.status, raw: told } } as KubeObject;
}

type Pod = KubeObject & { status?: { containerStatuses?: { restartCount?: number }[] } };

async function takeLogs({ client, signal, terminal }: Session, pod: Pod, bundle: Bundle): Promise<void> {
  const { namespace = '', name } = pod.metadata;
  const path = `/api/v1/namespaces/${namespace}/pods/${encodeURIComponent(name)}/log`;
  const hasEnded = pod.status?.containerStatuses?.some(({ restartCount = 0 }) => restartCount > 0) ?? false;
  for (const previous of hasEnded ? [false, true] : [false]) {
    const file = `operator/logs/${name}${previous ? '.previous' : ''}.log`;
    terminal.status(`reading ${file}`);
    await attempt(bundle, file, 'get pods/log where the operator runs', async () => {
      const query = { tailLines: LOG_LINES, limitBytes: LOG_BYTES, timestamps: false, previous };
      const text = await client.getText(path, { query, maxBytes: LOG_BYTES, signal });
      bundle.log(file, text);
    });
  }
}

/** A refusal is told in the bundle; a lost connection ends the command. */
async function attempt(bundle: Bundle, file: string, right: string, deed: () => Promise<void>): Promise<void> {
  try {
    await deed();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (isForbidden(error)) return bundle.leaveOut(file, `you may not read it: it takes ${right}`);
    const isMissing = isNotFound(error);
    bundle.leaveOut(
      file,
      isMissing ? 'there is no such thing in this cluster' : `the API server answered ${error.status}`,
    );
  }
}
