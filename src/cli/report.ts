/** `report NAME -o FORMAT`: from what is sealed, or from the Trials while an Experiment runs. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { LABEL_EXPERIMENT } from '../api/labels.ts';
import type { Experiment, Trial } from '../api/v1alpha1.ts';
import { CONFIGMAPS, isNotFound, type KubeClient, type KubeObject } from '../kube/index.ts';
import { type ReportData, reportDataOf } from '../results/report/data.ts';
import { buildReport } from '../results/report/model.ts';
import { type Format, render } from '../results/report/render.ts';
import { canonicalData, decode, SealError } from '../results/seal/encode.ts';
import { INDEX_KEY, join, parseIndex, PART_KEY, type SealIndex } from '../results/seal/shards.ts';
import { TRIALS } from './kinds.ts';

interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
}

/** Trials carry their raw results: small pages keep the peak low. */
const PAGE = 20;
const unpack = promisify(gunzip);
const digestOf = (data: Uint8Array): string => `sha256:${createHash('sha256').update(data).digest('hex')}`;

/** The report in a format, piece by piece. @throws SealError where what is stored is missing, changed or another's. */
export async function reportText(
  client: KubeClient,
  experiment: Experiment,
  format: Format,
): Promise<Iterable<string>> {
  return render(buildReport(await reportData(client, experiment)), format, experiment.status?.report?.digest);
}

/** What the report is made from. @throws SealError as `reportText`. */
export async function reportData(client: KubeClient, experiment: Experiment): Promise<ReportData> {
  const isSealed = experiment.status?.report?.digest !== undefined;
  return isSealed ? fromSeal(client, experiment) : fromTrials(client, experiment);
}

async function fromTrials(client: KubeClient, experiment: Experiment): Promise<ReportData> {
  const { namespace = '', name } = experiment.metadata;
  const trials: Trial[] = [];
  let next: string | undefined;
  do {
    const selection = { namespace, labelSelector: `${LABEL_EXPERIMENT}=${name}`, limit: PAGE };
    const page = await client.list<Trial & KubeObject>(TRIALS, { ...selection, ...(next ? { continue: next } : {}) });
    trials.push(...page.items.map(withoutRaw));
    next = page.continue;
  } while (next !== undefined);
  return canonicalData(reportDataOf(experiment, trials));
}

function withoutRaw(trial: Trial): Trial {
  if (trial.status === undefined) return trial;
  const { raw, ...status } = trial.status;
  const digests = raw?.map((one) => ({ ...one, data: '' }));
  return { ...trial, status: { ...status, ...(digests === undefined ? {} : { raw: digests }) } };
}

/** What the ConfigMaps hold, each part and the whole checked against their digests, and all against the Experiment. */
async function fromSeal(client: KubeClient, { metadata, status }: Experiment): Promise<ReportData> {
  const { namespace = '', uid = '' } = metadata;
  const { configMap = '', digest = '' } = status?.report ?? {};
  const first = await part(client, namespace, configMap);
  const index = parseIndex(first.data?.[INDEX_KEY] ?? '');
  if (index.experiment !== uid) throw foreign(configMap, `the UID ${index.experiment}`, uid);
  if (index.seed !== status?.seed) throw foreign(configMap, `the seed ${index.seed}`, `${status?.seed}`);
  if (index.digest !== digest) throw foreign(configMap, `the digest ${index.digest}`, digest);
  const others = index.shards.slice(1).map(({ configMap: name }) => part(client, namespace, name));
  const parts = [first, ...(await Promise.all(others))].map(({ binaryData }) =>
    Buffer.from(binaryData?.[PART_KEY] ?? '', 'base64'),
  );
  const text = await unpacked(join(index, parts, parts.map(digestOf)), index);
  if (digestOf(text) !== digest)
    throw new SealError(`The stored report ${configMap} does not have its digest ${digest}`);
  return decode(text.toString('utf8'));
}

async function unpacked(packed: Uint8Array, { bytes }: SealIndex): Promise<Buffer> {
  try {
    return await unpack(packed, { maxOutputLength: Math.max(1, bytes) });
  } catch (cause) {
    throw new SealError('The stored report cannot be unpacked: it was changed or cut', { cause });
  }
}

async function part(client: KubeClient, namespace: string, name: string): Promise<ConfigMap> {
  try {
    return await client.get<ConfigMap>(CONFIGMAPS, { namespace, name });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new SealError(`ConfigMap ${namespace}/${name}, a part of the stored report, is gone`, { cause: error });
  }
}

const foreign = (configMap: string, found: string, wanted: string): SealError =>
  new SealError(`ConfigMap ${configMap} holds another report: it has ${found}, this Experiment ${wanted}`);
