/** What the page knows: kept by the stream, told to whoever shows it. */
import type { ExperimentLine, TestbedLine } from '../view.ts';
import { needsToken, readStream, Refusal, token } from './api.ts';

interface Message {
  user: string;
  experiments: ExperimentLine[];
  testbeds: TestbedLine[];
  gone: { experiments: string[]; testbeds: string[] };
  partial: boolean;
}

export type Link = 'SignedOut' | 'Connecting' | 'Live' | 'Lost';

const RETRY_MS = 2000;

export class Model {
  readonly experiments = new Map<string, ExperimentLine>();
  readonly testbeds = new Map<string, TestbedLine>();
  user = '';
  partial = false;
  link: Link = 'Connecting';
  /** Why there is no link. */
  problem = '';
  /** The first snapshot has come. */
  isFilled = false;
  #run = new AbortController();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Follows the operator, again and again, until `stop`. */
  async start(namespace: string): Promise<void> {
    this.#run.abort();
    this.#run = new AbortController();
    const { signal } = this.#run;
    const path = `/api/v1/stream${namespace === '' ? '' : `?namespace=${encodeURIComponent(namespace)}`}`;
    while (!signal.aborted) {
      if (needsToken && token.get() === '') return this.#become('SignedOut', this.problem);
      if (this.link !== 'Lost') this.#become('Connecting', '');
      try {
        await readStream(path, (name, data) => this.#take(name, data), signal);
        this.#become('Lost', this.problem === '' ? 'The operator ended the connection' : this.problem);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refusal && error.status === 401) return this.signOut(error.message);
        this.#become('Lost', error instanceof Refusal ? error.message : 'The operator does not answer');
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * (0.75 + Math.random() / 2)));
    }
  }

  signOut(problem = ''): void {
    token.drop();
    this.#run.abort();
    this.experiments.clear();
    this.testbeds.clear();
    this.isFilled = false;
    this.user = '';
    this.#become('SignedOut', problem);
  }

  #take(name: string, data: unknown): void {
    if (name === 'end') {
      const { status, message } = data as { status: number; message: string };
      if (status === 401) return this.signOut(message);
      this.problem = message;
      return;
    }
    const { user, experiments, testbeds, gone, partial } = data as Message;
    if (name === 'snapshot') {
      this.experiments.clear();
      this.testbeds.clear();
      this.partial = partial;
      if (!this.isFilled) performance.measure('filled');
      this.isFilled = true;
    }
    for (const line of experiments) this.experiments.set(line.key, line);
    for (const line of testbeds) this.testbeds.set(line.key, line);
    for (const key of gone.experiments) this.experiments.delete(key);
    for (const key of gone.testbeds) this.testbeds.delete(key);
    this.user = user;
    this.#become('Live', '');
  }

  #become(link: Link, problem: string): void {
    this.link = link;
    this.problem = problem;
    this.#onChange();
  }
}
