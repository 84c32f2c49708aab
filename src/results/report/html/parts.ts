/** Pieces of the page. Everything that comes from a user or a guest passes `escaped`. */
import { escaped } from '../plots/svg.ts';

export interface Cell {
  text: string;
  /** Class names. */
  style?: string;
  /** Names the row: read aloud with every other cell of it. */
  head?: boolean;
  /** Rows that it spans. */
  rows?: number;
}

export interface Row {
  cells: Cell[];
  /** Begins a group of rows. */
  first?: boolean;
  /** Stands above the row, over all columns: what the group that it begins has in common. */
  heading?: string;
  /** Stands below the row, over all columns: a sentence in a column would make it narrow and the row tall. */
  note?: string;
}

/** A table that may be scrolled sideways, by keyboard too. */
export function table(
  caption: string,
  columns: readonly { title: string; style?: string }[],
  rows: readonly Row[],
): string {
  const head = columns.map(({ title, style }) => `<th scope="col"${classOf(style)}>${escaped(title)}</th>`).join('');
  const body = rows.flatMap((row) => lines(row, columns.length));
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escaped(caption)}"><table><caption>${inView(caption)}</caption><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table></div>`;
}

/** Keeps its place where the table is scrolled sideways, and is no wider than what is seen of it. */
const inView = (text: string): string => `<span class="stay">${escaped(text)}</span>`;

function lines({ cells, first, heading, note }: Row, columns: number): string[] {
  const names = [...(first === true && heading === undefined ? ['new'] : []), ...(note === undefined ? [] : ['noted'])];
  const style = classOf(names.length === 0 ? undefined : names.join(' '));
  return [
    ...(heading === undefined
      ? []
      : [`<tr class="new head"><th scope="rowgroup" colspan="${columns}">${inView(heading)}</th></tr>`]),
    `<tr${style}>${cells.map(cell).join('')}</tr>`,
    ...(note === undefined ? [] : [`<tr class="note"><td colspan="${columns}">${inView(note)}</td></tr>`]),
  ];
}

function cell({ text, style, head, rows }: Cell): string {
  const span = rows === undefined || rows < 2 ? '' : ` rowspan="${rows}"`;
  return head === true
    ? `<th scope="row"${classOf(style)}${span}>${escaped(text)}</th>`
    : `<td${classOf(style)}${span}>${escaped(text)}</td>`;
}

const classOf = (style: string | undefined): string => (style === undefined ? '' : ` class="${style}"`);

/** Pairs of a term and what is said of it. */
export function facts(entries: readonly (readonly [string, string])[]): string {
  const parts = entries.map(([term, text]) => `<dt>${escaped(term)}</dt><dd>${escaped(text)}</dd>`);
  return `<dl class="facts">${parts.join('')}</dl>`;
}

export const paragraph = (text: string, style?: string): string => `<p${classOf(style)}>${escaped(text)}</p>`;

/** A drawing with its caption; `svg` is made by the plots, which escape their own texts. */
export const figure = (svg: string, caption: string): string =>
  `<figure><div class="scroll" tabindex="0" role="region" aria-label="Figure">${svg}</div><figcaption>${escaped(caption)}</figcaption></figure>`;

export const section = (id: string, title: string, parts: readonly string[]): string =>
  `<section aria-labelledby="${id}"><h2 id="${id}">${escaped(title)}</h2>\n${parts.join('\n')}\n</section>`;
