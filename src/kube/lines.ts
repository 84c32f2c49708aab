/** Cuts a byte stream into lines, whatever the chunks: half lines and half characters are kept for the next one. */

export class LineSplitter {
  readonly #decoder = new TextDecoder('utf-8');
  #parts: string[] = [];

  /** The lines completed by this chunk, without their ends; empty ones are dropped. */
  push(chunk: Uint8Array): string[] {
    const pieces = this.#decoder.decode(chunk, { stream: true }).split('\n');
    const last = pieces.pop() ?? '';
    const lines: string[] = [];
    for (const piece of pieces) {
      const line = this.#parts.join('') + piece;
      this.#parts = [];
      if (line !== '') lines.push(line);
    }
    if (last !== '') this.#parts.push(last);
    return lines;
  }

  /** Whether the stream so far ends within a line. */
  get incomplete(): boolean {
    return this.#parts.length > 0;
  }
}
