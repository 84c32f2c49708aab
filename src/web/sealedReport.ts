/** A stored report read back: each part and the whole checked against their digests, and all against the Experiment. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Experiment } from '../api/v1alpha1.ts';
import type { ReportData } from '../results/report/data.ts';
import { decode, SealError } from '../results/seal/encode.ts';
import { INDEX_KEY, join, MOST_BYTES, parseIndex, PART_KEY, type SealIndex } from '../results/seal/shards.ts';

/** What of a ConfigMap a part of a report is in. */
export interface StoredPart {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
}

/** Reads the ConfigMap of that name; null where there is none. */
export type ReadPart = (namespace: string, name: string) => Promise<StoredPart | null>;

const unpack = promisify(gunzip);
const digestOf = (data: Uint8Array): string => `sha256:${createHash('sha256').update(data).digest('hex')}`;

export const isSealed = ({ status }: Experiment): boolean => status?.report?.digest !== undefined;

/**
 * The data of a sealed report.
 * @param mostBytes of its text, which is held in memory.
 * @throws SealError where what is stored is missing, changed, another's or too large; what `read` throws.
 */
export async function readSealed(
  experiment: Experiment,
  read: ReadPart,
  mostBytes: number = MOST_BYTES,
): Promise<ReportData> {
  const { namespace = '' } = experiment.metadata;
  const { configMap = '', digest = '' } = experiment.status?.report ?? {};
  const part = async (name: string): Promise<StoredPart> => {
    const found = await read(namespace, name);
    if (found === null) throw new SealError(`ConfigMap ${namespace}/${name}, a part of the stored report, is gone`);
    return found;
  };
  const first = await part(configMap);
  const index = indexOf(first, experiment);
  if (index.bytes > mostBytes)
    throw new SealError(`The stored report has ${index.bytes} bytes, ${mostBytes} are read here at most`);
  const others = index.shards.slice(1).map(({ configMap: name }) => part(name));
  const parts = [first, ...(await Promise.all(others))].map(({ binaryData }) =>
    Buffer.from(binaryData?.[PART_KEY] ?? '', 'base64'),
  );
  const text = await unpacked(join(index, parts, parts.map(digestOf)), index);
  if (digestOf(text) !== digest)
    throw new SealError(`The stored report ${configMap} does not have its digest ${digest}`);
  return decode(text.toString('utf8'));
}

/** Of the first part, held against the Experiment. */
function indexOf(first: StoredPart, { metadata, status }: Experiment): SealIndex {
  const { uid = '' } = metadata;
  const { configMap = '', digest = '' } = status?.report ?? {};
  const index = parseIndex(first.data?.[INDEX_KEY] ?? '');
  if (index.experiment !== uid) throw foreign(configMap, `the UID ${index.experiment}`, uid);
  if (index.seed !== status?.seed) throw foreign(configMap, `the seed ${index.seed}`, `${status?.seed}`);
  if (index.digest !== digest) throw foreign(configMap, `the digest ${index.digest}`, digest);
  return index;
}

async function unpacked(packed: Uint8Array, { bytes }: SealIndex): Promise<Buffer> {
  try {
    return await unpack(packed, { maxOutputLength: Math.max(1, bytes) });
  } catch (cause) {
    throw new SealError('The stored report cannot be unpacked: it was changed or cut', { cause });
  }
}

const foreign = (configMap: string, found: string, wanted: string): SealError =>
  new SealError(`ConfigMap ${configMap} holds another report: it has ${found}, this Experiment ${wanted}`);
