/** Lines of a value against a swept one, with the band of their intervals. */
import { BOTTOM_ROOM, type Box, horizontalAxis, leftRoom, verticalAxis } from './frame.ts';
import { colourOf, type Entry, legend, lineOf, mark } from './marks.ts';
import { sweepScale, valueScale, type Scale } from './scale.ts';
import { at, drawing, fitted, label, through } from './svg.ts';
import { type AxisUnit, axisTitle, axisUnit } from './unit.ts';

export interface LinePoint {
  x: number;
  /** Null: nothing was measured there, the line has a gap. */
  y: number | null;
  low?: number;
  high?: number;
}

export interface Series {
  mode: number;
  name: string;
  points: LinePoint[];
  /** The second of two kinds, such as the other placement. */
  second?: boolean;
}

export interface Panel {
  title: string;
  series: Series[];
}

export interface LinesOptions {
  title: string;
  description: string;
  xTitle: string;
  yName: string;
  unit: string;
  panels: Panel[];
  legend: Entry[];
}

const WIDTH = 760;
const PLOT_HEIGHT = 250;
const PANEL_GAP = 18;

/** Panels side by side that share both axes; each has its own lines. */
export function linesFigure({
  title,
  description,
  xTitle,
  yName,
  unit,
  panels,
  legend: entries,
}: LinesOptions): string {
  const points = panels.flatMap(({ series }) => series.flatMap((one) => one.points));
  const values = points
    .flatMap(({ y, low, high }) => [y, low, high])
    .filter((value) => value !== null && value !== undefined);
  const yUnit = axisUnit(values, unit);
  const key = legend(entries, 12, 14, WIDTH - 24);
  const titled = panels.length > 1;
  const top = key.height + (titled ? 30 : 14);
  const bottom = top + PLOT_HEIGHT;
  const y = valueScale(
    values.map((value) => value / yUnit.factor),
    bottom,
    top,
  );
  const left = leftRoom(y);
  const each = (WIDTH - 14 - left - PANEL_GAP * (panels.length - 1)) / panels.length;
  const drawn = panels.map((panel, i) => {
    const from = left + i * (each + PANEL_GAP);
    const box: Box = { left: from, right: from + each, top, bottom };
    const x = sweepScale(
      points.map((point) => point.x),
      box.left + 14,
      box.right - 14,
    );
    return [
      i === 0 ? verticalAxis(box, { title: axisTitle(yName, yUnit), scale: y }) : gridOf(box, y),
      horizontalAxis(box, { title: fitted(xTitle, each), scale: x }),
      titled
        ? label(fitted(panel.title, each), (box.left + box.right) / 2, top - 8, { anchor: 'middle', style: 'head' })
        : '',
      ...panel.series.map((one) => seriesOf(one, { x, y, yUnit })),
      panel.series.every(isEmpty)
        ? label('no value', (box.left + box.right) / 2, (top + bottom) / 2, { anchor: 'middle', style: 'tick' })
        : '',
    ].join('');
  });
  return drawing({ width: WIDTH, height: bottom + BOTTOM_ROOM, title, description }, [...drawn, key.svg]);
}

const gridOf = ({ left, right }: Box, { ticks, place }: Scale): string =>
  ticks.map(({ value }) => `<path d="M${at(left)} ${at(place(value))}H${at(right)}" class="grid"/>`).join('');

/** Nothing at all was measured. */
export const isEmpty = ({ points }: Series): boolean => points.every(({ y }) => y === null);

interface Axes {
  x: Scale;
  y: Scale;
  yUnit: AxisUnit;
}

function seriesOf({ mode, points, second = false }: Series, { x, y, yUnit }: Axes): string {
  const place = (value: number): number => y.place(value / yUnit.factor);
  const runs = runsOf(points.toSorted((a, b) => a.x - b.x));
  const parts = runs.flatMap((run) => [
    bandOf(run, x, place),
    run.length < 2
      ? ''
      : `<path d="${through(run.map((p) => [x.place(p.x), place(p.y)]))}" class="line${second ? ' dash' : lineOf(mode)}"/>`,
    ...run.map((p) => mark(mode, x.place(p.x), place(p.y), second)),
  ]);
  return `<g class="${colourOf(mode)}">${parts.join('')}</g>`;
}

type Known = LinePoint & { y: number };

/** Neighbours that all have a value. */
function runsOf(points: readonly LinePoint[]): Known[][] {
  const runs: Known[][] = [[]];
  for (const point of points) {
    if (point.y === null) runs.push([]);
    else runs.at(-1)?.push({ ...point, y: point.y });
  }
  return runs.filter(({ length }) => length > 0);
}

/** The intervals as a band between neighbours, and as whiskers, which a lone point has too. */
function bandOf(run: readonly Known[], x: Scale, place: (value: number) => number): string {
  const bounded = run.flatMap(({ x: value, low, high }) =>
    low === undefined || high === undefined ? [] : [{ x: x.place(value), low: place(low), high: place(high) }],
  );
  const up = bounded.map((p) => [p.x, p.high] as const);
  const down = bounded.map((p) => [p.x, p.low] as const).toReversed();
  const band = bounded.length < 2 ? '' : `<path d="${through([...up, ...down])}z" class="band"/>`;
  const whiskers = bounded.map(
    (p) => `M${at(p.x)} ${at(p.low)}V${at(p.high)}M${at(p.x - 3)} ${at(p.low)}h6M${at(p.x - 3)} ${at(p.high)}h6`,
  );
  return bounded.length === 0 ? '' : `${band}<path d="${whiskers.join('')}" class="whisker"/>`;
}
