/** Forest of ratios: each mode against the baseline, with the margin of equivalence. */
import { digits } from '../../quantity.ts';
import { BOTTOM_ROOM, type Box, horizontalAxis, strip } from './frame.ts';
import { colourOf, mark } from './marks.ts';
import { logScale } from './scale.ts';
import { at, drawing, escaped, fitted, label, line, widthOf } from './svg.ts';

export interface ForestRow {
  mode: number;
  /** What the row is, such as `64 B virtio`. */
  name: string;
  ratio?: { median: number; low?: number; high?: number };
  /** Ratio and verdict in words. */
  words: string;
  /** Starts a new group of rows. */
  first: boolean;
}

export interface ForestOptions {
  title: string;
  description: string;
  xTitle: string;
  equivalencePercent: number;
  rows: ForestRow[];
}

const WIDTH = 760;
const ROW = 19;
const GAP = 7;
const TOP = 30;
const MOST_LEFT = 250;
/** Beyond these a ratio is drawn at the edge, with an arrow. */
const EDGES = { low: 1 / 64, high: 64 };

export function forestFigure({ title, description, xTitle, equivalencePercent, rows }: ForestOptions): string {
  const left = Math.min(MOST_LEFT, Math.max(60, ...rows.map(({ name }) => widthOf(name)))) + 18;
  const right = WIDTH - Math.min(235, Math.max(60, ...rows.map(({ words }) => widthOf(words)))) - 14;
  const groups = rows.filter(({ first }) => first).length;
  const box: Box = { left, right, top: TOP, bottom: TOP + rows.length * ROW + groups * GAP };
  const margin = 1 + equivalencePercent / 100;
  const bounds = rows.flatMap(({ ratio }) => (ratio === undefined ? [] : [ratio.median, ratio.low, ratio.high]));
  const inside = bounds.filter((value) => value !== undefined).map(clamped);
  const low = Math.min(1 / margin ** 1.5, ...inside);
  const high = Math.max(margin ** 1.5, ...inside);
  const x = logScale(low, high, { from: left + 4, to: right - 4 });
  const head = `equivalent within ${equivalencePercent} %`;
  let y = TOP;
  const lines = rows.map((row) => {
    if (row.first) y += GAP;
    y += ROW;
    return rowOf(row, { y: y - ROW / 2, x: x.place, left, right });
  });
  return drawing({ width: WIDTH, height: box.bottom + BOTTOM_ROOM, title, description }, [
    strip(x.place(1 / margin), x.place(margin), box, 'margin'),
    label(head, clampedText(x.place(1), head, box), TOP - 8, { anchor: 'middle', style: 'tick' }),
    horizontalAxis(box, { title: fitted(xTitle, WIDTH - 20), scale: x, grid: true }),
    line(x.place(1), box.top, x.place(1), box.bottom, 'axis'),
    ...lines,
  ]);
}

interface Place {
  y: number;
  x: (value: number) => number;
  left: number;
  right: number;
}

function rowOf({ mode, name, ratio, words }: ForestRow, { y, x, left, right }: Place): string {
  const short = fitted(name, left - 18);
  const hint = short === name ? '' : `<title>${escaped(name)}</title>`;
  const texts = `<g>${hint}${label(short, left - 10, y + 4, { anchor: 'end' })}</g>${label(words, right + 10, y + 4)}`;
  if (ratio === undefined) return texts;
  const { median, low, high } = ratio;
  const bounded = low !== undefined && high !== undefined;
  const whisker = bounded
    ? `<path d="M${at(x(clamped(low)))} ${at(y)}H${at(x(clamped(high)))}${end(low, y, x)}${end(high, y, x)}" class="whisker"/>`
    : '';
  return `${texts}<g class="${colourOf(mode)}">${whisker}${mark(mode, x(clamped(median)), y, !bounded)}</g>`;
}

/** A bar at the end of an interval; an arrow where it goes on beyond the drawing. */
function end(bound: number, y: number, x: (value: number) => number): string {
  const place = x(clamped(bound));
  if (bound === clamped(bound)) return `M${at(place)} ${at(y - 4)}v8`;
  const back = bound > 1 ? -5 : 5;
  return `M${at(place + back)} ${at(y - 4)}l${-back} 4l${back} 4`;
}

const clamped = (value: number): number => Math.min(EDGES.high, Math.max(EDGES.low, value));

const clampedText = (place: number, text: string, { left, right }: Box): number =>
  Math.min(right - widthOf(text) / 2, Math.max(left + widthOf(text) / 2, place));

/** `1.04 (1.01 to 1.08) Equivalent`. */
export function forestWords(ratio: ForestRow['ratio'], verdict: string): string {
  if (ratio === undefined) return `no ratio, ${verdict}`;
  const { median, low, high } = ratio;
  const interval = low === undefined || high === undefined ? '' : ` (${digits(low)} to ${digits(high)})`;
  return `${digits(median)}${interval} ${verdict}`;
}
