/** Order in time: how far each block is from the mode's own median, so that drift and steps show. */
import { median } from '../../stats/median.ts';
import { BOTTOM_ROOM, type Box, horizontalAxis, leftRoom, verticalAxis } from './frame.ts';
import { colourOf, type Entry, legend, lineOf, mark } from './marks.ts';
import { linearScale } from './scale.ts';
import { drawing, label, line, through } from './svg.ts';

export interface DriftSeries {
  mode: number;
  /** Difference from the own median in percent, by block from 1. */
  points: Map<number, number>;
}

export interface DriftOptions {
  title: string;
  description: string;
  name: string;
  blocks: readonly number[];
  series: DriftSeries[];
  legend: Entry[];
}

const WIDTH = 760;
const HEIGHT = 190;
/** An axis that would magnify less than this much noise would only mislead. */
const LEAST_PERCENT = 1;

export function driftFigure({ title, description, name, blocks, series, legend: entries }: DriftOptions): string {
  const key = legend(entries, 12, 14, WIDTH - 24);
  const values = series.flatMap(({ points }) => [...points.values()]);
  const reach = Math.max(LEAST_PERCENT, ...values.map(Math.abs)) * 1.1;
  const [top, bottom] = [key.height + 14, key.height + 14 + HEIGHT];
  const y = linearScale(-reach, reach, { from: bottom, to: top });
  const box: Box = { left: leftRoom(y), right: WIDTH - 14, top, bottom };
  const x = blockScale(blocks, box.left + 14, box.right - 14);
  const drawn = series.map(({ mode, points }) => {
    const places = [...points]
      .toSorted(([a], [b]) => a - b)
      .map(([block, value]) => [x.place(block), y.place(value)] as const);
    const stroke = places.length < 2 ? '' : `<path d="${through(places)}" class="line thin${lineOf(mode)}"/>`;
    return `<g class="${colourOf(mode)}">${stroke}${places.map(([px, py]) => mark(mode, px, py)).join('')}</g>`;
  });
  return drawing({ width: WIDTH, height: bottom + BOTTOM_ROOM, title, description }, [
    verticalAxis(box, { title: `${name} (%)`, scale: y }),
    horizontalAxis(box, { title: 'Block (in order of time)', scale: x }),
    line(box.left, y.place(0), box.right, y.place(0), 'axis'),
    ...drawn,
    key.svg,
    values.length === 0
      ? label('no value', (box.left + box.right) / 2, y.place(0) - 8, { anchor: 'middle', style: 'tick' })
      : '',
  ]);
}

function blockScale(blocks: readonly number[], from: number, to: number) {
  const [low, high] = [blocks[0] ?? 1, blocks.at(-1) ?? 1];
  const place = (value: number): number =>
    high === low ? (from + to) / 2 : from + ((value - low) / (high - low)) * (to - from);
  return { log: false, place, ticks: blocks.map((value) => ({ value, text: `${value}` })) };
}

/** Percent from the median of all: of each block, the median over what was measured in it. */
export function residuals(rows: readonly ReadonlyMap<number, number>[]): Map<number, number> {
  const byBlock = new Map<number, number[]>();
  for (const values of rows) {
    const centre = median([...values.values()]) ?? 0;
    if (centre === 0) continue;
    for (const [block, value] of values) {
      byBlock.set(block, [...(byBlock.get(block) ?? []), (value / centre - 1) * 100]);
    }
  }
  return new Map([...byBlock].map(([block, found]) => [block, median(found) ?? 0]));
}
