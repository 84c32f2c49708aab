/**
 * How a client's runner orders a server's runner about, over the data network, which is not trusted. JSON lines
 * `<HMAC> <json>`: the server opens with a nonce, every line's HMAC covers both nonces and a sequence number, so
 * nothing can be forged, replayed, or taken for the other direction.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { EndpointName, MovedBytes, Problem } from '../api/protocol.ts';

/** `moved`: what the client knows to have arrived; the server's counters are awaited until they show as much. */
export type Order =
  | { do: 'hello' }
  | { do: 'start'; point: number }
  | { do: 'stop'; point: number; moved?: MovedBytes }
  | { do: 'bye'; problem: Problem | null };

/** `ready`: the server has its plan. `problem`: why the order could not be carried out. */
export interface OrderReply {
  endpoint: EndpointName;
  /** Of the server's data NIC. */
  mac?: string;
  ready: boolean;
  problem: Problem | null;
  /** To `stop`: what the server's tools counted of the point. */
  moved?: MovedBytes;
}

export interface Greeting {
  nonce: string;
}

export interface Envelope<T> {
  /** The client's nonce, the same in a whole session. */
  nonce: string;
  sequence: number;
  body: T;
}

export type Way = 'order' | 'reply';

export const MAX_LINE = 16 * 1024;
const NONCE = /^[0-9a-f]{32}$/;

/** One line without its end. `greeting` is the nonce with which the server opened. */
export function seal<T>(key: string, way: Way, greeting: string, envelope: Envelope<T>): string {
  const json = JSON.stringify(envelope);
  return `${mac(key, way, greeting, json)} ${json}`;
}

/** The envelope of a line that the other side sealed; null for any other line. */
export function open<T>(key: string, way: Way, greeting: string, line: string): Envelope<T> | null {
  const at = line.indexOf(' ');
  const json = line.slice(at + 1);
  const given = Buffer.from(line.slice(0, Math.max(at, 0)));
  const expected = Buffer.from(mac(key, way, greeting, json));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  return JSON.parse(json) as Envelope<T>;
}

/** The nonce of a greeting line; null where it is none. */
export function greetingOf(line: string): string | null {
  try {
    const { nonce } = JSON.parse(line) as Partial<Greeting>;
    return typeof nonce === 'string' && NONCE.test(nonce) ? nonce : null;
  } catch {
    return null;
  }
}

function mac(key: string, way: Way, greeting: string, json: string): string {
  return createHmac('sha256', key).update(`${way}|${greeting}|${json}`).digest('hex');
}

/** Cuts a byte stream into lines of at most MAX_LINE bytes. */
export class Lines {
  #rest = '';

  /** Lines that are complete now; null once a line is too long. */
  feed(chunk: Buffer): string[] | null {
    const lines = (this.#rest + chunk.toString('latin1')).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_LINE || lines.some((line) => line.length > MAX_LINE)) return null;
    return lines.map((line) => Buffer.from(line, 'latin1').toString('utf8'));
  }
}
