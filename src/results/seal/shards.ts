/** A sealed report as parts that each fit an object of the API server. */
import { SealError } from './encode.ts';

/** Bytes of one part: in base64, with names and index, it stays below the 1 MiB that an object may hold. */
export const SHARD_BYTES = 720 * 1024;
/** Parts of one report: more are no longer handled well by anything that lists ConfigMaps. */
export const MOST_SHARDS = 40;
/** Bytes of a report before packing that a reader takes. */
export const MOST_BYTES = 1024 * 1024 * 1024;
export const INDEX_FORMAT = 'vfbench-report-index/1';
/** Keys of a ConfigMap: of the index in `data`, of a part in `binaryData`. */
export const INDEX_KEY = 'index.json';
export const PART_KEY = 'report.json.gz';
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** What the first part says of all: it names the others. */
export interface SealIndex {
  format: typeof INDEX_FORMAT;
  /** UID of the Experiment, its seed: a part of another one is refused. */
  experiment: string;
  seed: number;
  /** Of the text before packing. */
  digest: string;
  bytes: number;
  shards: { configMap: string; digest: string; bytes: number }[];
}

/** Cuts packed bytes. @throws SealError where there would be more than MOST_SHARDS. */
export function cut(packed: Uint8Array): Uint8Array[] {
  const count = Math.max(1, Math.ceil(packed.length / SHARD_BYTES));
  if (count > MOST_SHARDS) {
    const mib = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
    throw new SealError(
      `The packed report takes ${mib(packed.length)}, ${mib(MOST_SHARDS * SHARD_BYTES)} are stored at most: keep the Trials, split the Experiment`,
    );
  }
  return Array.from({ length: count }, (_, i) => packed.subarray(i * SHARD_BYTES, (i + 1) * SHARD_BYTES));
}

/** Checks an index as it was stored. @throws SealError */
export function parseIndex(text: string): SealIndex {
  let value: Partial<SealIndex> | null;
  try {
    value = JSON.parse(text) as Partial<SealIndex> | null;
  } catch {
    value = null;
  }
  const { format, experiment, seed, digest, bytes, shards } = value ?? {};
  const isGood =
    format === INDEX_FORMAT &&
    typeof experiment === 'string' &&
    Number.isSafeInteger(seed) &&
    DIGEST.test(String(digest)) &&
    Number(bytes) <= MOST_BYTES &&
    Array.isArray(shards) &&
    shards.length > 0 &&
    shards.length <= MOST_SHARDS &&
    shards.every((shard) => DIGEST.test(String(shard?.digest)) && typeof shard.configMap === 'string');
  if (!isGood) throw new SealError(`The index of the stored report is not of format ${INDEX_FORMAT}`);
  return value as SealIndex;
}

/** Puts parts together. `digests` are those of the parts as found. @throws SealError where one is not the index's. */
export function join(index: SealIndex, parts: readonly Uint8Array[], digests: readonly string[]): Uint8Array {
  index.shards.forEach(({ configMap, digest }, i) => {
    if (parts[i] === undefined) throw new SealError(`Part ${configMap} of the stored report is missing`);
    if (digests[i] !== digest)
      throw new SealError(`Part ${configMap} of the stored report was changed: its digest differs`);
  });
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
