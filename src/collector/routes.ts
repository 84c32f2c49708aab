/** The calls an endpoint can make: path, bounds of the body, check, and what the rendezvous makes of it. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Problem, ResultDocument, RetryReply } from '../api/protocol.ts';
import { type ExpectedBody, readJson } from './body.ts';
import { type Check, CheckError } from './check.ts';
import { barrierRequest, problem, registration, resultDocument } from './documents.ts';
import { HttpError, ONE_VERSION } from './http-error.ts';
import type { CollectorLimits } from './limits.ts';
import type { Refused, Rendezvous, Retry } from './rendezvous.ts';
import type { Received } from './room.ts';
import type { Slots } from './slots.ts';
import type { Bearer } from './tokens.ts';

export interface Answer {
  status: number;
  body: object;
}

export interface Context {
  limits: CollectorLimits;
  bodies: Slots;
  rendezvous: Rendezvous;
  /** Aborts when the caller has gone. */
  signal: AbortSignal;
}

type Call = (request: IncomingMessage, bearer: Bearer, context: Context) => Promise<Answer>;

const JSON_DEPTH = 16;
const MAX_STEP = 1_000_000;
const BARRIER = /^\/v1\/barrier\/(0|[1-9][0-9]{0,6})$/;
const pack = promisify(gzip);

const CALLS: Readonly<Record<string, Call>> = {
  '/v1/register': register,
  '/v1/result': result,
  '/v1/problem': report,
};

/** Answers one authenticated call; throws HttpError for what is not to be answered. */
export async function route(request: IncomingMessage, bearer: Bearer, context: Context): Promise<Answer> {
  const path = request.url ?? '';
  if (request.method !== 'POST') throw new HttpError(404, 'NotFound', 'There is no such call.');
  const step = BARRIER.exec(path)?.[1];
  if (step !== undefined && Number(step) <= MAX_STEP) return barrier(request, bearer, context, Number(step));
  const call = Object.hasOwn(CALLS, path) ? CALLS[path] : undefined;
  if (call === undefined) throw new HttpError(404, 'NotFound', 'There is no such call.');
  return call(request, bearer, context);
}

async function register(request: IncomingMessage, bearer: Bearer, context: Context): Promise<Answer> {
  const body = await small(request, { what: 'registration', check: registration }, context);
  const met = await context.rendezvous.register(bearer.trialUid, bearer.endpoint, body, held(context));
  return 'plan' in met ? { status: 200, body: met.plan } : later(met, context);
}

async function barrier(request: IncomingMessage, bearer: Bearer, context: Context, step: number): Promise<Answer> {
  if (!bearer.endpoint.startsWith('client-')) {
    throw new HttpError(400, 'NotAClient', `A server came to a barrier, where only clients meet: ${ONE_VERSION}`);
  }
  const { pairs } = await small(request, { what: 'call to a barrier', check: barrierRequest }, context);
  const met = await context.rendezvous.barrier(bearer.trialUid, bearer.endpoint, { step, pairs }, held(context));
  return 'start' in met ? { status: 200, body: met.start } : later(met, context);
}

async function report(request: IncomingMessage, bearer: Bearer, context: Context): Promise<Answer> {
  const fault: Problem = await small(request, { what: 'report of a problem', check: problem }, context);
  context.rendezvous.fault(bearer.trialUid, bearer.endpoint, fault);
  return { status: 200, body: {} };
}

async function result(request: IncomingMessage, bearer: Bearer, context: Context): Promise<Answer> {
  const given = await received(request, context);
  const taken = await context.rendezvous.result(bearer.trialUid, bearer.endpoint, given, held(context));
  if ('stored' in taken) return { status: 200, body: taken.stored };
  if ('conflict' in taken) return { status: 409, body: taken.conflict };
  return later(taken, context);
}

/** Reads a result. A few at once: one may take hundreds of megabytes before it turns out to be rubbish. */
async function received(request: IncomingMessage, context: Context): Promise<Received> {
  const { limits } = context;
  const expected = {
    what: 'result document',
    check: resultDocument,
    sent: limits.resultBytes,
    unpacked: limits.resultUnpackedBytes,
    values: limits.resultValues,
    depth: JSON_DEPTH,
  };
  const done = await context.bodies.acquire(context.signal);
  try {
    const document: ResultDocument = await checked(request, expected, context);
    const text = JSON.stringify(document);
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    return { document, digest, gzip: await pack(text) };
  } finally {
    done();
  }
}

interface Named<T> {
  what: string;
  check: Check<T>;
}

function small<T>(request: IncomingMessage, { what, check }: Named<T>, context: Context): Promise<T> {
  const { smallBytes } = context.limits;
  const bounds = { sent: smallBytes, unpacked: smallBytes, values: 1000, depth: JSON_DEPTH };
  return checked(request, { what, check, ...bounds }, context);
}

async function checked<T>(
  request: IncomingMessage,
  expected: Named<T> & ExpectedBody,
  { limits, signal }: Context,
): Promise<T> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(limits.requestMs)]);
  const value = await readJson(request, expected, inTime);
  try {
    return expected.check(value, '');
  } catch (error) {
    if (!(error instanceof CheckError)) throw error;
    const message = `The ${expected.what} is not as it must be: ${error.message}: ${ONE_VERSION}`;
    throw new HttpError(400, 'MalformedBody', message, { cause: error });
  }
}

/** Aborts when a call has been held for as long as it may, or the caller has gone. */
function held({ signal, limits }: Context): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(limits.holdMs)]);
}

function later(answer: Retry | Refused, { limits }: Context): Answer {
  if ('refusal' in answer) return { status: 410, body: answer.refusal };
  const body: RetryReply = { retryAfterSeconds: limits.retryAfterSeconds };
  return { status: 202, body };
}
