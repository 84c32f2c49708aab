/**
 * What several pairs say together: how far apart they started, how evenly they shared, and whether the wire could have
 * carried all of them at once.
 */
import type { PointResult, TestPoint } from '../api/protocol.ts';
import type { Problem } from '../api/protocol.ts';
import type { ResultRow, TrialMeasurement } from '../api/v1alpha1.ts';
import type { MetricInfo } from './catalogue.ts';
import { BOUND_TOLERANCE, pointBound, type Link } from './ethernet.ts';
import { type Cell, type Observations, pairValues } from './observations.ts';
import { jain } from './stats/jain.ts';
import { median } from './stats/median.ts';

/** Not in the catalogue: it is a property of the measurement, and no result. */
export const START_SKEW = 'startSkew';
const SIGNIFICANT_DIGITS = 6;

type Started = Pick<PointResult, 'synchronizedAt'> | undefined;

/**
 * By pair, seconds by which its client started later than the first, on the collector's clock. Empty for one pair alone;
 * without a value where a client did not meet the others.
 */
export function startSkews(
  at: Pick<TrialMeasurement, 'test' | 'point'>,
  clients: readonly Started[],
): TrialMeasurement[] {
  if (clients.length < 2) return [];
  const times = clients.map((client) => client?.synchronizedAt);
  const known = times.filter((time) => time !== undefined);
  const first = Math.min(...known);
  return times.map((time, pair) => ({
    ...at,
    pair,
    metric: START_SKEW,
    unit: 's',
    ...(time === undefined || known.length < times.length
      ? { reason: 'NotSynchronized: not every client met the others before the start' }
      : { value: (time - first) / 1000 }),
  }));
}

/** `ExceedsLinkRate` where all pairs together claim more than crosses the wire, or null. `rates`: payload bit/s by pair. */
export function exceedsTogether(point: TestPoint, link: Link, rates: readonly number[]): Problem | null {
  const sum = rates.reduce((total, rate) => total + rate, 0);
  const bound = pointBound(link, point);
  if (rates.length < 2 || sum <= bound * BOUND_TOLERANCE) return null;
  const gigabits = (value: number): string => `${(value / 1e9).toPrecision(4)} Gb/s`;
  return {
    reason: 'ExceedsLinkRate',
    message: `the ${rates.length} pairs together claim ${gigabits(sum)}, ${gigabits(bound)} is all the link can carry: they did not run at once, or took another path`,
  };
}

/** What a row of several pairs carries beside its value: medians and extremes over the blocks. */
export function togetherOf(
  index: Observations,
  cell: Cell,
  { key, info }: { key: string; info: MetricInfo },
): Pick<ResultRow, 'fairness' | 'startSkewSeconds'> {
  if (cell.pairs < 2) return {};
  const shares = info.combine === 'Sum' ? pairValues(index, cell, key, info.metric) : [];
  const fairness = median(shares.flatMap((values) => jain(values) ?? []));
  const skews = pairValues(index, cell, key, START_SKEW).flat();
  return {
    ...(fairness === null ? {} : { fairness: rounded(fairness) }),
    ...(skews.length === 0 ? {} : { startSkewSeconds: rounded(Math.max(...skews)) }),
  };
}

const rounded = (value: number): number => Number(value.toPrecision(SIGNIFICANT_DIGITS));
