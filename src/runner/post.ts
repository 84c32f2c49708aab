/** One POST to the collector over a connection of its own: nothing is kept open while a measurement runs. */
import { request } from 'node:https';
import { COLLECTOR_SERVER_NAME, type EndpointConfig } from '../api/protocol.ts';

export interface Reply {
  status: number;
  body: object;
}

/** Longer than the collector holds a call. */
const TIMEOUT_MS = 40_000;
const MAX_REPLY = 4 * 1024 * 1024;

/** Rejects where no whole reply with a JSON object comes in time. */
export function post(
  config: EndpointConfig,
  path: string,
  body: { bytes: Buffer; encoding: string },
  signal: AbortSignal,
): Promise<Reply> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, config.collector.url), {
      method: 'POST',
      agent: false,
      ca: config.collector.ca,
      servername: COLLECTOR_SERVER_NAME,
      signal: either,
      headers: {
        authorization: `Bearer ${config.token}`,
        'content-type': 'application/json',
        'content-encoding': body.encoding,
        'content-length': body.bytes.length,
      },
    });
    call.on('error', reject);
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > MAX_REPLY) response.destroy(new Error('the reply is too long'));
        chunks.push(chunk);
      });
      response.on('end', () => {
        try {
          resolve({ status: response.statusCode ?? 0, body: parse(Buffer.concat(chunks)) });
        } catch (error) {
          reject(error as Error);
        }
      });
    });
    call.end(body.bytes);
  });
}

function parse(bytes: Buffer): object {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  if (typeof value === 'object' && value !== null) return value;
  throw new Error('the reply is no JSON object');
}
