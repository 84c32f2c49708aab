/**
 * A guard before JSON.parse: 64 MiB of `[[[[` or `{},{},` would become gigabytes of objects. It reads a document's
 * bytes as they arrive and refuses those that nest too deep or hold too many values; strings may be long.
 */

export interface ShapeLimits {
  /** Nested objects and arrays. */
  depth: number;
  /** Objects, arrays and separators in all. */
  values: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

export class ShapeGuard {
  readonly #limits: ShapeLimits;
  #inString = false;
  #escaped = false;
  #depth = 0;
  #values = 0;

  constructor(limits: ShapeLimits) {
    this.#limits = limits;
  }

  /** Reads on; false once a limit is passed. Text that is not JSON is left for the parser to refuse. */
  accepts(chunk: Buffer): boolean {
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index] ?? 0;
      if (this.#inString) this.#string(byte);
      else this.#structure(byte);
      if (this.#depth > this.#limits.depth || this.#values > this.#limits.values) return false;
    }
    return true;
  }

  #string(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  #structure(byte: number): void {
    if (byte === QUOTE) {
      this.#inString = true;
    } else if (byte === COMMA) {
      this.#values++;
    } else if (byte === 0x5b || byte === 0x7b) {
      this.#depth++;
      this.#values++;
    } else if (byte === 0x5d || byte === 0x7d) {
      this.#depth--;
    }
  }
}
