/** The loads that were tried, as a goal sees them. */
import { classify } from './classify.ts';
import type { SearchGoal, TrialResult } from './types.ts';

/** Trials by load. */
export type ByLoad = ReadonlyMap<number, readonly TrialResult[]>;

export interface Bounds {
  /** Relevant lower bound: the largest one below every upper bound. */
  lower: number | null;
  /** Relevant upper bound: the smallest one. */
  upper: number | null;
  /** Loads that are not decided and lie between the bounds, rising. */
  undecided: number[];
  /** Upper bounds in all. */
  uppers: number;
}

export function byLoad(trials: readonly TrialResult[]): ByLoad {
  return Map.groupBy(trials, ({ load }) => load);
}

/** Source: draft-ietf-bmwg-mlrsearch, "Relevant Upper Bound" and "Relevant Lower Bound". */
export function boundsOf(goal: SearchGoal, loads: ByLoad): Bounds {
  const classes = [...loads].map(([load, trials]) => ({ load, found: classify(goal, trials) }));
  const of = (found: string): number[] => classes.filter((one) => one.found === found).map(({ load }) => load);
  const uppers = of('UpperBound');
  const upper = uppers.length === 0 ? null : Math.min(...uppers);
  const lowers = of('LowerBound').filter((load) => load < (upper ?? Infinity));
  const lower = lowers.length === 0 ? null : Math.max(...lowers);
  const undecided = of('Undecided')
    .filter((load) => load > (lower ?? -Infinity) && load < (upper ?? Infinity))
    .toSorted((a, b) => a - b);
  return { lower, upper, undecided, uppers: uppers.length };
}

/** True where the bounds are as close as the goal asks. */
export function isNarrow({ lower, upper }: Bounds, width: number): boolean {
  return lower !== null && upper !== null && 1 - lower / upper <= width + 1e-9;
}
