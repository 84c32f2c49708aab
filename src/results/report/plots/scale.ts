/** Axes: where a value stands, and which ticks are shown. */
import { digits } from '../../quantity.ts';
import { widthOf } from './svg.ts';

export interface Tick {
  value: number;
  text: string;
}

export interface Scale {
  log: boolean;
  /** Place of a value in units of the drawing. */
  place: (value: number) => number;
  ticks: Tick[];
}

/** Values within this factor are told apart on a linear axis. */
const LINEAR_FACTOR = 8;
const DENSEST = 7;

/** An axis from `from` to `to` for these values; logarithmic where they span much and are all above zero. */
export function valueScale(values: readonly number[], from: number, to: number, text = digits): Scale {
  const finite = values.filter(Number.isFinite);
  const [low, high] = finite.length === 0 ? [0, 1] : [Math.min(...finite), Math.max(...finite)];
  if (low > 0 && high / low > LINEAR_FACTOR) return logScale(low, high, { from, to, text });
  return low >= 0
    ? linearScale(0, high === 0 ? 1 : high * 1.05, { from, to, text })
    : linearScale(low, high, { from, to, text });
}

interface Span {
  from: number;
  to: number;
  text?: (value: number) => string;
}

/** Ticks at 1, 2 or 5 times a power of ten. */
export function linearScale(low: number, high: number, { from, to, text = digits }: Span): Scale {
  const span = high > low ? high - low : Math.abs(high) || 1;
  const top = low + span;
  const step = niceStep(span / 5);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(top / step + 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  return {
    log: false,
    place: (value) => from + ((value - low) / span) * (to - from),
    ticks: ticks.map((value) => ({ value, text: value === 0 ? '0' : plain(value, text) })),
  };
}

/** Ticks at 1, 2, 5 of each power of ten, or at the powers alone where that is too dense. */
export function logScale(low: number, high: number, { from, to, text = digits }: Span): Scale {
  const [a, b] = [Math.log10(low), Math.log10(high)];
  const pad = Math.max(0.02, (b - a) * 0.04);
  const [start, span] = [a - pad, b - a + 2 * pad];
  const ticks = logTicks(start, start + span);
  return {
    log: true,
    place: (value) => from + ((Math.log10(value) - start) / span) * (to - from),
    ticks: ticks.map((value) => ({ value, text: plain(value, text) })),
  };
}

/** An axis of the sweep's own values, evenly spread by their logarithm, a tick at each. */
export function sweepScale(values: readonly number[], from: number, to: number): Scale {
  const sorted = [...new Set(values)].toSorted((a, b) => a - b);
  const [low = 1] = sorted;
  const high = sorted.at(-1) ?? low;
  const log = low > 0 && high / low > 4;
  const of = (value: number): number => (log ? Math.log(value) : value);
  const span = of(high) - of(low);
  const place = (value: number): number =>
    span === 0 ? (from + to) / 2 : from + ((of(value) - of(low)) / span) * (to - from);
  return { log, place, ticks: sorted.map((value) => ({ value, text: compact(value) })) };
}

/** Ticks whose texts do not touch: the first and last stay, then as many between as fit. */
export function apart(ticks: readonly Tick[], place: (value: number) => number, gap = 8): Tick[] {
  const kept: Tick[] = [];
  const touches = (a: Tick, b: Tick): boolean =>
    Math.abs(place(a.value) - place(b.value)) < (widthOf(a.text) + widthOf(b.text)) / 2 + gap;
  const last = ticks.at(-1);
  for (const tick of last === undefined ? [] : [last, ...ticks.slice(0, -1)]) {
    if (!kept.some((other) => touches(other, tick))) kept.push(tick);
  }
  return kept.toSorted((a, b) => a.value - b.value);
}

/** 1024 as it is, 65536 as `64 Ki`, 1000000 as `1M`. */
function compact(value: number): string {
  if (value >= 1024 && value % 1024 === 0 && Number.isInteger(Math.log2(value))) return `${value / 1024}Ki`;
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  return `${Number(value.toPrecision(5))}`;
}

const STEPS: readonly (readonly number[])[] = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]];

/** The most that are not too dense, round values before others. */
function logTicks(start: number, end: number): number[] {
  const powers = Array.from({ length: Math.ceil(end) - Math.floor(start) + 1 }, (_, i) => Math.floor(start) + i);
  const isInside = (value: number): boolean => value > 0 && Math.log10(value) >= start && Math.log10(value) <= end;
  const ladders = STEPS.map((steps) => powers.flatMap((power) => steps.map((step) => step * 10 ** power)));
  const plainSteps = linearScale(10 ** start, 10 ** end, { from: 0, to: 1 }).ticks.map(({ value }) => value);
  const candidates = [...ladders, plainSteps]
    .map((values) => values.map((value) => Number(value.toPrecision(6))).filter(isInside))
    .filter(({ length }) => length <= DENSEST);
  return candidates.reduce<number[]>((best, found) => (found.length > best.length ? found : best), []);
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10);
}

/** Without the zeros that only pad: an axis says 20, not 20.0. */
function plain(value: number, text: (value: number) => string): string {
  const full = text(value);
  return full.includes('.') && !full.includes('e') ? full.replace(/\.?0+$/, '') : full;
}
