/**
 * Who may see what. `Token`: a bearer token is shown to the API server (TokenReview), and each namespace asked for
 * (SubjectAccessReview); its word counts for ten seconds. `AnonymousLoopback`: whoever reaches the loopback address.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Answers } from './answers.ts';
import { Problem } from './problem.ts';
import type { AccessQuestion, Reviewer, User } from './source.ts';

export type PageAccess = 'Token' | 'AnonymousLoopback';

/** How long the API server's word counts. */
const TTL_MS = 10_000;
const MOST_ANSWERS = 4096;
/** Tokens of service accounts are about 1 kB long; no sane one is longer than that. */
const LONGEST_TOKEN = 16_384;
/** Bad tokens of one address within WINDOW_MS that are still shown to the API server. */
const MOST_BAD = 20;
const WINDOW_MS = 10_000;
const MOST_ADDRESSES = 1024;

/** One who calls. */
export interface Caller {
  readonly name: string;
  /** Whether the credentials are still good. @throws Problem where not. */
  verify(): Promise<void>;
  /** In all namespaces, or in that one. @throws Problem where the API server gives no answer. */
  may(question: AccessQuestion): Promise<boolean>;
}

export interface GateOptions {
  access: PageAccess;
  reviewer: Reviewer;
  now?: () => number;
}

export class Gate {
  readonly #options: GateOptions;
  readonly #users: Answers<User | null>;
  readonly #rights: Answers<boolean>;
  readonly #now: () => number;
  readonly #bad = new Map<string, { count: number; since: number }>();

  constructor(options: GateOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#users = new Answers(TTL_MS, MOST_ANSWERS, this.#now);
    this.#rights = new Answers(TTL_MS, MOST_ANSWERS, this.#now);
  }

  /** @throws Problem 401, 403, 429, 503. */
  async admit(request: IncomingMessage): Promise<Caller> {
    if (this.#options.access === 'AnonymousLoopback') {
      refuseRebinding(request);
      return ANYBODY;
    }
    const token = tokenOf(request);
    const address = request.socket.remoteAddress ?? '';
    const user = await this.#user(token, address);
    return {
      name: user.username,
      verify: async () => void (await this.#user(token, address)),
      may: (question) => this.#may(user, question),
    };
  }

  async #user(token: string, address: string): Promise<User> {
    const digest = createHash('sha256').update(token).digest('base64');
    const { reviewer } = this.#options;
    const user = await this.#users.of(digest, () => {
      this.#refuseGuessing(address);
      return asked(reviewer.authenticate(token));
    });
    if (user !== null) return user;
    this.#countBad(address);
    throw new Problem(401, 'Unauthorized', 'The token is not good any more, or not for this cluster: sign in again');
  }

  async #may(user: User, question: AccessQuestion): Promise<boolean> {
    const ask = (namespace: string): Promise<boolean> => {
      const where = { ...question, namespace };
      const key = JSON.stringify([user, where.verb, where.resource, namespace]);
      return this.#rights.of(key, () => asked(this.#options.reviewer.may(user, where)));
    };
    return (await ask('')) || (question.namespace !== '' && (await ask(question.namespace)));
  }

  #refuseGuessing(address: string): void {
    const bad = this.#bad.get(address);
    if (bad === undefined || this.#now() - bad.since >= WINDOW_MS || bad.count < MOST_BAD) return;
    throw new Problem(429, 'TooManyRequests', 'Too many bad tokens came from this address: wait ten seconds', 10);
  }

  #countBad(address: string): void {
    const known = this.#bad.get(address);
    const isOver = known === undefined || this.#now() - known.since >= WINDOW_MS;
    this.#bad.delete(address);
    this.#bad.set(address, isOver ? { count: 1, since: this.#now() } : { ...known, count: known.count + 1 });
    for (const oldest of this.#bad.keys()) {
      if (this.#bad.size <= MOST_ADDRESSES) return;
      this.#bad.delete(oldest);
    }
  }
}

const ANYBODY: Caller = { name: '', verify: () => Promise.resolve(), may: () => Promise.resolve(true) };

function tokenOf({ headers }: IncomingMessage): string {
  const match = /^Bearer ([\x21-\x7e]+)$/.exec(headers.authorization ?? '');
  const token = match?.[1] ?? '';
  if (token === '' || token.length > LONGEST_TOKEN)
    throw new Problem(401, 'Unauthorized', 'Sign in with a bearer token of this cluster');
  return token;
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(503, 'ReviewFailed', 'The API server cannot be asked who you are and what you may see', 5);
  }
}

/**
 * A page of another site may have its name resolve to 127.0.0.1 (DNS rebinding): the browser then takes us for a part of
 * that site. What it cannot do is to send our name as its own.
 */
function refuseRebinding({ headers }: IncomingMessage): void {
  const host = headers.host ?? '';
  const isOurs = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host);
  const isForeign = headers.origin !== undefined && headers.origin !== `http://${host}`;
  const site = headers['sec-fetch-site'];
  if (isOurs && !isForeign && (site === undefined || site === 'same-origin' || site === 'none')) return;
  throw new Problem(403, 'WrongHost', 'Without a token the page is served under the loopback address only');
}
