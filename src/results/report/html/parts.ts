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
}

/** A table that may be scrolled sideways, by keyboard too. */
export function table(
  caption: string,
  columns: readonly { title: string; style?: string }[],
  rows: readonly Row[],
): string {
  const head = columns.map(({ title, style }) => `<th scope="col"${classOf(style)}>${escaped(title)}</th>`).join('');
  const body = rows.map((row) => `<tr${row.first === true ? ' class="new"' : ''}>${row.cells.map(cell).join('')}</tr>`);
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escaped(caption)}"><table><caption>${escaped(caption)}</caption><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table></div>`;
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
