/** All Experiments: what runs first, then the newest. Rows are kept and changed in place. */
import type { ExperimentLine } from '../view.ts';
import { h, setText } from './dom.ts';
import { Filter } from './filter.ts';
import type { Model } from './model.ts';
import { ExperimentRow } from './row.ts';
import type { View } from './view.ts';

/** Rows at first; more are shown when asked for. */
const PAGE = 100;
const ORDER = ['Running', 'Waiting', 'Pending', 'Suspended', 'Deleting'];

/** What is over comes after all that is not. */
const rank = ({ state }: ExperimentLine): number => (ORDER.includes(state) ? ORDER.indexOf(state) : ORDER.length);
const timeOf = ({ ended, started, created }: ExperimentLine): string => ended || started || created;

function compare(a: ExperimentLine, b: ExperimentLine): number {
  return rank(a) - rank(b) || timeOf(b).localeCompare(timeOf(a)) || a.key.localeCompare(b.key);
}

export class ExperimentsView implements View {
  readonly title = 'Experiments';
  readonly element: HTMLElement;
  readonly #model: Model;
  readonly #rows = new Map<string, ExperimentRow>();
  readonly #body = h('tbody');
  readonly #table: HTMLElement;
  readonly #empty = h('p', { class: 'empty' });
  readonly #count = h('p', { class: 'soft', role: 'status' });
  readonly #more = h('button', { type: 'button', class: 'more' });
  readonly #filter: Filter;
  #most = PAGE;

  constructor(model: Model) {
    this.#model = model;
    this.#filter = new Filter(() => this.update());
    const columns = ['Experiment', 'State', 'Progress', 'Now', 'Testbed', 'When'];
    const head = h('tr', {}, ...columns.map((title) => h('th', { scope: 'col' }, title)));
    this.#table = h('table', { class: 'list' }, h('thead', {}, head), this.#body);
    this.#more.addEventListener('click', () => {
      this.#most += 5 * PAGE;
      this.update();
    });
    this.element = h('div', {}, this.#filter.element, this.#count, this.#table, this.#empty, this.#more);
  }

  update(): void {
    const all = [...this.#model.experiments.values()];
    this.#filter.update(all);
    const found = all.filter((line) => this.#filter.matches(line)).sort(compare);
    const shown = found.slice(0, this.#most);
    this.#place(shown);
    this.#table.hidden = found.length === 0;
    this.#empty.hidden = found.length > 0;
    setText(this.#empty, this.#emptyText(all.length));
    this.#more.hidden = found.length <= shown.length;
    setText(this.#more, `Show more: ${found.length - shown.length} are left`);
    const isAll = found.length === all.length;
    setText(this.#count, isAll || all.length === 0 ? '' : `${found.length} of ${all.length} match`);
  }

  tick(now: number): void {
    for (const row of this.#rows.values()) row.tick(now);
  }

  leave(): void {}

  #emptyText(count: number): string {
    if (!this.#model.isFilled) return 'Reading Experiments …';
    if (count > 0) return 'No Experiment matches. Clear the filter to see all.';
    return 'No Experiment is here that you may see. Create one: kubectl create -f experiment.yaml';
  }

  /** Moves and makes as few rows as it takes. */
  #place(lines: readonly ExperimentLine[]): void {
    const wanted = new Set(lines.map(({ key }) => key));
    for (const [key, row] of this.#rows) {
      if (wanted.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    let next = this.#body.firstElementChild;
    for (const line of lines) {
      const row = this.#rows.get(line.key) ?? new ExperimentRow();
      this.#rows.set(line.key, row);
      row.show(line);
      if (row.element === next) next = next.nextElementSibling;
      else this.#body.insertBefore(row.element, next);
    }
    this.tick(Date.now());
  }
}
