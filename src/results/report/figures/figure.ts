/** What all figures share. */
import { metricName } from '../../metricNames.ts';
import type { MetricGroup, Report, ReportRow } from '../model.ts';
import { pairsWords } from '../../rowName.ts';

export interface Figure {
  kind: 'sweep' | 'placement' | 'pairs' | 'forest' | 'drift' | 'distribution';
  svg: string;
  caption: string;
}

/** Rows in groups that share placement and pairs, each named where there are several. */
export function settings(group: MetricGroup): { name: string; rows: ReportRow[] }[] {
  const found = [...Map.groupBy(group.rows, ({ row }) => `${row.placement}/${row.pairs}`).values()];
  return found.map((rows) => ({
    rows,
    name: rows[0] === undefined ? '' : `${rows[0].row.placement}, ${pairsWords(rows[0].row.pairs)}`,
  }));
}

export const heading = ({ test, metric }: MetricGroup): string => `${test}: ${metricName(metric)}`;
export const interval = ({ data }: Report): string =>
  `Median, band: ${data.spec.comparison.confidencePercent} % interval of the median`;
export const direction = ({ better }: MetricGroup): string => `${better.toLowerCase()} is better`;
