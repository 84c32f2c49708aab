/** Distribution per cell: every block's value as a dot, median and interval above them. */
import { BOTTOM_ROOM, type Box, horizontalAxis } from './frame.ts';
import { colourOf } from './marks.ts';
import { linearScale, logScale, type Scale } from './scale.ts';
import { at, drawing, escaped, fitted, label, line, widthOf } from './svg.ts';
import { axisTitle, axisUnit } from './unit.ts';

export interface DistributionRow {
  mode: number;
  name: string;
  /** One a block. */
  values: number[];
  median?: number;
  low?: number;
  high?: number;
  first: boolean;
}

export interface DistributionOptions {
  title: string;
  description: string;
  /** Title of the axis; with its unit where `unit` is null. */
  axis: string;
  unit: string | null;
  rows: DistributionRow[];
}

const WIDTH = 760;
const ROW = 22;
const GAP = 7;
const TOP = 10;
const MOST_LEFT = 260;
/** Dots of one row stand at so many heights, so that equal values show as several. */
const LANES = [0, -4, 4, -2, 2, -6, 6];
const NOTHING = 'no value';

export function distributionFigure({ title, description, axis: name, unit, rows }: DistributionOptions): string {
  const all = rows.flatMap(({ values }) => values).filter(Number.isFinite);
  const axis = axisUnit(all, unit ?? '1');
  const left = Math.min(MOST_LEFT, Math.max(60, ...rows.map((row) => widthOf(row.name)))) + 18;
  const right = WIDTH - 16;
  const groups = rows.filter(({ first }) => first).length;
  const box: Box = { left, right, top: TOP, bottom: TOP + rows.length * ROW + groups * GAP };
  const x = scaleOf(
    all.map((value) => value / axis.factor),
    left + 8,
    right - 8,
  );
  let y = TOP;
  const drawn = rows.map((row) => {
    if (row.first) y += GAP;
    y += ROW;
    return rowOf(row, { y: y - ROW / 2, left, right, place: (value) => x.place(value / axis.factor) });
  });
  return drawing({ width: WIDTH, height: box.bottom + BOTTOM_ROOM, title, description }, [
    horizontalAxis(box, { title: axisTitle(name, axis), scale: x, grid: true }),
    ...drawn,
  ]);
}

/** Distributions are looked at for their width: the axis does not begin at zero. */
function scaleOf(values: readonly number[], from: number, to: number): Scale {
  const [low, high] = values.length === 0 ? [0, 1] : [Math.min(...values), Math.max(...values)];
  if (low > 0 && high / low > 8) return logScale(low, high, { from, to });
  const pad = (high - low || Math.abs(high) || 1) * 0.06;
  return linearScale(low - pad, high + pad, { from, to });
}

interface Place {
  y: number;
  left: number;
  right: number;
  place: (value: number) => number;
}

function rowOf({ mode, name, values, median, low, high }: DistributionRow, { y, left, right, place }: Place): string {
  const short = fitted(name, left - 18);
  const hint = short === name ? '' : `<title>${escaped(name)}</title>`;
  const text = `<g>${hint}${label(short, left - 10, y + 4, { anchor: 'end' })}</g>`;
  const base = line(left, y, right, y, 'grid');
  if (median === undefined) return `${text}${base}${label(NOTHING, left + 8, y + 4, { style: 'tick' })}`;
  const dots = values.map((value, i) => `M${at(place(value))} ${at(y + (LANES[i % LANES.length] ?? 0))}h0`).join('');
  const interval = low === undefined || high === undefined ? '' : `M${at(place(low))} ${at(y)}H${at(place(high))}`;
  const middle = `M${at(place(median))} ${at(y - 9)}v18${interval}`;
  return `${text}${base}<g class="${colourOf(mode)}"><path d="${dots}" class="dots"/></g><path d="${middle}" class="median"/>`;
}
