/**
 * The HTTPS server that endpoints talk to. It knows who calls (token), reads what was sent within bounds, checks it,
 * and passes it to the rendezvous. Everything a caller does is bounded in time and memory.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Refusal } from '../api/protocol.ts';
import type { Logger } from '../log.ts';
import { HttpError } from './http-error.ts';
import { DEFAULT_LIMITS, type CollectorLimits } from './limits.ts';
import type { Rendezvous } from './rendezvous.ts';
import { route, type Answer } from './routes.ts';
import { Slots } from './slots.ts';
import { verify, type Bearer } from './tokens.ts';

export interface CollectorOptions {
  /** Port 0: any free one. */
  listen: { host: string; port: number };
  /** PEM. */
  tls: { cert: string; key: string };
  /** What tokens are made with. */
  key: Buffer;
  rendezvous: Rendezvous;
  /** False for a Trial that has ended, or that was never there. */
  isLive: (trialUid: string) => boolean;
  log: Logger;
  limits?: Partial<CollectorLimits>;
}

export interface Collector {
  port: number;
  /** Stops listening, drops every connection. */
  close(): Promise<void>;
}

/** How long what a refused caller still sends is read and dropped, so that it reads the refusal. */
const DRAIN_MS = 1000;

/** Starts the collector; rejects where it cannot listen. */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const bodies = new Slots(limits.bodiesAtOnce);
  const server = createServer(
    {
      ...options.tls,
      minVersion: 'TLSv1.3',
      handshakeTimeout: limits.handshakeMs,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.min(1000, limits.headersMs),
      maxHeaderSize: limits.headerBytes,
      keepAliveTimeout: limits.idleMs,
    },
    (request, response) => void serve(request, response),
  );
  server.maxConnections = limits.connections;
  server.timeout = limits.holdMs + limits.requestMs;
  server.on('tlsClientError', (error) => options.log.debug({ err: error }, 'Dropping a connection without TLS'));

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const answer = await answerOf(request, gone.signal).catch((error: unknown) => failure(error, options.log));
    await reply(request, response, answer);
  };

  const answerOf = async (request: IncomingMessage, signal: AbortSignal): Promise<Answer> => {
    const bearer = authenticate(request, options.key);
    if (!options.isLive(bearer.trialUid)) throw new HttpError(410, 'TrialNotLive', 'This trial does not run.');
    try {
      return await route(request, bearer, { limits, bodies, rendezvous: options.rendezvous, signal });
    } catch (error) {
      note(error, bearer, options);
      throw error;
    }
  };

  await listen(server, options.listen);
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

function authenticate(request: IncomingMessage, key: Buffer): Bearer {
  const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ');
  const bearer = scheme?.toLowerCase() === 'bearer' ? verify(key, token) : null;
  if (bearer === null) throw new HttpError(401, 'Unauthorized', 'The token is missing or wrong.');
  return bearer;
}

/** What an endpoint sent and could not be taken is told to the Trial's controller: a lost result has a reason. */
function note(error: unknown, bearer: Bearer, options: CollectorOptions): void {
  if (!(error instanceof HttpError) || !error.refusal.final || error.status === 404) return;
  const { reason, message } = error.refusal;
  options.log.warn({ ...bearer, reason, detail: message }, 'Turning down what an endpoint sent');
  options.rendezvous.fault(bearer.trialUid, bearer.endpoint, { reason, message });
}

function failure(error: unknown, log: Logger): Answer {
  if (error instanceof HttpError) return { status: error.status, body: error.refusal };
  log.error({ err: error }, 'Failing to answer an endpoint');
  const body: Refusal = { reason: 'InternalError', message: 'The collector failed; call again.', final: false };
  return { status: 500, body };
}

async function reply(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  if (response.destroyed) return;
  const text = JSON.stringify(answer.body);
  response.statusCode = answer.status;
  response.setHeader('content-type', 'application/json');
  response.setHeader('content-length', Buffer.byteLength(text));
  if (request.complete) {
    response.end(text);
    return;
  }
  response.setHeader('connection', 'close');
  response.write(text);
  await drained(request);
  response.end();
}

function drained(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, DRAIN_MS);
    request.once('end', done).once('close', done).resume();
  });
}

function listen(server: Server, address: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
