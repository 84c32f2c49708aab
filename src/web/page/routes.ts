/** What is answered at which path. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../log.ts';
import { Board } from './board.ts';
import { experimentDetail, testbedDetail } from './detail.ts';
import { PAGE_HEADERS, pageDocument } from './document.ts';
import { type Caller, Gate, type PageAccess } from './gate.ts';
import { notFound, Problem } from './problem.ts';
import { Reports } from './reports.ts';
import type { AccessQuestion, PageSource, Reviewer } from './source.ts';
import { Stream } from './stream.ts';
import { asSeenBy, namespaceOf } from './visible.ts';

export interface RoutesOptions {
  access: PageAccess;
  source: PageSource;
  reviewer: Reviewer;
  log: Logger;
  now?: () => number;
  /** Streams open at once. */
  mostStreams?: number;
  /** Milliseconds between two messages of a stream, and between signs of life. */
  everyMs?: number;
  heartbeatMs?: number;
}

export interface Route {
  /** Of a fixed set. */
  route: string;
  run: (response: ServerResponse) => Promise<void>;
}

const NAME = '([a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?)';
const EXPERIMENT = new RegExp(`^/api/v1/experiments/${NAME}/${NAME}(/report)?$`);
const TESTBED = new RegExp(`^/api/v1/testbeds/${NAME}/${NAME}$`);
const NAMESPACE = new RegExp(`^${NAME}$`);

export class Routes {
  readonly #options: RoutesOptions;
  readonly #gate: Gate;
  readonly #board: Board;
  readonly #reports: Reports;
  readonly #streams = new Set<Stream>();

  constructor(options: RoutesOptions) {
    this.#options = options;
    const { now = Date.now } = options;
    this.#gate = new Gate({ access: options.access, reviewer: options.reviewer, now });
    this.#board = new Board(options.source, now);
    this.#reports = new Reports(options.source);
  }

  get streams(): number {
    return this.#streams.size;
  }

  /** Ends all streams. */
  end(problem: Problem): void {
    for (const stream of this.#streams) stream.end(problem);
  }

  find(request: IncomingMessage): Route {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    if (request.method !== 'GET')
      return { route: 'other', run: () => fail(405, 'MethodNotAllowed', 'The page reads only: GET') };
    if (path === '/') return { route: 'page', run: async (response) => this.#page(response) };
    if (path === '/api/v1/stream')
      return { route: 'stream', run: (response) => this.#stream(request, response, new URLSearchParams(query)) };
    const [, namespace = '', name = '', report] = EXPERIMENT.exec(path) ?? TESTBED.exec(path) ?? [];
    const key = `${namespace}/${name}`;
    if (TESTBED.test(path)) return { route: 'testbed', run: (response) => this.#testbed(request, response, key) };
    if (name === '') return { route: 'other', run: () => fail(404, 'NotFound', 'Nothing is here: try /') };
    return report === undefined
      ? { route: 'experiment', run: (response) => this.#experiment(request, response, key) }
      : { route: 'report', run: (response) => this.#report(request, response, key) };
  }

  #page(response: ServerResponse): void {
    response.writeHead(200, PAGE_HEADERS).end(pageDocument(this.#options.access));
  }

  async #stream(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): Promise<void> {
    const caller = await this.#gate.admit(request);
    const { mostStreams = 64, everyMs = 500, heartbeatMs = 15_000, log } = this.#options;
    const namespace = query.get('namespace') ?? '';
    if (namespace !== '' && !NAMESPACE.test(namespace))
      throw new Problem(400, 'BadNamespace', 'namespace: want the name of one');
    if (this.#streams.size >= mostStreams)
      throw new Problem(503, 'TooManyReaders', `${mostStreams} pages are open at this operator: close one`, 10);
    if (response.destroyed) return;
    const stream = new Stream({ response, caller, board: this.#board, namespace, log, everyMs, heartbeatMs });
    this.#streams.add(stream);
    response.once('close', () => this.#streams.delete(stream));
    await stream.start();
  }

  async #experiment(request: IncomingMessage, response: ServerResponse, key: string): Promise<void> {
    const caller = await this.#gate.admit(request);
    await demand(caller, { verb: 'get', resource: 'experiments' }, key);
    const mayTrials = await caller.may({ verb: 'list', resource: 'trials', namespace: namespaceOf(key) });
    const experiment = this.#options.source.experiment(key);
    const line = this.#board.experiment(key);
    if (experiment === undefined || line === null) throw notFound(`Experiment ${key}`);
    const trials = mayTrials ? this.#options.source.trials(experiment.metadata.uid ?? '') : [];
    json(response, experimentDetail(experiment, await asSeenBy(caller, line), trials));
  }

  async #report(request: IncomingMessage, response: ServerResponse, key: string): Promise<void> {
    const caller = await this.#gate.admit(request);
    await demand(caller, { verb: 'get', resource: 'experiments' }, key);
    await demand(caller, { verb: 'list', resource: 'trials' }, key);
    const experiment = this.#options.source.experiment(key);
    if (experiment === undefined) throw notFound(`Experiment ${key}`);
    const html = await this.#reports.html(experiment);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
  }

  async #testbed(request: IncomingMessage, response: ServerResponse, key: string): Promise<void> {
    const caller = await this.#gate.admit(request);
    await demand(caller, { verb: 'get', resource: 'testbeds' }, key);
    const testbed = this.#options.source.testbed(key);
    const line = this.#board.testbed(key);
    if (testbed === undefined || line === null) throw notFound(`Testbed ${key}`);
    json(response, testbedDetail(testbed, line));
  }
}

function fail(...args: ConstructorParameters<typeof Problem>): Promise<never> {
  return Promise.reject(new Problem(...args));
}

/** The same words whether or not there is such an object. */
async function demand(caller: Caller, what: Omit<AccessQuestion, 'namespace'>, key: string): Promise<void> {
  const namespace = namespaceOf(key);
  if (await caller.may({ ...what, namespace })) return;
  const { verb, resource } = what;
  throw new Problem(
    403,
    'Forbidden',
    `${caller.name} may not ${verb} ${resource} in namespace ${namespace}: bind a role such as view there`,
  );
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}
