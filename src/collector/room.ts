/** One Trial's corner of the rendezvous: its state, and those who wait for it to change. */
import type { EndpointName, Refusal, ResultDocument, TrialPlan } from '../api/protocol.ts';
import type { EndpointView } from './rendezvous.ts';

/** A checked result: the document, its JSON text packed, and the text's digest. */
export interface Received {
  document: ResultDocument;
  digest: string;
  gzip: Buffer;
}

const NOTHING: EndpointView = { registration: null, result: null, resultDigest: null, resultGzip: null, fault: null };

export class Room {
  readonly endpoints = new Map<EndpointName, EndpointView>();
  plan: TrialPlan | null = null;
  acknowledged = false;
  refusal: Refusal | null = null;
  /** When each barrier opened, milliseconds since the epoch, by step. */
  readonly opened = new Map<number, number>();
  readonly #steps = new Map<EndpointName, number>();
  readonly #waiting = new Set<() => void>();

  endpoint(name: EndpointName): EndpointView {
    return this.endpoints.get(name) ?? NOTHING;
  }

  /** Replaces, never edits, an endpoint's view: who read the old one keeps a consistent one. */
  change(name: EndpointName, change: Partial<EndpointView>): void {
    this.endpoints.set(name, { ...this.endpoint(name), ...change });
  }

  /** Notes a client at a step, and opens the step that all of `pairs` clients have come to; true where one opens. */
  arrive(client: EndpointName, step: number, pairs: number, now: number): boolean {
    this.#steps.set(client, Math.max(step, this.#steps.get(client) ?? -1));
    let reached = Infinity;
    for (let pair = 0; pair < pairs; pair++) reached = Math.min(reached, this.#steps.get(`client-${pair}`) ?? -1);
    if (reached < 0 || this.opened.has(reached)) return false;
    this.opened.set(reached, now);
    return true;
  }

  /** Lets all who wait look again. */
  wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }

  /** The first thing that `look` sees, now or after a change; `otherwise` when `signal` aborts first. */
  async until<T>(look: () => T | null, signal: AbortSignal, otherwise: T): Promise<T> {
    for (;;) {
      const seen = look();
      if (seen !== null) return seen;
      if (signal.aborted) return otherwise;
      await this.#change(signal);
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const resume = (): void => {
        signal.removeEventListener('abort', resume);
        this.#waiting.delete(resume);
        resolve();
      };
      this.#waiting.add(resume);
      signal.addEventListener('abort', resume, { once: true });
    });
  }
}
