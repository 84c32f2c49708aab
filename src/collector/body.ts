/** Reads a request's body within bounds: bytes on the wire, bytes unpacked, values in the JSON text. */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ShapeGuard, type ShapeLimits } from './shape.ts';
import { HttpError, ONE_VERSION } from './http-error.ts';

export interface ExpectedBody extends ShapeLimits {
  /** What it is, in messages: the Trial that ends by it says so. */
  what: string;
  /** Bytes as sent. */
  sent: number;
  /** Bytes after gunzip. */
  unpacked: number;
}

/**
 * The body as a JSON value, unpacked where it came with `content-encoding: gzip`. Throws HttpError: 413 past a limit
 * (reading no further), 415 for another encoding or type, 400 for what is not JSON.
 */
export async function readJson(
  request: IncomingMessage,
  expected: ExpectedBody,
  signal: AbortSignal,
): Promise<unknown> {
  const [type] = (request.headers['content-type'] ?? '').split(';');
  if (type?.trim().toLowerCase() !== 'application/json') {
    throw new HttpError(
      415,
      'UnsupportedMediaType',
      `The ${expected.what} is not sent as application/json: ${ONE_VERSION}`,
    );
  }
  const text = (await readBody(request, expected, signal)).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new HttpError(400, 'MalformedBody', `The ${expected.what} is not JSON: ${ONE_VERSION}`);
  }
}

async function readBody(request: IncomingMessage, expected: ExpectedBody, signal: AbortSignal): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'gzip' && encoding !== 'identity') {
    throw new HttpError(
      415,
      'UnsupportedEncoding',
      `The ${expected.what} is sent neither plain nor as gzip: ${ONE_VERSION}`,
    );
  }
  if (Number(request.headers['content-length'] ?? 0) > expected.sent) throw tooLarge(expected, expected.sent);
  const sent = bounded(request, expected);
  const kept = new Kept(expected);
  const keep = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) kept.add(chunk);
  };
  try {
    if (encoding === 'identity') await pipeline(Readable.from(sent), keep, { signal });
    else await pipeline(Readable.from(sent), createGunzip(), keep, { signal });
  } catch (error) {
    if (error instanceof HttpError) throw error;
    if (signal.aborted)
      throw new HttpError(408, 'Timeout', `The ${expected.what} did not arrive in time.`, { cause: error });
    const message = `The ${expected.what} did not arrive whole, or is not gzip: ${ONE_VERSION}`;
    throw new HttpError(400, 'MalformedBody', message, { cause: error });
  }
  return kept.bytes();
}

/** The request's chunks; the request itself survives an early end, so that it can be answered. */
async function* bounded(request: IncomingMessage, expected: ExpectedBody): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > expected.sent) throw tooLarge(expected, expected.sent);
    yield chunk;
  }
}

class Kept {
  readonly #expected: ExpectedBody;
  readonly #guard: ShapeGuard;
  readonly #chunks: Buffer[] = [];
  #length = 0;

  constructor(expected: ExpectedBody) {
    this.#expected = expected;
    this.#guard = new ShapeGuard(expected);
  }

  add(chunk: Buffer): void {
    this.#length += chunk.length;
    const { what, values, unpacked } = this.#expected;
    if (this.#length > unpacked) throw tooLarge(this.#expected, unpacked);
    if (!this.#guard.accepts(chunk)) {
      throw new HttpError(
        413,
        'TooComplex',
        `The ${what} holds more than ${values} values, or nests too deep: ${LESS}`,
      );
    }
    this.#chunks.push(chunk);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

const LESS = `give the Experiment fewer tests; where it has few, ${ONE_VERSION}`;

function tooLarge({ what }: ExpectedBody, limit: number): HttpError {
  return new HttpError(413, 'TooLarge', `The ${what} is larger than ${limit} bytes: ${LESS}`);
}
