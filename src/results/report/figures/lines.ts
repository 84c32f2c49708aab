/** Figures of lines: against a sweep, one node against two, against pairs. */
import type { Point, ResultRow } from '../../../api/v1alpha1.ts';
import { CATALOGUE } from '../../catalogue.ts';
import { metricName } from '../../metricNames.ts';
import type { MetricGroup, Report, ReportRow } from '../model.ts';
import { isEmpty, type LinePoint, linesFigure, type Series } from '../plots/lines.ts';
import type { Entry } from '../plots/marks.ts';
import { pairsWords } from '../../rowName.ts';
import { pointWords } from '../words.ts';
import { direction, type Figure, heading, interval, settings } from './figure.ts';

/** Panels or figures of one kind for one metric; what does not fit is in the tables. */
const MOST_FACETS = 6;

const RATE = 'Offered rate';
const SWEEPS: readonly { key: keyof Point; title: string }[] = [
  { key: 'messageBytes', title: 'Message size (B)' },
  { key: 'rate', title: RATE },
  { key: 'streams', title: 'Parallel streams' },
];

/** A mode that has nothing to show is named all the same. */
const entriesOf = (series: readonly Series[]): Entry[] =>
  series.map((one) => ({ mode: one.mode, text: isEmpty(one) ? `${one.name} (no value)` : one.name }));

/** The swept values of a group, the one with most values first. */
function sweepsOf(rows: readonly ReportRow[]): { key: keyof Point; title: string; values: number[] }[] {
  return SWEEPS.map(({ key, title }) => ({
    key,
    title,
    values: [...new Set(rows.flatMap(({ row }) => row.point[key] ?? []))],
  }))
    .filter(({ values }) => values.length > 1)
    .toSorted((a, b) => b.values.length - a.values.length);
}

/** A rate's unit is that of its type of test. */
function sweepTitle(title: string, { type }: MetricGroup): string {
  if (title !== RATE) return title;
  return `${title} (${CATALOGUE[type].sweeps.rates?.unit === '1/s' ? 'messages/s' : 'b/s'})`;
}

const linePoint = (x: number, { median, low, high }: ResultRow): LinePoint => ({
  x,
  y: median ?? null,
  ...(low === undefined || high === undefined ? {} : { low, high }),
});

function seriesOf({ modes }: Report, rows: readonly ReportRow[], x: (row: ResultRow) => number | undefined): Series[] {
  return modes.map((name, mode) => ({
    mode,
    name,
    points: rows
      .filter(({ row }) => row.mode === name)
      .flatMap(({ row }) => {
        const at = x(row);
        return at === undefined ? [] : [linePoint(at, row)];
      }),
  }));
}

export function sweepFigures(report: Report, group: MetricGroup): Figure[] {
  const [sweep, other] = sweepsOf(group.rows);
  if (sweep === undefined) return [];
  const rest = (row: ResultRow): string =>
    other === undefined ? '' : pointWords({ [other.key]: row.point[other.key] } as Point, group.type);
  return settings(group).flatMap(({ name, rows }) => {
    const facets = [...Map.groupBy(rows, ({ row }) => rest(row))].slice(0, MOST_FACETS);
    return facets.map(([facet, own]): Figure => {
      const where = [facet, name].filter((part) => part !== '').join(', ');
      const series = seriesOf(report, own, ({ point }) => point[sweep.key]);
      const svg = linesFigure({
        title: `${heading(group)} against ${sweep.title.toLowerCase()}, ${where}`,
        description: `One line for each mode: ${report.modes.join(', ')}; ${direction(group)}.`,
        xTitle: sweepTitle(sweep.title, group),
        yName: metricName(group.metric),
        unit: group.unit,
        panels: [{ title: '', series }],
        legend: entriesOf(series),
      });
      return { kind: 'sweep', svg, caption: `${where}. ${interval(report)}; ${direction(group)}.` };
    });
  });
}

/** The same node against two nodes: a panel for each mode, or one for all where the test has one point. */
export function placementFigures(report: Report, group: MetricGroup): Figure[] {
  const { placements, pairs } = report.data.spec;
  if (placements.length < 2) return [];
  const [sweep] = sweepsOf(group.rows);
  const key = sweep?.key ?? SWEEPS.find(({ key }) => group.rows[0]?.row.point[key] !== undefined)?.key ?? 'streams';
  const title = SWEEPS.find((one) => one.key === key)?.title ?? '';
  const first = group.rows[0]?.row;
  const others = SWEEPS.filter((one) => one.key !== key);
  const isFirst = ({ point }: ResultRow): boolean => others.every((one) => point[one.key] === first?.point[one.key]);
  return pairs.slice(0, MOST_FACETS).map((count): Figure => {
    const rows = group.rows.filter(({ row }) => row.pairs === count && isFirst(row));
    const panels = report.modes.slice(0, MOST_FACETS).map((mode, i) => ({
      title: mode,
      series: placements.map((placement, second) => ({
        mode: i,
        name: placement,
        second: second > 0,
        points: rows
          .filter(({ row }) => row.mode === mode && row.placement === placement)
          .map(({ row }) => linePoint(row.point[key] ?? 1, row)),
      })),
    }));
    const svg = linesFigure({
      title: `${heading(group)}, ${placements.join(' against ')}, ${pairsWords(count)}`,
      description: `A panel for each mode, a line for each placement; ${direction(group)}.`,
      xTitle: sweepTitle(title, group),
      yName: metricName(group.metric),
      unit: group.unit,
      panels,
      legend: placements.map((text, second) => ({
        mode: 0,
        text,
        hollow: second > 0,
        dash: second > 0 ? ' dash' : '',
      })),
    });
    const left = report.modes.length > MOST_FACETS ? ` First ${MOST_FACETS} of ${report.modes.length} modes.` : '';
    return {
      kind: 'placement',
      svg,
      caption: `${placements.map((p) => PLACEMENTS[p]).join('; ')}. ${pairsWords(count)}. ${interval(report)}.${left}`,
    };
  });
}

const PLACEMENTS = {
  CrossNode: 'CrossNode: over the wire',
  SameNode: 'SameNode: both ends on one node (inter-VM)',
} as const;

export function pairsFigures(report: Report, group: MetricGroup): Figure[] {
  if (report.data.spec.pairs.length < 2) return [];
  return report.data.spec.placements.flatMap((placement) => {
    const rows = group.rows.filter(({ row }) => row.placement === placement);
    const points = [...Map.groupBy(rows, ({ row }) => pointWords(row.point, group.type))];
    return spread(points, 3).map(([name, own]): Figure => {
      const where = [name, placement].filter((part) => part !== '').join(', ');
      const series = seriesOf(report, own, ({ pairs }) => pairs);
      const svg = linesFigure({
        title: `${heading(group)} against pairs at once, ${where}`,
        description: `One line for each mode; ${direction(group)}.`,
        xTitle: 'Pairs of client and server at once',
        yName: metricName(group.metric),
        unit: group.unit,
        panels: [{ title: '', series }],
        legend: entriesOf(series),
      });
      const over = group.unit === 's' || group.unit === '1' ? 'the worst pair' : 'the sum over all pairs';
      return {
        kind: 'pairs',
        svg,
        caption: `${where}. Of each trial ${over}. ${interval(report)}; ${direction(group)}.`,
      };
    });
  });
}

/** First, last and what is between, at most `most`. */
function spread<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))] as T);
}
