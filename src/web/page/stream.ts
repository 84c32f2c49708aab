/**
 * One open page: everything once, then what changed, as server-sent events. A reader that is slow gets less often what is
 * newest, never a queue; what is sent is checked against the caller's rights at the time.
 */
import type { ServerResponse } from 'node:http';
import type { Logger } from '../../log.ts';
import type { Board } from './board.ts';
import type { Caller } from './gate.ts';
import { Problem } from './problem.ts';
import type { PageKind } from './source.ts';
import { type Lines, namespaceOf, visibleLines } from './visible.ts';

export interface StreamOptions {
  response: ServerResponse;
  caller: Caller;
  board: Board;
  /** Only this namespace; empty: all that the caller may see. */
  namespace: string;
  log: Logger;
  /** Milliseconds between two messages, and between signs of life. */
  everyMs: number;
  heartbeatMs: number;
}

type Keys = Record<PageKind, Set<string>>;

export class Stream {
  readonly #options: StreamOptions;
  readonly #pending: Keys = { Experiment: new Set(), Testbed: new Set() };
  /** What the reader has on the screen. */
  readonly #known: Keys = { Experiment: new Set(), Testbed: new Set() };
  readonly #unwatch: () => void;
  readonly #heartbeat: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  /** A message is being made, or the last one has not left yet. */
  #busy = true;
  #ended = false;
  #silentBeats = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#unwatch = options.board.watch((kind, key) => this.#changed(kind, key));
    this.#heartbeat = setInterval(() => this.#beat(), options.heartbeatMs);
    options.response.once('close', () => this.#close());
  }

  /** Sends everything; from then on what changes. */
  async start(): Promise<void> {
    const { board, response } = this.#options;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
    for (const kind of ['Experiment', 'Testbed'] as const)
      for (const key of board.keys(kind)) if (this.#isAsked(key)) this.#pending[kind].add(key);
    await this.#send('snapshot');
  }

  /** Tells the reader why, and ends. */
  end(problem: Problem): void {
    if (this.#ended) return;
    const { status, reason, message } = problem;
    this.#options.response.end(event('end', { status, reason, message }));
    this.#close();
  }

  #isAsked(key: string): boolean {
    const { namespace } = this.#options;
    return namespace === '' || namespaceOf(key) === namespace;
  }

  #changed(kind: PageKind, key: string): void {
    if (!this.#isAsked(key)) return;
    this.#pending[kind].add(key);
    this.#schedule();
  }

  #schedule(): void {
    const { size } = this.#pending.Experiment;
    if (this.#busy || this.#ended || size + this.#pending.Testbed.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#send('change');
    }, this.#options.everyMs);
  }

  async #send(name: 'snapshot' | 'change'): Promise<void> {
    this.#busy = true;
    const { board, caller, log } = this.#options;
    const keys = { Experiment: [...this.#pending.Experiment], Testbed: [...this.#pending.Testbed] };
    for (const pending of Object.values(this.#pending)) pending.clear();
    try {
      await caller.verify();
      const lines = await visibleLines(board, caller, keys);
      const gone = { experiments: this.#note('Experiment', keys, lines), testbeds: this.#note('Testbed', keys, lines) };
      const isEmpty = [lines.experiments, lines.testbeds, gone.experiments, gone.testbeds].every((l) => l.length === 0);
      if (name === 'snapshot' || !isEmpty) this.#write(event(name, { ...lines, gone, user: caller.name }));
      else this.#free();
    } catch (error) {
      if (!(error instanceof Problem)) log.error({ err: error }, 'Ending a stream of the page after a failure');
      this.end(error instanceof Problem ? error : new Problem(500, 'InternalError', 'See the log of the operator'));
    }
  }

  /** Keeps what is shown now. @returns what was shown and is not any more. */
  #note(kind: PageKind, keys: Record<PageKind, string[]>, lines: Lines): string[] {
    const known = this.#known[kind];
    const shown = new Set((kind === 'Experiment' ? lines.experiments : lines.testbeds).map(({ key }) => key));
    const gone = keys[kind].filter((key) => known.has(key) && !shown.has(key));
    for (const key of gone) known.delete(key);
    for (const key of shown) known.add(key);
    return gone;
  }

  #write(text: string): void {
    if (this.#ended) return;
    this.#silentBeats = 0;
    if (this.#options.response.write(text)) this.#free();
    else this.#options.response.once('drain', () => this.#free());
  }

  #free(): void {
    this.#busy = false;
    this.#schedule();
  }

  /** Tells proxies and the reader that we live; one that took nothing for four beats is gone. */
  #beat(): void {
    if (this.#options.response.writableNeedDrain) {
      if (++this.#silentBeats >= 4) this.#options.response.destroy();
    } else this.#options.response.write(': beat\n\n');
  }

  #close(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#timer);
    this.#unwatch();
  }
}

const event = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
