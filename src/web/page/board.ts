/** The lines of the page, made once for all who look, and only while somebody does. */
import type { Experiment, Testbed } from '../../api/v1alpha1.ts';
import type { PageKind, PageSource } from './source.ts';
import { type ExperimentLine, experimentLine, stateOf, type TestbedLine, testbedLine } from './view.ts';

type Line = ExperimentLine | TestbedLine;
type Watcher = (kind: PageKind, key: string) => void;

export class Board {
  readonly #source: PageSource;
  readonly #now: () => number;
  readonly #lines = new Map<string, Line>();
  readonly #watchers = new Set<Watcher>();
  #end: (() => void) | null = null;

  constructor(source: PageSource, now: () => number) {
    this.#source = source;
    this.#now = now;
  }

  /** How many look. */
  get watchers(): number {
    return this.#watchers.size;
  }

  /** Calls `watcher` at each change until the result is called. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    this.#end ??= this.#source.subscribe((kind, key) => this.#changed(kind, key));
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size > 0) return;
      this.#end?.();
      this.#end = null;
      this.#lines.clear();
    };
  }

  /** Keys of all objects of that kind. */
  keys(kind: PageKind): string[] {
    const objects = kind === 'Experiment' ? this.#source.experiments() : this.#source.testbeds();
    return objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  }

  experiment(key: string): ExperimentLine | null {
    const object = this.#source.experiment(key);
    return object === undefined ? null : this.#line(`Experiment ${key}`, () => this.#experimentLine(object));
  }

  testbed(key: string): TestbedLine | null {
    const object = this.#source.testbed(key);
    return object === undefined ? null : this.#line(`Testbed ${key}`, () => testbedLine(object as Testbed));
  }

  #line<T extends Line>(key: string, make: () => T): T {
    const known = this.#lines.get(key) as T | undefined;
    if (known !== undefined) return known;
    const line = make();
    // Without a watcher nothing would tell that it is old.
    if (this.#end !== null) this.#lines.set(key, line);
    return line;
  }

  #experimentLine(experiment: Experiment): ExperimentLine {
    const uid = experiment.metadata.uid ?? '';
    const isRunning = stateOf(experiment) === 'Running';
    return experimentLine(experiment, {
      running: this.#source.running(uid),
      secondsLeft: isRunning ? this.#source.secondsLeft(experiment, this.#now()) : null,
      stage: (trial) => this.#source.stage(trial),
    });
  }

  #changed(kind: PageKind, key: string): void {
    this.#lines.delete(`${kind} ${key}`);
    for (const watcher of this.#watchers) watcher(kind, key);
  }
}
