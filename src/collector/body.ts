/** Reads a request's body within bounds: bytes on the wire, bytes unpacked, values in the JSON text. */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ShapeGuard, type ShapeLimits } from './shape.ts';
import { HttpError } from './http-error.ts';

export interface BodyLimits extends ShapeLimits {
  /** Bytes as sent. */
  sent: number;
  /** Bytes after gunzip. */
  unpacked: number;
}

/**
 * The body as a JSON value, unpacked where it came with `content-encoding: gzip`. Throws HttpError: 413 past a limit
 * (reading no further), 415 for another encoding or type, 400 for what is not JSON.
 */
export async function readJson(request: IncomingMessage, limits: BodyLimits, signal: AbortSignal): Promise<unknown> {
  const [type] = (request.headers['content-type'] ?? '').split(';');
  if (type?.trim().toLowerCase() !== 'application/json') {
    throw new HttpError(415, 'UnsupportedMediaType', 'Bodies are application/json.');
  }
  const text = (await readBody(request, limits, signal)).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new HttpError(400, 'MalformedBody', 'The body is not JSON.');
  }
}

async function readBody(request: IncomingMessage, limits: BodyLimits, signal: AbortSignal): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'gzip' && encoding !== 'identity') {
    throw new HttpError(415, 'UnsupportedEncoding', 'Bodies are plain or gzip.');
  }
  if (Number(request.headers['content-length'] ?? 0) > limits.sent) throw tooLarge(limits.sent);
  const sent = bounded(request, limits.sent);
  const kept = new Kept(limits);
  const keep = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) kept.add(chunk);
  };
  try {
    if (encoding === 'identity') await pipeline(Readable.from(sent), keep, { signal });
    else await pipeline(Readable.from(sent), createGunzip(), keep, { signal });
  } catch (error) {
    if (error instanceof HttpError) throw error;
    if (signal.aborted) throw new HttpError(408, 'Timeout', 'The body did not arrive in time.', { cause: error });
    throw new HttpError(400, 'MalformedBody', 'The body did not arrive whole, or is not gzip.', { cause: error });
  }
  return kept.bytes();
}

/** The request's chunks; the request itself survives an early end, so that it can be answered. */
async function* bounded(request: IncomingMessage, limit: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) throw tooLarge(limit);
    yield chunk;
  }
}

class Kept {
  readonly #limits: BodyLimits;
  readonly #guard: ShapeGuard;
  readonly #chunks: Buffer[] = [];
  #length = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
    this.#guard = new ShapeGuard(limits);
  }

  add(chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length > this.#limits.unpacked) throw tooLarge(this.#limits.unpacked);
    if (!this.#guard.accepts(chunk)) throw new HttpError(413, 'TooComplex', 'The body holds too many values.');
    this.#chunks.push(chunk);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

function tooLarge(limit: number): HttpError {
  return new HttpError(413, 'TooLarge', `The body is larger than ${limit} bytes.`);
}
