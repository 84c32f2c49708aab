/**
 * The results as a table for a terminal: one group per test, placement and number of pairs, in it one block per point and
 * metric, in it one line per mode. Text only; what the strings hold is shown without its control characters.
 */
import type { ComparisonFamily, GeometricMean, ResultRow } from '../api/v1alpha1.ts';
import { digits, formatQuantity } from './quantity.ts';
import { metricName } from './metricNames.ts';
import { pointText, rateUnitOf, type TestKind } from './rowName.ts';
import { paint, wrapped } from './text.ts';
import type { Style } from './text.ts';

export { formatQuantity } from './quantity.ts';

export interface TableOptions {
  /** Columns of the terminal; used between 80 and 160. */
  width: number;
  colour: boolean;
  title: string;
  /** `emulated` puts a warning on top. */
  environment?: string;
  /** Ratios over all points of a test: a block below its points. */
  geometricMeans?: readonly GeometricMean[];
  /** Of the spec: they tell the unit of an offered rate. */
  tests?: readonly TestKind[];
  /** Said below the table: what verdicts hold for. */
  family?: ComparisonFamily;
}

const VERDICT_STYLES: Record<ResultRow['verdict'], Style> = {
  Baseline: 'dim',
  Better: 'green',
  Worse: 'red',
  Equivalent: 'cyan',
  Inconclusive: 'yellow',
};

/** Widths of the columns after the mode's, and their titles. */
const COLUMNS = [
  { title: 'median', width: 10 },
  { title: 'interval', width: 22 },
  { title: 'to baseline', width: 20 },
] as const;
const VERDICT_WIDTH = 12;
const INDENT = '  ';
/** All but the mode's column. */
const FIXED = INDENT.length + COLUMNS.reduce((sum, column) => sum + column.width, 0) + 2 + VERDICT_WIDTH;

/**
 * The whole table, lines ended by newlines, none wider than `options.width` (at least 80, at most 160 columns). Ratios
 * are to the baseline, with their interval; what is inconclusive or missing has its reason on lines of its own. Below:
 * outliers that were kept, and how many comparisons the verdicts hold for together.
 */
export function resultTable(rows: readonly ResultRow[], options: TableOptions): string {
  const width = Math.min(160, Math.max(80, Math.floor(options.width) || 80));
  const style = (text: string, name: Style) => (options.colour ? paint(text, name) : text);
  const lines = [style(fit(options.title, width), 'bold')];
  if (options.environment === 'emulated') {
    lines.push(style('Sandbox: figures prove the plumbing, not the hardware', 'yellow'));
  }
  if (rows.length === 0) lines.push('', 'No results yet.');
  const modeWidth = modeColumn(rows, width);
  const layout = { width, modeWidth, widths: columnWidths(width - modeWidth), style };
  for (const group of grouped(rows, groupTitle)) {
    lines.push('', style(fit(group.title, width), 'bold'));
    for (const block of grouped(group.rows, (row) => blockTitle(row, options.tests ?? []))) {
      lines.push(style(fit(`${INDENT}${block.title}`, width), 'underline'));
      lines.push(...blockLines(block.rows, layout));
    }
    lines.push(...meansLines(options.geometricMeans ?? [], group, layout));
  }
  const notes = footnotes(rows, options).flatMap((note) => wrapped(note, width));
  if (notes.length > 0) lines.push('', ...notes.map((note) => style(note, 'dim')));
  return `${lines.join('\n')}\n`;
}

interface Layout {
  width: number;
  /** The mode's column, and the others: the same in all blocks. */
  modeWidth: number;
  widths: number[];
  style: (text: string, name: Style) => string;
}

function blockLines(rows: ResultRow[], layout: Layout): string[] {
  const { modeWidth, widths, style } = layout;
  const titles = COLUMNS.map((column, i) => column.title.padStart(widths[i] ?? 0)).join('');
  const head = `${INDENT}${'mode'.padEnd(modeWidth)}${titles}  verdict`;
  return [style(head, 'dim'), ...rows.flatMap((row) => rowLines(row, layout))];
}

/** A small ratio with its interval is long: it gets what room is left beside the mode. */
function columnWidths(room: number): number[] {
  const spare = Math.min(6, Math.max(0, room - FIXED));
  return COLUMNS.map(({ width }, i) => (i === COLUMNS.length - 1 ? width + spare : width));
}

function rowLines(row: ResultRow, { width, modeWidth, widths, style }: Layout): string[] {
  const texts = [median(row), interval(row), ratio(row)];
  const cells = widths.map((columns, i) => fit(texts[i] ?? '', columns - 1).padStart(columns)).join('');
  const line = `${INDENT}${fit(row.mode, modeWidth - 1).padEnd(modeWidth)}${cells}  `;
  const reason = row.message !== undefined && needsReason(row) ? row.message : '';
  const remarks = [sharing(row), reason]
    .flatMap((text) => wrapped(text, width - 6))
    .map((text) => style(`${INDENT}    ${text}`, 'dim'));
  return [line + style(row.verdict, VERDICT_STYLES[row.verdict] ?? 'dim'), ...remarks];
}

/** What several pairs say together; empty for one. */
function sharing({ fairness, startSkewSeconds }: ResultRow): string {
  return [
    ...(fairness === undefined ? [] : [`fairness ${digits(fairness)} (Jain)`]),
    ...(startSkewSeconds === undefined ? [] : [`all started within ${formatQuantity(startSkewSeconds, 's')}`]),
  ].join(', ');
}

/** Geometric means of a group's test, one block per metric. */
function meansLines(means: readonly GeometricMean[], group: { title: string }, layout: Layout): string[] {
  const { width, modeWidth, widths, style } = layout;
  const room = widths.reduce((sum, columns) => sum + columns, 0);
  const own = means.filter((mean) => groupTitle(mean) === group.title);
  return grouped(own, meanTitle).flatMap(({ title, rows }) => [
    style(fit(`${INDENT}${title}`, width), 'underline'),
    ...rows.map(({ mode, ratio }) => {
      const name = fit(mode, modeWidth - 1).padEnd(modeWidth);
      return `${INDENT}${name}${fit(ratioText(ratio), room - 1).padStart(room)}`;
    }),
  ]);
}

function footnotes(rows: readonly ResultRow[], { family }: TableOptions): string[] {
  const apart = rows.filter(({ outliers = 0 }) => outliers > 0);
  const count = apart.reduce((sum, { outliers = 0 }) => sum + outliers, 0);
  const kept = `${count === 1 ? '1 outlier' : `${count} outliers`} kept, in ${apart.length === 1 ? 'one row' : `${apart.length} rows`}.`;
  const together = `Better and Worse hold for all ${family?.comparisons} comparisons together (Holm).`;
  return [
    ...(count === 0 ? [] : [kept]),
    ...(family === undefined || family.comparisons < 2 || rows.length === 0 ? [] : [together]),
  ];
}

function needsReason(row: ResultRow): boolean {
  return row.verdict === 'Inconclusive' || row.median === undefined || row.low === undefined;
}

function modeColumn(rows: readonly ResultRow[], width: number): number {
  const longest = Math.max(4, ...rows.map((row) => row.mode.length)) + 1;
  return Math.min(longest, width - FIXED);
}

function median(row: ResultRow): string {
  return row.median === undefined ? '-' : formatQuantity(row.median, row.unit);
}

function interval({ low, high, unit }: ResultRow): string {
  return low === undefined || high === undefined ? '-' : shared(formatQuantity(low, unit), formatQuantity(high, unit));
}

/** `30.9 to 31.5 µs`: the unit once where both ends have the same. */
function shared(low: string, high: string): string {
  const [number = low, unit] = low.split(' ');
  return unit !== undefined && high.endsWith(` ${unit}`) ? `${number} to ${high}` : `${low} to ${high}`;
}

function ratio(row: ResultRow): string {
  if (row.verdict === 'Baseline') return '1';
  return row.ratio === undefined ? '-' : ratioText(row.ratio);
}

function ratioText({ median: centre, low, high }: NonNullable<ResultRow['ratio']>): string {
  const range = low === undefined || high === undefined ? '' : ` (${short(low)}-${short(high)})`;
  return `${digits(centre)}${range}`;
}

/** Two digits are enough of a bound that is small. */
function short(value: number): string {
  return value < 0.1 ? String(Number(value.toPrecision(2))) : digits(value);
}

function groupTitle({ test, placement, pairs }: Pick<ResultRow, 'test' | 'placement' | 'pairs'>): string {
  const where = placement === 'SameNode' ? 'on one node' : 'between nodes';
  return `${test}, ${where}, ${pairs === 1 ? 'one pair' : `${pairs} pairs at once`}`;
}

function blockTitle(row: ResultRow, tests: readonly TestKind[]): string {
  return [...pointText(row.point, rateUnitOf(row.test, tests)), metricTitle(row)].join(', ');
}

const meanTitle = (mean: GeometricMean): string => `geometric mean of ${mean.points} points, ${metricTitle(mean)}`;

const metricTitle = ({ metric, better }: Pick<ResultRow, 'metric' | 'better'>): string =>
  `${metricName(metric)} (${better.toLowerCase()} is better)`;

function grouped<T>(rows: readonly T[], titleOf: (row: T) => string): { title: string; rows: T[] }[] {
  return [...Map.groupBy(rows, titleOf)].map(([title, members]) => ({ title, rows: members }));
}

function fit(text: string, width: number): string {
  const clean = text.replace(/\p{Cc}/gu, ' ');
  return clean.length <= width ? clean : `${clean.slice(0, width - 1)}…`;
}
