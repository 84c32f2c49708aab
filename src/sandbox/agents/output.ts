/** The last lines that each endpoint printed, for tests and for people: there is no kubelet to ask for logs. */

const LINES = 500;
const OBJECTS = 200;

export class Output {
  readonly #lines = new Map<string, string[]>();

  /** Appends a line of a pod or VMI (`namespace/name`). */
  add(key: string, line: string): void {
    const lines = this.#lines.get(key) ?? [];
    lines.push(line);
    if (lines.length > LINES) lines.shift();
    this.#lines.delete(key);
    this.#lines.set(key, lines);
    const oldest = this.#lines.keys().next();
    if (this.#lines.size > OBJECTS && oldest.done !== true) this.#lines.delete(oldest.value);
  }

  of(key: string): string[] {
    return [...(this.#lines.get(key) ?? [])];
  }
}
