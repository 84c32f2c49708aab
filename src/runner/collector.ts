/** Calls to the collector: TLS, long-polls, retries with growing pauses, an end when it stays away for too long. */
import { gzipSync } from 'node:zlib';
import type {
  BarrierReply,
  BarrierRequest,
  EndpointConfig,
  Problem,
  Refusal,
  Registration,
  ResultDocument,
  ResultReply,
  RetryReply,
  TrialPlan,
} from '../api/protocol.ts';
import { EndpointError, RefusedError, UnreachableError } from './failure.ts';
import { post, type Reply } from './post.ts';
import { pause } from './wait.ts';

/** How long a collector that does not answer is called again: an operator restarts within minutes. */
const PATIENCE_MS = 10 * 60_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** Between two calls of a long-poll, at least: a collector that does not hold calls is not hammered. */
const POLL_PAUSE_MS = 20;
const RETRIED: ReadonlySet<number> = new Set([408, 425, 429]);

export class CollectorClient {
  readonly #config: EndpointConfig;
  readonly #signal: AbortSignal;
  readonly #patienceMs: number;

  constructor(config: EndpointConfig, signal: AbortSignal, patienceMs = PATIENCE_MS) {
    this.#config = config;
    this.#signal = signal;
    this.#patienceMs = patienceMs;
  }

  /** Tells what this endpoint is; resolves to the plan once all endpoints of the Trial are there. */
  async register(registration: Registration): Promise<TrialPlan> {
    const reply = await this.#call('/v1/register', plain(registration), this.#patienceMs);
    return reply.body as TrialPlan;
  }

  /** Waits for the other clients at `step`; throws EndpointError `BarrierTimeout` when they do not come in time. */
  async barrier(step: number, pairs: number, timeoutMs: number): Promise<BarrierReply> {
    const request: BarrierRequest = { pairs };
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const reply = await this.#call(`/v1/barrier/${step}`, plain(request), this.#patienceMs, limit);
      return reply.body as BarrierReply;
    } catch (error) {
      if (!limit.aborted || this.#signal.aborted) throw error;
      const message = `The other clients did not come to step ${step} within ${timeoutMs / 1000} s`;
      throw new EndpointError('BarrierTimeout', message, { cause: error });
    }
  }

  /** Hands in the results until they are acknowledged. */
  async result(document: ResultDocument): Promise<ResultReply> {
    const body = { bytes: gzipSync(JSON.stringify(document)), encoding: 'gzip' };
    const reply = await this.#call('/v1/result', body, this.#patienceMs);
    return reply.body as ResultReply;
  }

  /** Tells why this endpoint cannot even register. */
  async problem(problem: Problem, patienceMs: number): Promise<void> {
    await this.#call('/v1/problem', plain(problem), patienceMs);
  }

  async #call(path: string, body: Body, patienceMs: number, limit?: AbortSignal): Promise<Reply> {
    const signal = limit === undefined ? this.#signal : AbortSignal.any([this.#signal, limit]);
    let answered = Date.now();
    let rest = FIRST_PAUSE_MS;
    for (;;) {
      const reply = await post(this.#config, path, body, signal).catch((error: unknown) => asError(error));
      signal.throwIfAborted();
      if (!(reply instanceof Error) && isAnswer(reply)) {
        if (reply.status === 200) return reply;
        if (reply.status !== 202) throw new RefusedError(refusalOf(reply));
        [answered, rest] = [Date.now(), FIRST_PAUSE_MS];
        await pause(Math.max(POLL_PAUSE_MS, retryMs(reply)), signal);
        continue;
      }
      if (Date.now() - answered > patienceMs) throw unreachable(path, patienceMs, reply);
      await pause(rest * (0.5 + Math.random()), signal);
      rest = Math.min(rest * 2, LONGEST_PAUSE_MS);
    }
  }
}

interface Body {
  bytes: Buffer;
  encoding: string;
}

const plain = (value: object): Body => ({ bytes: Buffer.from(JSON.stringify(value)), encoding: 'identity' });

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** A failing or busy collector has not answered. */
const isAnswer = ({ status }: Reply): boolean => status < 500 && !RETRIED.has(status);

function retryMs({ body }: Reply): number {
  const seconds = (body as Partial<RetryReply>).retryAfterSeconds ?? 0;
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0) * 1000, LONGEST_PAUSE_MS) : 0;
}

function refusalOf({ status, body }: Reply): Refusal {
  const { reason = `Status${status}`, message = '', final = true } = body as Partial<Refusal>;
  return { reason, message, final };
}

function unreachable(path: string, patienceMs: number, last: Reply | Error): UnreachableError {
  const why = last instanceof Error ? last.message : `status ${last.status}`;
  return new UnreachableError(`No answer to ${path} for ${patienceMs / 1000} s; last: ${why}`);
}
