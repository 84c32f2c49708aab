/** One watch request as a sequence of events. */
import { systemClock, type Clock } from './clock.ts';
import { ApiError, codeOf, TransportError, type ApiStatus } from './errors.ts';
import { LineSplitter } from './lines.ts';
import type { KubeObject } from './object.ts';
import type { ApiRequest, Transport } from './transport.ts';

export type WatchEvent =
  { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: KubeObject } | { type: 'ERROR'; object: ApiStatus };

export interface WatchLimits {
  signal: AbortSignal;
  /** Fails after so many milliseconds without a byte; undefined: never. */
  idleTimeoutMs?: number | undefined;
  clock?: Clock;
}

/**
 * Yields events until the server ends the answer or the signal is aborted.
 * @throws ApiError where the watch is refused; TransportError where it breaks, falls silent or holds no JSON.
 */
export async function* watchEvents(
  transport: Transport,
  request: ApiRequest,
  limits: WatchLimits,
): AsyncGenerator<WatchEvent, void, undefined> {
  const what = `WATCH ${request.path}`;
  const silence = new SilenceAlarm(what, limits.idleTimeoutMs, limits.clock ?? systemClock);
  const signal = AbortSignal.any([limits.signal, silence.signal]);
  try {
    const body = await transport.stream({ ...request, signal });
    const lines = new LineSplitter();
    silence.restart();
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      silence.restart();
      for (const line of lines.push(chunk)) yield parseEvent(what, line);
    }
    if (lines.incomplete) throw new TransportError(what, { code: 'HALF_LINE', maybeSent: true });
  } catch (error) {
    if (limits.signal.aborted) return;
    throw asWatchError(what, error, signal);
  } finally {
    silence.stop();
  }
}

function parseEvent(what: string, line: string): WatchEvent {
  try {
    return JSON.parse(line) as WatchEvent;
  } catch (error) {
    throw new TransportError(what, { code: 'BAD_JSON', maybeSent: true, cause: error });
  }
}

function asWatchError(what: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof ApiError || error instanceof TransportError) return error;
  return new TransportError(what, { code: codeOf(error), maybeSent: true, cause: error });
}

/** Aborts its signal when it was not restarted in time. */
class SilenceAlarm {
  readonly #controller = new AbortController();
  readonly #what: string;
  readonly #ms: number | undefined;
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;
  #heardAt = 0;

  constructor(what: string, ms: number | undefined, clock: Clock) {
    this.#what = what;
    this.#ms = ms;
    this.#clock = clock;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  restart(): void {
    this.#heardAt = this.#clock.now();
    if (this.#ms !== undefined && !this.#cancel) this.#arm(this.#ms);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(ms: number): void {
    this.#cancel = this.#clock.after(ms, () => this.#check());
  }

  /** One timer for many chunks: it is set again only when it runs out. */
  #check(): void {
    const left = this.#heardAt + (this.#ms ?? Infinity) - this.#clock.now();
    if (left > 0) return this.#arm(left);
    this.#controller.abort(new TransportError(this.#what, { code: 'SILENT', maybeSent: true }));
  }
}
