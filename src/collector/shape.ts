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
/** 1 for the bytes that make structure: quote, comma, brackets, braces. */
const MEANT = Uint8Array.from({ length: 256 }, (_, byte) => ('",[]{}'.includes(String.fromCharCode(byte)) ? 1 : 0));

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
    let index = 0;
    while (index < chunk.length) {
      index = this.#inString ? this.#string(chunk, index) : this.#structure(chunk, index);
      if (this.#depth > this.#limits.depth || this.#values > this.#limits.values) return false;
    }
    return true;
  }

  /** Reads to the end of a string; returns where to go on. */
  #string(chunk: Buffer, from: number): number {
    for (let index = from; index < chunk.length; index++) {
      const byte = chunk[index];
      if (this.#escaped) {
        this.#escaped = false;
      } else if (byte === BACKSLASH) {
        this.#escaped = true;
      } else if (byte === QUOTE) {
        this.#inString = false;
        return index + 1;
      }
    }
    return chunk.length;
  }

  /** Reads up to the next thing that counts; returns where to go on. */
  #structure(chunk: Buffer, from: number): number {
    for (let index = from; index < chunk.length; index++) {
      const byte = chunk[index] ?? 0;
      if (MEANT[byte] === 0) continue;
      this.#take(byte);
      return index + 1;
    }
    return chunk.length;
  }

  #take(byte: number): void {
    if (byte === QUOTE) this.#inString = true;
    else if (byte === 0x5d || byte === 0x7d) this.#depth--;
    else this.#values++;
    if (byte === 0x5b || byte === 0x7b) this.#depth++;
  }
}
