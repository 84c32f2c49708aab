/** Figures of cells: ratios as a forest, blocks in order of time, distributions. */
import { metricName } from '../../metricNames.ts';
import type { MetricGroup, Report, ReportRow } from '../model.ts';
import { type DistributionRow, distributionFigure } from '../plots/distribution.ts';
import { driftFigure, residuals } from '../plots/drift.ts';
import { forestFigure, forestWords } from '../plots/forest.ts';
import { pointWords } from '../words.ts';
import { direction, type Figure, heading, settings } from './figure.ts';

/** Rows of one forest or distribution. */
const MOST_ROWS = 60;

/** Rows of one setting in pieces that fit a figure, cut between points. */
function pieces(rows: readonly ReportRow[]): ReportRow[][] {
  const out: ReportRow[][] = [];
  for (const point of Map.groupBy(rows, ({ pointId }) => pointId).values()) {
    const last = out.at(-1);
    if (last !== undefined && last.length + point.length <= MOST_ROWS) last.push(...point);
    else out.push([...point]);
  }
  return out;
}

const rowNames = (rows: readonly ReportRow[], type: MetricGroup['type']) => {
  const several = new Set(rows.map(({ pointId }) => pointId)).size > 1;
  return rows.map(({ row, pointId }, i) => ({
    row,
    name: [several ? pointWords(row.point, type) : '', row.mode].filter((part) => part !== '').join(' '),
    first: i > 0 && several && rows[i - 1]?.pointId !== pointId,
  }));
};

export function forestFigures(report: Report, group: MetricGroup): Figure[] {
  const { baseline, comparison } = report.data.spec;
  if (report.modes.length < 2 || group.rows[0]?.primary !== true) return [];
  return settings(group).flatMap(({ name, rows }) =>
    pieces(rows.filter(({ row }) => row.mode !== baseline)).flatMap((piece): Figure[] => {
      if (piece.every(({ row }) => row.ratio === undefined)) return [];
      const svg = forestFigure({
        title: `${heading(group)}, ratio to ${baseline}, ${name}`,
        description: `${piece.length} ratios with their intervals; the strip is what counts as equivalent.`,
        xTitle: `Ratio to ${baseline} (1 is no difference, ${direction(group)})`,
        equivalencePercent: comparison.equivalencePercent,
        rows: rowNames(piece, group.type).map(({ row, name: own, first }) => ({
          mode: report.modes.indexOf(row.mode),
          name: own,
          ...(row.ratio === undefined ? {} : { ratio: row.ratio }),
          words: forestWords(row.ratio, row.verdict),
          first,
        })),
      });
      const caption = `${name}. Ratio to ${baseline}, paired by block, with its ${comparison.confidencePercent} % interval; strip: equivalent within ${comparison.equivalencePercent} %. A hollow mark has no interval.`;
      return [{ kind: 'forest', svg, caption }];
    }),
  );
}

const valuesOf = ({ blocks }: ReportRow): Map<number, number> =>
  new Map([...blocks].flatMap(([block, found]) => ('value' in found ? [[block + 1, found.value] as const] : [])));

export function driftFigures(report: Report, group: MetricGroup): Figure[] {
  if (group.rows[0]?.primary !== true) return [];
  const { drifts } = report.analysis;
  const told = drifts
    .filter(({ test, metric }) => test === group.test && metric === group.metric)
    .map(({ mode, tau, p }) => `${mode} ${tau.toFixed(2)} (p ${p < 0.001 ? '< 0.001' : p.toPrecision(2)})`);
  const svg = driftFigure({
    title: `${heading(group)}, blocks in order of time`,
    description: 'One line for each mode: how far the block is from the median of all blocks.',
    name: 'From own median',
    blocks: report.blocks.map((block) => block + 1),
    series: report.modes.map((name, mode) => ({
      mode,
      points: residuals(group.rows.filter(({ row }) => row.mode === name).map(valuesOf)),
    })),
    legend: report.modes.map((text, mode) => ({ mode, text })),
  });
  const trend = told.length === 0 ? '' : ` Kendall’s tau with time: ${told.join(', ')}.`;
  return [
    {
      kind: 'drift',
      svg,
      caption: `Each block against the mode’s own median; of several points, placements and pairs the median.${trend}`,
    },
  ];
}

/** Of one point the values as they are; of several, which may lie far apart, how far each is from its cell's median. */
export function distributionFigures(report: Report, group: MetricGroup): Figure[] {
  const relative = new Set(group.rows.map(({ pointId }) => pointId)).size > 1;
  const { confidencePercent } = report.data.spec.comparison;
  return settings(group).flatMap(({ name, rows }) =>
    pieces(rows).map((piece): Figure => {
      const names = rowNames(piece, group.type);
      const svg = distributionFigure({
        title: `${heading(group)}, distribution per cell, ${name}`,
        description: `${piece.length} cells: each block a dot.`,
        axis: relative ? 'From the cell’s own median (%)' : metricName(group.metric),
        unit: relative ? null : group.unit,
        rows: piece.map((found, i) => ({
          mode: report.modes.indexOf(found.row.mode),
          name: names[i]?.name ?? '',
          first: names[i]?.first === true,
          ...spreadOf(found, relative),
        })),
      });
      return {
        kind: 'distribution',
        svg,
        caption: `${name}. Dots: one a block, at several heights so that equal ones show. Upright: median; bar: its ${confidencePercent} % interval.${relative ? '' : ' The axis does not begin at zero.'}`,
      };
    }),
  );
}

function spreadOf(found: ReportRow, relative: boolean): Pick<DistributionRow, 'values' | 'median' | 'low' | 'high'> {
  const { median, low, high } = found.row;
  if (median === undefined || (relative && median === 0)) return { values: [] };
  const shown = (value: number): number => (relative ? (value / median - 1) * 100 : value);
  const values = [...valuesOf(found).values()].map(shown);
  return {
    values,
    median: shown(median),
    ...(low === undefined || high === undefined ? {} : { low: shown(low), high: shown(high) }),
  };
}
