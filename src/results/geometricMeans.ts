/** One ratio for a whole sweep: the geometric mean over the points of a test. */
import type { ExperimentSpec, GeometricMean } from '../api/v1alpha1.ts';
import { bounds, rounded } from './rows.ts';
import type { RowDraft } from './rows.ts';
import { ratioOfLogs } from './stats/hodgesLehmann.ts';

/**
 * Per test of two points or more, primary metric, placement, pairs and mode: in each block the geometric mean over the
 * points of the ratio to the baseline, and over the blocks its Hodges-Lehmann estimate with the signed-rank interval. One
 * value a block, so that points of one trial, which share its luck, never count as independent. Blocks in which any point
 * lacks its ratio are left out. Metrics and directions are not mixed.
 * Source: the geometric mean as the only fair mean of ratios: P. J. Fleming and J. J. Wallace, Communications of the ACM 29
 * (1986) 218-221.
 */
export function geometricMeans({ comparison }: ExperimentSpec, drafts: readonly RowDraft[]): GeometricMean[] {
  const compared = drafts.filter((draft) => draft.compared !== null);
  const groups = Map.groupBy(compared, ({ row: { test, metric, placement, pairs, mode } }) =>
    [test, metric, placement, pairs, mode].join('/'),
  );
  return [...groups.values()]
    .filter(({ length }) => length > 1)
    .flatMap((points) => meanOf(points, comparison.confidencePercent / 100));
}

function meanOf(points: readonly RowDraft[], confidence: number): GeometricMean[] {
  const [first, ...others] = points.flatMap(({ compared }) => (compared === null ? [] : [compared.logs]));
  const row = points[0]?.row;
  if (first === undefined || row === undefined) return [];
  const means = [...first].flatMap(([block, log]) => {
    const logs = [log, ...others.flatMap((one) => one.get(block) ?? [])];
    return logs.length === points.length ? [logs.reduce((sum, one) => sum + one, 0) / logs.length] : [];
  });
  const ratio = ratioOfLogs(means, confidence);
  if (ratio.median === null) return [];
  const { test, metric, better, placement, pairs, mode } = row;
  const found = { n: ratio.n, median: rounded(ratio.median), ...bounds(ratio) };
  return [{ test, metric, better, placement, pairs, mode, points: points.length, ratio: found }];
}
