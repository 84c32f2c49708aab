/** Which figures a metric has. */
import type { MetricGroup, Report } from '../model.ts';
import { distributionFigures, driftFigures, forestFigures } from './cells.ts';
import type { Figure } from './figure.ts';
import { pairsFigures, placementFigures, sweepFigures } from './lines.ts';

/** All figures of a metric, in the order in which a reader asks. */
export function figuresOf(report: Report, group: MetricGroup): Figure[] {
  const known = group.rows.some(({ row }) => row.median !== undefined);
  if (!known) return [];
  return [
    ...sweepFigures(report, group),
    ...placementFigures(report, group),
    ...pairsFigures(report, group),
    ...forestFigures(report, group),
    ...driftFigures(report, group),
    ...distributionFigures(report, group),
  ];
}
