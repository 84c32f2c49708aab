/** Whether a list is asked for although the watch goes on, and who waits for it. */
export class Refreshes {
  #asked = 0;
  #listed = 0;
  #interrupt = new AbortController();
  #waiting: { number: number; done: PromiseWithResolvers<void> }[] = [];

  /** Resolves when a list that begins from now on has ended; the watch under way is interrupted for it. */
  ask(): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ number: ++this.#asked, done });
    this.#interrupt.abort();
    return done.promise;
  }

  get isDue(): boolean {
    return this.#listed < this.#asked;
  }

  /** To be called before a list; its result when that has ended. */
  begin(): () => void {
    const number = this.#asked;
    return () => {
      this.#listed = number;
      this.#settle(({ done }) => done.resolve(), number);
    };
  }

  /** Of the next watch: aborts when a list is asked for. */
  interruption(): AbortSignal {
    this.#interrupt = new AbortController();
    if (this.isDue) this.#interrupt.abort();
    return this.#interrupt.signal;
  }

  /** No list comes any more. */
  fail(reason: Error): void {
    this.#settle(({ done }) => done.reject(reason), Infinity);
  }

  #settle(tell: (one: { done: PromiseWithResolvers<void> }) => void, upTo: number): void {
    const settled = this.#waiting.filter(({ number }) => number <= upTo);
    this.#waiting = this.#waiting.filter(({ number }) => number > upTo);
    settled.forEach(tell);
  }
}
