/** What the trials at one load say about it: load classification and conditional throughput of MLRsearch. */
import type { LoadClass, SearchGoal, TrialResult } from './types.ts';

type Criteria = Pick<SearchGoal, 'lossRatio' | 'exceedRatio' | 'finalTrialSeconds' | 'durationSum'>;

/**
 * Lower bound, upper bound, or not decided yet: the load's class if all trials still missing were high-loss, and if all
 * were low-loss; decided where both agree.
 * Source: draft-ietf-bmwg-mlrsearch, appendix "Load Classification Code".
 */
export function classify(goal: Criteria, trials: readonly TrialResult[]): LoadClass {
  const sums = sumsOf(goal, trials);
  const balancing = (sums.shortLow * goal.exceedRatio) / (1 - goal.exceedRatio);
  const high = sums.fullHigh + Math.max(0, sums.shortHigh - balancing);
  const whole = Math.max(sums.fullLow + high, goal.durationSum);
  const allowed = whole * goal.exceedRatio;
  if (whole - sums.fullLow <= allowed) return 'LowerBound';
  return high <= allowed ? 'Undecided' : 'UpperBound';
}

/**
 * The load less the loss that all but the exceed ratio of its full-length trials keep within; null without such trials.
 * Source: draft-ietf-bmwg-mlrsearch, appendix "Conditional Throughput Code".
 */
export function conditionalThroughput(goal: Criteria, load: number, trials: readonly TrialResult[]): number | null {
  const full = trials
    .filter(({ seconds }) => seconds >= goal.finalTrialSeconds)
    .toSorted((a, b) => a.lossRatio - b.lossRatio);
  const [first] = full;
  if (first === undefined) return null;
  const whole = Math.max(goal.durationSum, sum(full));
  let remaining = whole * (1 - goal.exceedRatio);
  let quantile = first.lossRatio;
  for (const trial of full) {
    if (remaining <= 0) return load * (1 - quantile);
    quantile = trial.lossRatio;
    remaining -= trial.seconds;
  }
  return remaining > 0 ? 0 : load * (1 - quantile);
}

interface Sums {
  fullLow: number;
  fullHigh: number;
  shortLow: number;
  shortHigh: number;
}

function sumsOf(goal: Criteria, trials: readonly TrialResult[]): Sums {
  const of = (full: boolean, high: boolean): number =>
    sum(
      trials.filter(
        ({ seconds, lossRatio }) => seconds >= goal.finalTrialSeconds === full && lossRatio > goal.lossRatio === high,
      ),
    );
  return {
    fullLow: of(true, false),
    fullHigh: of(true, true),
    shortLow: of(false, false),
    shortHigh: of(false, true),
  };
}

const sum = (trials: readonly TrialResult[]): number => trials.reduce((total, { seconds }) => total + seconds, 0);
