/**
 * The results as a table for a terminal: one group per test, placement and number of pairs, in it one block per point and
 * metric, in it one line per mode. Text only; what the strings hold is shown without its control characters.
 */
import type { ResultRow } from '../api/v1alpha1.ts';
import { digits, formatQuantity } from './quantity.ts';
import { pointText } from './rowName.ts';
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
}

const METRIC_NAMES: Record<string, string> = {
  rttP50: 'round trip, median',
  rttP90: 'round trip, 90th percentile',
  rttP99: 'round trip, 99th percentile',
  rttP999: 'round trip, 99.9th percentile',
  rttMean: 'round trip, mean',
  transactionRate: 'transactions per second',
  lossRatio: 'share of messages lost',
  throughput: 'throughput at the receiver',
  retransmits: 'TCP retransmissions',
  packetRate: 'packets per second at the receiver',
};

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
 * are to the baseline, with their interval; what is inconclusive or missing has its reason on lines of its own.
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
    for (const block of grouped(group.rows, blockTitle)) {
      lines.push(style(fit(`${INDENT}${block.title}`, width), 'underline'));
      lines.push(...blockLines(block.rows, layout));
    }
  }
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
  const remarks = wrapped(reason, width - 6).map((text) => style(`${INDENT}    ${text}`, 'dim'));
  return [line + style(row.verdict, VERDICT_STYLES[row.verdict] ?? 'dim'), ...remarks];
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
  if (row.ratio === undefined) return '-';
  const { median: centre, low, high } = row.ratio;
  const range = low === undefined || high === undefined ? '' : ` (${short(low)}-${short(high)})`;
  return `${digits(centre)}${range}`;
}

/** Two digits are enough of a bound that is small. */
function short(value: number): string {
  return value < 0.1 ? String(Number(value.toPrecision(2))) : digits(value);
}

function groupTitle({ test, placement, pairs }: ResultRow): string {
  const where = placement === 'SameNode' ? 'on one node' : 'between nodes';
  return `${test}, ${where}, ${pairs === 1 ? 'one pair' : `${pairs} pairs at once`}`;
}

function blockTitle({ point, metric, better }: ResultRow): string {
  const name = `${METRIC_NAMES[metric] ?? metric} (${better.toLowerCase()} is better)`;
  return [...pointText(point), name].join(', ');
}

function grouped(
  rows: readonly ResultRow[],
  titleOf: (row: ResultRow) => string,
): { title: string; rows: ResultRow[] }[] {
  return [...Map.groupBy(rows, titleOf)].map(([title, members]) => ({ title, rows: members }));
}

function fit(text: string, width: number): string {
  const clean = text.replace(/\p{Cc}/gu, ' ');
  return clean.length <= width ? clean : `${clean.slice(0, width - 1)}…`;
}
