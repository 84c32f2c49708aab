/** Which Experiments are listed: by a text, and by state. */
import type { ExperimentLine } from '../view.ts';
import { h, setAttribute, setText } from './dom.ts';

const STATES = [
  'Running',
  'Waiting',
  'Pending',
  'Suspended',
  'Passed',
  'Completed',
  'Inconclusive',
  'Failed',
  'Deleting',
];

export class Filter {
  readonly element: HTMLElement;
  readonly #text: HTMLInputElement;
  readonly #chips = new Map<string, { button: HTMLButtonElement; count: HTMLElement }>();
  #state = '';

  constructor(onChange: () => void) {
    this.#text = h('input', {
      type: 'search',
      id: 'filter',
      placeholder: 'Name, namespace, mode, Testbed',
      'aria-label': 'Filter Experiments',
      'aria-keyshortcuts': '/',
      autocomplete: 'off',
      spellcheck: 'false',
    });
    this.#text.addEventListener('input', onChange);
    for (const state of STATES) {
      const count = h('span', { class: 'count' });
      const button = h(
        'button',
        { type: 'button', class: `chip ${state}`, 'aria-pressed': 'false' },
        `${state} `,
        count,
      );
      button.addEventListener('click', () => {
        this.#state = this.#state === state ? '' : state;
        onChange();
      });
      this.#chips.set(state, { button, count });
    }
    const buttons = [...this.#chips.values()].map(({ button }) => button);
    this.element = h(
      'div',
      { class: 'filter' },
      this.#text,
      h('div', { class: 'chips', role: 'group', 'aria-label': 'By state' }, ...buttons),
    );
  }

  /** Counts of the states that there are. */
  update(lines: readonly ExperimentLine[]): void {
    const counts = Map.groupBy(lines, ({ state }) => state as string);
    this.element.hidden = lines.length === 0;
    for (const [state, { button, count }] of this.#chips) {
      const found = counts.get(state)?.length ?? 0;
      button.hidden = found === 0 && this.#state !== state;
      setAttribute(button, 'aria-pressed', `${this.#state === state}`);
      setText(count, `${found}`);
    }
  }

  matches({ state, key, testbed, modes }: ExperimentLine): boolean {
    if (this.#state !== '' && state !== this.#state) return false;
    const words = this.#text.value.toLowerCase().split(/\s+/);
    const text = [key, testbed, ...modes].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  }
}
