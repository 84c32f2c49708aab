/**
 * One HTTP exchange with the API server: a deadline over all tries, and the retry policy.
 * What may be sent again: anything on 429 or where no connection was made, and once with new credentials on 401; what is
 * repeatable also on other failures.
 */
import { errors, type Dispatcher } from 'undici';
import { backoffDelay } from './backoff.ts';
import { sleep, systemClock, type Clock } from './clock.ts';
import type { Connection } from './connection.ts';
import { ApiError, codeOf, isUnauthorized, TransportError, WriteBarredError, type ApiStatus } from './errors.ts';
import type { Logger } from '../log.ts';

export type Verb = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface ApiRequest {
  verb: Verb;
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  contentType?: string;
  /** Default `application/json`. */
  accept?: string;
  /** Whether sending it twice does no more than sending it once. */
  repeatable: boolean;
  signal?: AbortSignal | undefined;
  /** Over all tries. */
  timeoutMs?: number | undefined;
  /** 1 = no retries. Default 5. */
  tries?: number | undefined;
}

/** One finished exchange, for metrics; `status` is 0 where no answer came. */
export interface RequestInfo {
  verb: Verb;
  path: string;
  status: number;
  tries: number;
  seconds: number;
}

export interface TransportOptions {
  connection: Connection;
  log: Logger;
  userAgent: string;
  timeoutMs: number;
  clock?: Clock;
  random?: () => number;
  onRequest?: ((info: RequestInfo) => void) | undefined;
  /** Asked before each write goes out; where it says no, the call fails as WriteBarredError. Default: always. */
  mayWrite?: (() => boolean) | undefined;
}

const TRIES = 5;
const RETRY = { baseMs: 100, capMs: 5_000 };
const RETRYABLE_CODES = new Set([500, 502, 503, 504]);
const CONNECT_CODES = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

export class Transport {
  readonly #options: TransportOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #origin: string;
  /** What stands before the API's own paths, as behind a gateway. */
  readonly #prefix: string;

  constructor(options: TransportOptions) {
    this.#options = options;
    const server = new URL(options.connection.server);
    this.#origin = server.origin;
    this.#prefix = server.pathname.replace(/\/+$/, '');
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
  }

  /**
   * Sends a request and reads the answer as JSON.
   * @throws ApiError, TransportError, or the reason of the caller's signal.
   */
  async json<T>(request: ApiRequest): Promise<T> {
    const start = this.#clock.now();
    const deadline = start + (request.timeoutMs ?? this.#options.timeoutMs);
    for (let tries = 1; ; tries++) {
      try {
        const answer = await this.#once<T>(request, deadline);
        this.#report(request, start, { status: 200, tries });
        return answer;
      } catch (error) {
        const wait = this.#retryDelay(error, request, tries);
        if (wait === undefined || this.#clock.now() + wait >= deadline) {
          this.#report(request, start, { status: error instanceof ApiError ? error.status : 0, tries });
          throw error;
        }
        this.#options.log.debug(
          { verb: request.verb, path: request.path, tries, wait, err: error },
          'Retrying request',
        );
        await sleep(this.#clock, wait, request.signal);
      }
    }
  }

  /**
   * Opens a stream; the answer's headers must arrive within the deadline, its body may last.
   * The caller reads the body to its end or destroys it. Not retried.
   */
  async stream(request: ApiRequest): Promise<Dispatcher.ResponseData['body']> {
    const start = this.#clock.now();
    const opening = new AbortController();
    const signals = request.signal ? [opening.signal, request.signal] : [opening.signal];
    const cancel = this.#clock.after(request.timeoutMs ?? this.#options.timeoutMs, () =>
      opening.abort(deadlinePassed(request)),
    );
    try {
      const response = await this.#send(request, AbortSignal.any(signals), 'streams');
      if (response.statusCode >= 400) throw await this.#refusal(request, response);
      this.#report(request, start, { status: response.statusCode, tries: 1 });
      return response.body;
    } catch (error) {
      this.#report(request, start, { status: error instanceof ApiError ? error.status : 0, tries: 1 });
      throw error;
    } finally {
      cancel();
    }
  }

  async #once<T>(request: ApiRequest, deadline: number): Promise<T> {
    const timeout = new AbortController();
    const cancel = this.#clock.after(deadline - this.#clock.now(), () => timeout.abort(deadlinePassed(request)));
    const signal = request.signal ? AbortSignal.any([timeout.signal, request.signal]) : timeout.signal;
    try {
      const response = await this.#send(request, signal, 'calls');
      if (response.statusCode >= 400) throw await this.#refusal(request, response);
      const text = await response.body.text();
      return (text === '' ? {} : JSON.parse(text)) as T;
    } catch (error) {
      if (error instanceof ApiError || error instanceof WriteBarredError) throw error;
      throw transportError(request, error, signal);
    } finally {
      cancel();
    }
  }

  async #send(request: ApiRequest, signal: AbortSignal, pool: 'calls' | 'streams'): Promise<Dispatcher.ResponseData> {
    signal.throwIfAborted();
    const access = await this.#options.connection.access();
    signal.throwIfAborted();
    // After the last wait: a process that was frozen wakes up in any of them.
    if (request.verb !== 'GET' && this.#options.mayWrite?.() === false)
      throw new WriteBarredError(`${request.verb} ${request.path}: this process does not lead any more`);
    try {
      return await access[pool].request({
        origin: this.#origin,
        path: this.#path(request),
        method: request.verb,
        headers: { ...access.headers, ...this.#headers(request) },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal,
      });
    } catch (error) {
      throw transportError(request, error, signal);
    }
  }

  async #refusal(request: ApiRequest, response: Dispatcher.ResponseData): Promise<ApiError> {
    const error = await apiError(request, response);
    if (isUnauthorized(error)) this.#options.connection.expire();
    return error;
  }

  #path(request: ApiRequest): string {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined && value !== '') query.set(name, String(value));
    }
    return `${this.#prefix}${request.path}${query.size > 0 ? `?${query.toString()}` : ''}`;
  }

  #headers(request: ApiRequest): Record<string, string> {
    const { accept = 'application/json' } = request;
    const headers: Record<string, string> = { accept, 'user-agent': this.#options.userAgent };
    if (request.body !== undefined) headers['content-type'] = request.contentType ?? 'application/json';
    return headers;
  }

  /** Milliseconds until the next try; undefined where there is none. */
  #retryDelay(error: unknown, request: ApiRequest, tries: number): number | undefined {
    if (tries >= (request.tries ?? TRIES)) return undefined;
    if (isUnauthorized(error) && tries === 1) return 0;
    if (!mayRepeat(error, request.repeatable)) return undefined;
    const asked = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
    return Math.max(asked, backoffDelay(RETRY, tries - 1, this.#random));
  }

  #report(request: ApiRequest, start: number, outcome: { status: number; tries: number }): void {
    const seconds = (this.#clock.now() - start) / 1000;
    this.#options.onRequest?.({ verb: request.verb, path: request.path, seconds, ...outcome });
  }
}

function mayRepeat(error: unknown, repeatable: boolean): boolean {
  if (error instanceof ApiError) {
    return error.status === 429 || (repeatable && RETRYABLE_CODES.has(error.status));
  }
  if (!(error instanceof TransportError) || error.code === 'DEADLINE') return false;
  return repeatable || !error.maybeSent;
}

function deadlinePassed(request: ApiRequest): TransportError {
  return new TransportError(`${request.verb} ${request.path}`, { code: 'DEADLINE', maybeSent: true });
}

/** The signal's own reason where it was aborted, else what broke, in our words. */
function transportError(request: ApiRequest, error: unknown, signal: AbortSignal): Error {
  if (signal.aborted) return signal.reason as Error;
  if (error instanceof TransportError) return error;
  const code = codeOf(error);
  const maybeSent = !(isConnecting(error) || CONNECT_CODES.has(code) || isTlsFailure(code));
  return new TransportError(`${request.verb} ${request.path}`, { code, maybeSent, cause: error });
}

function isConnecting(error: unknown): boolean {
  if (error instanceof errors.ConnectTimeoutError) return true;
  return typeof error === 'object' && error !== null && 'syscall' in error && error.syscall === 'connect';
}

function isTlsFailure(code: string): boolean {
  return (
    code.startsWith('ERR_TLS') || code.startsWith('CERT_') || code.endsWith('_CERT') || code.includes('SELF_SIGNED')
  );
}

async function apiError(request: ApiRequest, response: Dispatcher.ResponseData): Promise<ApiError> {
  const text = await response.body.text();
  const seconds = Number(response.headers['retry-after'] ?? NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  return new ApiError(`${request.verb} ${request.path}`, response.statusCode, statusOf(text), retryAfterMs);
}

/** The `Status` object in an error's body; proxies and the server's own guards answer in plain text. */
function statusOf(text: string): ApiStatus {
  try {
    const body = JSON.parse(text) as ApiStatus & { kind?: string };
    if (body.kind === 'Status') return body;
  } catch {
    // Not JSON: the text itself is the message.
  }
  return { message: text.slice(0, 1000).trim() };
}
