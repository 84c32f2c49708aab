/** An API server that follows a script: per route a row of replies, each used once; the last one may be repeated. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface SeenRequest {
  /** `LIST`, `GET`, `WATCH`, `POST`, `PUT`, `PATCH`, `DELETE`. */
  verb: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage['headers'];
  body: unknown;
  /** Number of the connection it came on, from 1. */
  connection: number;
}

export type Reply = (response: ServerResponse, request: SeenRequest) => void | Promise<void>;

export class ScriptedServer {
  readonly requests: SeenRequest[] = [];
  readonly #server: Server;
  readonly #replies = new Map<string, Reply[]>();
  readonly #sockets = new Map<Socket, number>();
  #connections = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.set(socket, ++this.#connections);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** Listens on loopback; `port` to take up an earlier server's place. */
  static async start(port = 0): Promise<ScriptedServer> {
    const scripted = new ScriptedServer();
    scripted.#server.listen(port, '127.0.0.1');
    await once(scripted.#server, 'listening');
    return scripted;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Connections made since the start. */
  get connections(): number {
    return this.#connections;
  }

  /** Appends replies for a route such as `LIST /api/v1/pods`. */
  on(route: string, ...replies: Reply[]): this {
    this.#replies.set(route, [...(this.#replies.get(route) ?? []), ...replies]);
    return this;
  }

  /** Requests seen on a route. */
  seen(route: string): SeenRequest[] {
    return this.requests.filter((request) => `${request.verb} ${request.path}` === route);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets.keys()) socket.destroy();
    await closed;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await this.#read(incoming);
    this.requests.push(request);
    const replies = this.#replies.get(`${request.verb} ${request.path}`) ?? [];
    const reply = replies.shift() ?? status(501, 'NotScripted');
    await reply(response, request);
  }

  async #read(incoming: IncomingMessage): Promise<SeenRequest> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const url = new URL(incoming.url ?? '/', 'http://server');
    const query = Object.fromEntries(url.searchParams);
    return {
      verb: verbOf(incoming.method ?? '', url),
      path: url.pathname,
      query,
      headers: incoming.headers,
      body: text === '' ? undefined : JSON.parse(text),
      connection: this.#sockets.get(incoming.socket) ?? 0,
    };
  }
}

function verbOf(method: string, url: URL): string {
  if (method !== 'GET') return method;
  if (url.searchParams.has('watch')) return 'WATCH';
  return /\/(pods|configmaps|secrets|nodes)$/.test(url.pathname) ? 'LIST' : 'GET';
}

/** An answer in JSON. */
export function json(code: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return (response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** A failure, as a `Status` object. */
export function status(
  code: number,
  reason: string,
  extra: { message?: string; headers?: Record<string, string> } = {},
): Reply {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: extra.message ?? reason };
  return json(code, body, extra.headers);
}

/** A page of a list. */
export function list(items: unknown[], resourceVersion: string, next?: string): Reply {
  return json(200, { kind: 'List', metadata: { resourceVersion, ...(next ? { continue: next } : {}) }, items });
}

/** Breaks the connection without an answer. */
export const reset: Reply = (response) => void response.socket?.resetAndDestroy();

/** Never answers. */
export const hang: Reply = () => {};

/** What happens within a watch: frames as objects, raw text or bytes as they are, or an act. */
export type Step = object | string | Uint8Array | ((response: ServerResponse) => void | Promise<void>);

/** A watch that plays its steps and stays open then; end it by the steps `end` or `cutOff`. */
export function watch(...steps: Step[]): Reply {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const step of steps) {
      if (typeof step === 'function') await step(response);
      else response.write(frame(step));
    }
  };
}

function frame(step: object | string | Uint8Array): string | Uint8Array {
  if (typeof step === 'string' || step instanceof Uint8Array) return step;
  return `${JSON.stringify(step)}\n`;
}

/** Ends the watch as the server does after `timeoutSeconds`. */
export const end = (response: ServerResponse): void => void response.end();

/** Breaks the watch's connection, after what was written before has left. */
export async function cutOff(response: ServerResponse): Promise<void> {
  await pause(20);
  response.socket?.resetAndDestroy();
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Waits until `condition` holds. @throws Error after `ms` milliseconds. */
export async function until(condition: () => boolean, what: string, ms = 15_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Waited ${ms} ms in vain: ${what}`);
    await pause(5);
  }
}
