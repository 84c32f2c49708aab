/**
 * Metrics in memory: families of series, each with the values of the family's labels. The number of series is bounded:
 * whoever comes later is counted under `other`, so that no name that a user chooses fills the memory of who scrapes.
 */
import { line, type Labels } from './text.ts';

export type Kind = 'counter' | 'gauge' | 'histogram';

export interface FamilyOptions {
  name: string;
  help: string;
  labels?: readonly string[];
  /** Series at most, those of `other` aside. */
  most?: number;
}

const MOST_SERIES = 500;
const OTHER = 'other';

/** Series by the values of their labels. */
export abstract class Family<T> {
  readonly name: string;
  readonly help: string;
  abstract readonly kind: Kind;
  readonly #labels: readonly string[];
  readonly #most: number;
  readonly #series = new Map<string, { labels: Labels; state: T }>();

  constructor({ name, help, labels = [], most = MOST_SERIES }: FamilyOptions) {
    [this.name, this.help, this.#labels, this.#most] = [name, help, labels, most];
  }

  /** Lines of the text format, its head aside. */
  lines(): string[] {
    return [...this.#series.values()].flatMap(({ labels, state }) => this.linesOf(labels, state));
  }

  protected abstract begin(): T;
  protected abstract linesOf(labels: Labels, state: T): string[];

  /** @param values in order of the family's labels. */
  protected at(values: readonly string[]): { state: T } {
    const key = JSON.stringify(values);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const isFull = this.#series.size >= this.#most && values.some((value) => value !== OTHER);
    if (isFull) return this.at(values.map(() => OTHER));
    const series = {
      labels: this.#labels.map((label, i): [string, string] => [label, values[i] ?? '']),
      state: this.begin(),
    };
    this.#series.set(key, series);
    return series;
  }

  protected clear(): void {
    this.#series.clear();
  }
}

export class Counter extends Family<number> {
  readonly kind = 'counter';

  inc(values: readonly string[] = [], by = 1): void {
    this.at(values).state += by;
  }

  protected begin(): number {
    return 0;
  }

  protected linesOf(labels: Labels, value: number): string[] {
    return [line(this.name, labels, value)];
  }
}

export class Gauge extends Family<number> {
  readonly kind = 'gauge';

  set(value: number, values: readonly string[] = []): void {
    this.at(values).state = value;
  }

  /** Takes the place of all series. Those that are too many are left out: a sum under `other` would be no state of anything. */
  replace(series: readonly (readonly [values: readonly string[], value: number])[]): void {
    this.clear();
    for (const [values, value] of series.slice(0, MOST_SERIES)) this.set(value, values);
  }

  protected begin(): number {
    return 0;
  }

  protected linesOf(labels: Labels, value: number): string[] {
    return [line(this.name, labels, value)];
  }
}

interface Distribution {
  /** By bucket, those of lower buckets left out. */
  counts: number[];
  sum: number;
  count: number;
}

export class Histogram extends Family<Distribution> {
  readonly kind = 'histogram';
  /** Upper ends, rising. */
  readonly #buckets: readonly number[];

  constructor(options: FamilyOptions, buckets: readonly number[]) {
    super({ most: 60, ...options });
    this.#buckets = buckets;
  }

  observe(value: number, values: readonly string[] = []): void {
    const { state } = this.at(values);
    const at = this.#buckets.findIndex((end) => value <= end);
    if (at >= 0) state.counts[at] = (state.counts[at] ?? 0) + 1;
    state.sum += value;
    state.count++;
  }

  protected begin(): Distribution {
    return { counts: this.#buckets.map(() => 0), sum: 0, count: 0 };
  }

  protected linesOf(labels: Labels, { counts, sum, count }: Distribution): string[] {
    let below = 0;
    const buckets = this.#buckets.map((end, i) => {
      below += counts[i] ?? 0;
      return line(`${this.name}_bucket`, [...labels, ['le', `${end}`]], below);
    });
    return [
      ...buckets,
      line(`${this.name}_bucket`, [...labels, ['le', '+Inf']], count),
      line(`${this.name}_sum`, labels, sum),
      line(`${this.name}_count`, labels, count),
    ];
  }
}
