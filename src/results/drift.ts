/** Does a metric drift over the blocks of an Experiment? */
import type { Drift, ExperimentSpec } from '../api/v1alpha1.ts';
import { rounded } from './rows.ts';
import type { RowDraft } from './rows.ts';
import { fewestObservations } from './stats/binomial.ts';
import { kendallTrend } from './stats/kendall.ts';
import { median } from './stats/median.ts';

/**
 * Per test, primary metric and mode: Kendall's tau with time of the residuals, one a block: the median over the rows (points,
 * placements, pairs) of how far the block's value is from the row's own median, on the logarithmic scale. Blocks follow
 * each other in time. Pairing by block takes what all modes share out of the ratios; medians keep it. Absent where there
 * are too few blocks for an interval.
 */
export function drifts({ comparison }: ExperimentSpec, drafts: readonly RowDraft[]): Drift[] {
  const groups = Map.groupBy(drafts, ({ row: { test, metric, mode } }) => [test, metric, mode].join('/'));
  return [...groups.values()].flatMap((rows) => driftOf(rows, comparison.confidencePercent));
}

function driftOf(rows: readonly RowDraft[], confidencePercent: number): Drift[] {
  const row = rows[0]?.row;
  const residuals = residualsByBlock(rows);
  if (row === undefined || residuals.length < fewestObservations(confidencePercent / 100)) return [];
  const trend = kendallTrend(residuals);
  if (trend === null) return [];
  const { test, metric, mode } = row;
  return [{ test, metric, mode, n: residuals.length, tau: rounded(trend.tau), p: rounded(trend.p) }];
}

/** In order of blocks. */
function residualsByBlock(rows: readonly RowDraft[]): number[] {
  const byBlock = new Map<number, number[]>();
  for (const { values } of rows) {
    const logs = [...values].map(([block, value]) => [block, Math.log(value)] as const);
    const finite = logs.filter(([, log]) => Number.isFinite(log));
    const centre = median(finite.map(([, log]) => log)) ?? 0;
    for (const [block, log] of finite) byBlock.set(block, [...(byBlock.get(block) ?? []), log - centre]);
  }
  return [...byBlock].toSorted(([a], [b]) => a - b).flatMap(([, residuals]) => median(residuals) ?? []);
}
