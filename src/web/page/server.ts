/** The live page's server: reads only, nothing without permission, everything bounded. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../../log.ts';
import { NOTHING_POLICY } from './document.ts';
import { Problem } from './problem.ts';
import { Routes, type RoutesOptions } from './routes.ts';

export interface PageOptions extends RoutesOptions {
  listen: { host: string; port: number };
  log: Logger;
  /** Called after each answer, for metrics. */
  onAnswer?: (route: string, status: number) => void;
}

export interface PageServer {
  port: number;
  /** Open streams. */
  streams(): number;
  /** Tells the readers, and ends. */
  close(): Promise<void>;
}

const LIMITS = { headersMs: 10_000, requestMs: 30_000, idleMs: 5000, headerBytes: 20 * 1024, connections: 256 };

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': NOTHING_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export async function startPage(options: PageOptions): Promise<PageServer> {
  const { listen, log, onAnswer } = options;
  const routes = new Routes(options);
  const server: Server = createServer(
    {
      headersTimeout: LIMITS.headersMs,
      requestTimeout: LIMITS.requestMs,
      keepAliveTimeout: LIMITS.idleMs,
      maxHeaderSize: LIMITS.headerBytes,
    },
    (request, response) => {
      void answer(routes, request, response, log).then((route) => onAnswer?.(route, response.statusCode));
    },
  );
  server.maxConnections = LIMITS.connections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen.port, listen.host, resolve);
  });
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    routes.end(new Problem(503, 'Stopping', 'This operator stops; another one takes over', 1));
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), 500);
    await closed;
    clearTimeout(timer);
  };
  return { port: (server.address() as AddressInfo).port, streams: () => routes.streams, close };
}

/** @returns the route's name, of a fixed set. */
async function answer(
  routes: Routes,
  request: IncomingMessage,
  response: ServerResponse,
  log: Logger,
): Promise<string> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  const { route, run } = routes.find(request);
  try {
    await run(response);
  } catch (error) {
    if (!(error instanceof Problem)) log.error({ err: error, route }, 'Answering a page request failed');
    refuse(
      response,
      error instanceof Problem ? error : new Problem(500, 'InternalError', 'See the log of the operator'),
    );
  }
  return route;
}

function refuse(response: ServerResponse, { status, reason, message, retryAfterSeconds }: Problem): void {
  if (response.headersSent) return void response.destroy();
  if (status === 401) response.setHeader('www-authenticate', 'Bearer realm="vfbench"');
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds);
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    .end(JSON.stringify({ error: { reason, message } }));
}
