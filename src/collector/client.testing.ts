/** A caller without manners, for tests: any bytes, any header, as slow as wanted. */
import { request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { COLLECTOR_SERVER_NAME } from '../api/protocol.ts';

export interface Caller {
  port: number;
  ca: string;
}

export interface Sent {
  token?: string;
  method?: string;
  headers?: Record<string, string>;
  /** Pieces of the body. */
  body?: Iterable<Buffer | string>;
  signal?: AbortSignal;
}

export interface Got {
  status: number;
  body: Record<string, unknown>;
}

/** One call; resolves with the reply, however much of the body was sent by then. */
export function call({ port, ca }: Caller, path: string, sent: Sent): Promise<Got> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port,
      path,
      method: sent.method ?? 'POST',
      agent: false,
      ca,
      servername: COLLECTOR_SERVER_NAME,
      ...(sent.signal === undefined ? {} : { signal: sent.signal }),
      headers: {
        'content-type': 'application/json',
        ...(sent.token === undefined ? {} : { authorization: `Bearer ${sent.token}` }),
        ...sent.headers,
      },
    });
    let answered = false;
    outgoing.on('error', (error) => {
      if (!answered) reject(error);
    });
    outgoing.on('response', (response) => {
      answered = true;
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.length !== Number(response.headers['content-length'])) return;
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Record<string, unknown> });
        outgoing.destroy();
      });
    });
    const pieces = (sent.body ?? [])[Symbol.iterator]();
    const write = (): void => {
      for (let next = pieces.next(); !answered; next = pieces.next()) {
        if (next.done === true) return void outgoing.end();
        if (!outgoing.write(next.value)) return void outgoing.once('drain', write);
      }
    };
    write();
  });
}

/** A TLS connection on which a test writes what it likes. */
export async function raw({ port, ca }: Caller): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca, servername: COLLECTOR_SERVER_NAME });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  return socket;
}

/** Milliseconds until the connection is closed by the other side. */
export async function closedAfter(socket: TLSSocket): Promise<number> {
  const from = Date.now();
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
  return Date.now() - from;
}

/** What a refusal says, with its status. */
export const said = ({ status, body }: Got): string =>
  `${status} ${String(body['reason'])}: ${String(body['message'])}`;
