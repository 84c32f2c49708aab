/** A binary min-heap of values with a due time. */

interface Entry<T> {
  at: number;
  value: T;
}

export class Heap<T> {
  readonly #entries: Entry<T>[] = [];

  get size(): number {
    return this.#entries.length;
  }

  peek(): Entry<T> | undefined {
    return this.#entries[0];
  }

  push(at: number, value: T): void {
    const entries = this.#entries;
    let index = entries.push({ at, value }) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#at(parent) <= this.#at(index)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  pop(): Entry<T> | undefined {
    const top = this.#entries[0];
    const last = this.#entries.pop();
    if (last === undefined || top === last) return top;
    this.#entries[0] = last;
    this.#sink(0);
    return top;
  }

  #sink(from: number): void {
    let index = from;
    for (;;) {
      const left = 2 * index + 1;
      const child = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (this.#at(child) >= this.#at(index)) return;
      this.#swap(index, child);
      index = child;
    }
  }

  #at(index: number): number {
    return this.#entries[index]?.at ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#entries[a], this.#entries[b]];
    if (!first || !second) return;
    this.#entries[a] = second;
    this.#entries[b] = first;
  }
}
