/** How a mode looks in every figure: a colour, a mark and a line of its own, none of which has to be seen alone. */
import { at, escaped, fitted, label, widthOf } from './svg.ts';

const COLOURS = 8;
const DASHES = ['', ' dash', ' dots'];

/** Class of the mode at this place of the spec. */
export const colourOf = (mode: number): string => `s${mode % COLOURS}`;
export const lineOf = (mode: number): string => DASHES[Math.floor(mode / COLOURS) % DASHES.length] ?? '';

/** Shapes around 0,0, by the place of the mode. */
const SHAPES: readonly ((x: number, y: number, r: number) => string)[] = [
  (x, y, r) => `M${at(x - r)} ${at(y)}a${at(r)} ${at(r)} 0 1 0 ${at(2 * r)} 0a${at(r)} ${at(r)} 0 1 0 ${at(-2 * r)} 0z`,
  (x, y, r) => `M${at(x - r)} ${at(y - r)}h${at(2 * r)}v${at(2 * r)}h${at(-2 * r)}z`,
  (x, y, r) => `M${at(x)} ${at(y - 1.2 * r)}l${at(1.2 * r)} ${at(2.1 * r)}h${at(-2.4 * r)}z`,
  (x, y, r) =>
    `M${at(x)} ${at(y - 1.3 * r)}l${at(1.3 * r)} ${at(1.3 * r)}l${at(-1.3 * r)} ${at(1.3 * r)}l${at(-1.3 * r)} ${at(-1.3 * r)}z`,
  (x, y, r) => `M${at(x)} ${at(y + 1.2 * r)}l${at(1.2 * r)} ${at(-2.1 * r)}h${at(-2.4 * r)}z`,
];

/** The mode's mark; `hollow` where it stands for less: no interval, or the second of two placements. */
export function mark(mode: number, x: number, y: number, hollow = false): string {
  const shape = SHAPES[mode % SHAPES.length] ?? SHAPES[0];
  return shape === undefined ? '' : `<path d="${shape(x, y, 3.6)}" class="${hollow ? 'hollow' : 'mark'}"/>`;
}

export interface Entry {
  mode: number;
  text: string;
  hollow?: boolean;
  /** Class names of the line; `` for a whole one, null for none. */
  dash?: string | null;
}

const ROW = 18;
const SWATCH = 30;

/** A legend of as many lines as it takes, at most `width` wide; nothing is left out, long names are cut in their middle. */
export function legend(
  entries: readonly Entry[],
  x: number,
  y: number,
  width: number,
): { svg: string; height: number } {
  let [left, top] = [0, 0];
  const parts = entries.map((entry) => {
    const text = fitted(entry.text, width - SWATCH);
    const needed = SWATCH + widthOf(text) + 16;
    if (left > 0 && left + needed > width) [left, top] = [0, top + ROW];
    const [ax, ay] = [x + left, y + top];
    left += needed;
    return legendEntry(entry, { x: ax, y: ay, text });
  });
  return { svg: parts.join(''), height: entries.length === 0 ? 0 : top + ROW };
}

function legendEntry(
  { mode, text: whole, hollow, dash }: Entry,
  { x, y, text }: { x: number; y: number; text: string },
): string {
  const stroke = dash === null ? '' : `<path d="M${at(x)} ${at(y)}h24" class="line${dash ?? lineOf(mode)}"/>`;
  const hint = text === whole ? '' : `<title>${escaped(whole)}</title>`;
  return `<g class="${colourOf(mode)}">${hint}${stroke}${mark(mode, x + 12, y, hollow)}</g>${label(text, x + SWATCH, y + 4)}`;
}
