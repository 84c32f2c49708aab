/**
 * Words of MLRsearch (Multiple Loss Ratio search, draft-ietf-bmwg-mlrsearch, FD.io). Loads are in any unit of rate,
 * durations in seconds.
 */

/** One trial: a load was offered for a time, and so much of it was lost. */
export interface TrialResult {
  load: number;
  seconds: number;
  /** 0 to 1. */
  lossRatio: number;
}

export interface SearchGoal {
  name: string;
  /** A trial that loses more is a high-loss trial. */
  lossRatio: number;
  /** Share of the time that may be high-loss at a load that still counts as a lower bound, from 0 to below 1. */
  exceedRatio: number;
  /** Trials shorter than this are short: they can condemn a load, not acquit it. */
  finalTrialSeconds: number;
  /** Full-length trials a load's classification rests on, seconds in all. */
  durationSum: number;
  /** How close the bounds must come: 1 - lower / upper. */
  width: number;
}

export interface SearchConfig {
  goals: readonly SearchGoal[];
  minLoad: number;
  maxLoad: number;
  /** The search gives up after so many. */
  maxTrials: number;
}

export type LoadClass = 'LowerBound' | 'UpperBound' | 'Undecided';

/** How the search for a goal ended. Irregular where one bound is missing: the whole range lies on one side of the goal. */
export type GoalEnd = 'Regular' | 'NoUpperBound' | 'NoLowerBound' | 'Unfinished';

export interface GoalResult {
  goal: string;
  end: GoalEnd;
  /** Relevant bounds. */
  lower: number | null;
  upper: number | null;
  /** What got through at the relevant lower bound; null without one. */
  conditionalThroughput: number | null;
}

export type SearchStep = { do: 'Measure'; load: number; seconds: number } | { do: 'Done'; results: GoalResult[] };
