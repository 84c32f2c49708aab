/** The frame of a figure: axes with their titles, ticks and grid. */
import { apart, type Scale } from './scale.ts';
import { at, label, line, widthOf } from './svg.ts';

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface AxisOptions {
  title: string;
  scale: Scale;
}

/** Room left of a plot for the texts of its vertical axis and its title. */
export const leftRoom = ({ ticks }: Scale): number => Math.max(28, ...ticks.map(({ text }) => widthOf(text))) + 34;
/** Room below a plot for ticks and title. */
export const BOTTOM_ROOM = 44;

/** Horizontal grid, ticks and title of the vertical axis. */
export function verticalAxis({ left, right, top, bottom }: Box, { title, scale }: AxisOptions): string {
  const shown = scale.ticks.filter(({ value }) => inside(scale.place(value), top, bottom));
  const widest = Math.max(28, ...scale.ticks.map(({ text }) => widthOf(text)));
  return [
    ...shown.map(({ value }) => line(left, scale.place(value), right, scale.place(value), 'grid')),
    ...shown.map(({ value, text }) => label(text, left - 7, scale.place(value) + 4, { anchor: 'end', style: 'tick' })),
    label(title, left - widest - 20, (top + bottom) / 2, { anchor: 'middle', turned: true }),
  ].join('');
}

/** Ticks and title of the horizontal axis; with `grid` also vertical lines. */
export function horizontalAxis(
  { left, right, top, bottom }: Box,
  { title, scale, grid = false }: AxisOptions & { grid?: boolean },
): string {
  const shown = scale.ticks.filter(({ value }) => inside(scale.place(value), left, right));
  const told = apart(shown, scale.place);
  return [
    ...(grid ? shown.map(({ value }) => line(scale.place(value), top, scale.place(value), bottom, 'grid')) : []),
    line(left, bottom, right, bottom, 'axis'),
    ...shown.map(({ value }) => line(scale.place(value), bottom, scale.place(value), bottom + 4, 'axis')),
    ...told.map(({ value, text }) => label(text, scale.place(value), bottom + 18, { anchor: 'middle', style: 'tick' })),
    label(title, (left + right) / 2, bottom + 37, { anchor: 'middle' }),
  ].join('');
}

const inside = (place: number, a: number, b: number): boolean =>
  place >= Math.min(a, b) - 0.5 && place <= Math.max(a, b) + 0.5;

/** A strip of the plot's height, such as the margin of equivalence. */
export const strip = (x1: number, x2: number, { top, bottom }: Box, style: string): string =>
  `<path d="M${at(x1)} ${at(top)}H${at(x2)}V${at(bottom)}H${at(x1)}z" class="${style}"/>`;
