/** Whether the API server still answers, asked now and then while a command waits. */
import type { KubeClient } from '../kube/index.ts';
import { sentenceOf } from './errors.ts';

const EVERY_MS = 10_000;
const AGAIN_MS = 1_000;
const DEADLINE_MS = 5_000;

export interface Lost {
  /** Since when nothing was answered, in milliseconds since the epoch. */
  since: number;
  sentence: string;
}

export class Access {
  readonly #client: KubeClient;
  #answered = Date.now();
  #lost: Lost | null = null;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** Null while it answers. */
  get lost(): Lost | null {
    return this.#lost;
  }

  /** Asks until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#ask(signal);
      await pause(this.#lost === null ? EVERY_MS : AGAIN_MS, signal);
    }
  }

  async #ask(signal: AbortSignal): Promise<void> {
    try {
      await this.#client.getPath('/version', { signal, tries: 2, timeoutMs: DEADLINE_MS });
      this.#answered = Date.now();
      this.#lost = null;
    } catch (error) {
      if (signal.aborted) return;
      this.#lost = { since: this.#answered, sentence: sentenceOf(error, this.#client.server) };
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
