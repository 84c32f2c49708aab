/** Elements made of texts: nothing that comes from elsewhere is ever markup. */

type Child = Node | string | null;
type Properties = Record<string, string | boolean | undefined>;

/** An element; properties are attributes, `false` and undefined leave one out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Sets a text only where it differs: selection and screen readers are left alone. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** A column of numbers. */
export interface NumberColumn {
  title: string;
}

/** A table that scrolls sideways by itself, by keyboard too. `unseen`: its heading says what the caption would. */
export function table(
  { caption, unseen = false }: { caption: string; unseen?: boolean },
  columns: readonly (string | NumberColumn)[],
  rows: readonly HTMLTableRowElement[],
): HTMLElement {
  const titles = columns.map((column) =>
    typeof column === 'string'
      ? h('th', { scope: 'col' }, column)
      : h('th', { scope: 'col', class: 'num' }, column.title),
  );
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h(
      'table',
      {},
      h('caption', { class: unseen ? 'unseen' : undefined }, caption),
      h('thead', {}, h('tr', {}, ...titles)),
      h('tbody', {}, ...rows),
    ),
  );
}

export function facts(entries: readonly (readonly [string, string])[]): HTMLElement {
  const parts = entries
    .filter(([, text]) => text !== '')
    .flatMap(([term, text]) => [h('dt', {}, term), h('dd', {}, text)]);
  return h('dl', { class: 'facts' }, ...parts);
}

export function section(title: string, ...children: readonly Child[]): HTMLElement {
  return h('section', { 'aria-label': title }, h('h2', {}, title), ...children);
}

/** A state in a word and a shape: colour alone tells nothing. */
export function pill(state: string): HTMLElement {
  return h('span', { class: `pill ${state}` }, state);
}

export function bar(done: number, planned: number): HTMLProgressElement {
  const progress = h('progress', { 'aria-label': 'Trials' });
  setBar(progress, done, planned);
  return progress;
}

export function setBar(progress: HTMLProgressElement, done: number, planned: number): void {
  progress.max = Math.max(1, planned);
  progress.value = Math.min(done, progress.max);
}
