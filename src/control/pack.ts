/** Packs a report's text into parts, each with its digest. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { cut } from '../results/seal/shards.ts';
import { digestOf } from './digest.ts';

export interface Packed {
  /** Of the text, and its length in bytes. */
  digest: string;
  bytes: number;
  /** Of all parts together: their names hold it, so that parts of two packings are never taken for one. */
  packedDigest: string;
  parts: { data: Uint8Array; digest: string }[];
}

const compress = promisify(gzip);

/** @throws SealError where it is larger than may be stored. */
export async function pack(text: string): Promise<Packed> {
  const packed = await compress(text, { level: 9 });
  return {
    digest: digestOf(text),
    bytes: Buffer.byteLength(text),
    packedDigest: digestOf(packed),
    parts: cut(packed).map((data) => ({ data, digest: digestOf(data) })),
  };
}
