/**
 * MLRsearch as a pure strategy: from the trials so far to the next load, or the end. Each goal is approached by way of
 * coarser ones (wider, resting on fewer seconds), so that little time is spent on loads far from it; all trials count for
 * all goals. What a load is, and which bounds are relevant, is MLRsearch's; the choice of loads it leaves to the
 * implementation: the largest first, then what got through there, steps that double until both bounds are there, then
 * the geometric middle.
 */
import { boundsOf, byLoad, isNarrow } from './bounds.ts';
import type { Bounds, ByLoad } from './bounds.ts';
import { conditionalThroughput } from './classify.ts';
import type { GoalEnd, GoalResult, SearchConfig, SearchGoal, SearchStep, TrialResult } from './types.ts';

/** Coarser goals before each, and how much wider each is than the next. */
const PHASES = 3;
const WIDENING = 4;
const WIDEST = 0.5;

/** The same trials always give the same step. Loads lie within [minLoad, maxLoad]. */
export function nextStep(config: SearchConfig, trials: readonly TrialResult[]): SearchStep {
  const loads = byLoad(trials);
  for (const target of trials.length < config.maxTrials ? config.goals.flatMap(targets) : []) {
    const load = trials.length === 0 ? config.maxLoad : nextLoad(config, target, loads);
    if (load !== null) return { do: 'Measure', load, seconds: target.finalTrialSeconds };
  }
  return { do: 'Done', results: resultsOf(config, trials) };
}

/** Where each goal stands by these trials; before the end of the search, the best known. */
export function resultsOf(config: SearchConfig, trials: readonly TrialResult[]): GoalResult[] {
  const loads = byLoad(trials);
  return config.goals.map((goal) => {
    const bounds = boundsOf(goal, loads);
    const { lower, upper } = bounds;
    const through = lower === null ? null : conditionalThroughput(goal, lower, loads.get(lower) ?? []);
    return { goal: goal.name, end: endOf(config, goal, bounds), lower, upper, conditionalThroughput: through };
  });
}

function endOf({ minLoad, maxLoad }: SearchConfig, goal: SearchGoal, bounds: Bounds): GoalEnd {
  if (isNarrow(bounds, goal.width)) return 'Regular';
  if (bounds.upper === null && bounds.lower === maxLoad) return 'NoUpperBound';
  return bounds.lower === null && bounds.upper === minLoad ? 'NoLowerBound' : 'Unfinished';
}

/** From wide and quick to the goal itself. */
function targets(goal: SearchGoal): SearchGoal[] {
  return Array.from({ length: PHASES }, (_, phase) => {
    const left = PHASES - 1 - phase;
    const share = (goal.durationSum / goal.finalTrialSeconds) ** (phase / (PHASES - 1));
    return {
      ...goal,
      width: Math.max(goal.width, Math.min(WIDEST, goal.width * WIDENING ** left)),
      durationSum: left === 0 ? goal.durationSum : goal.finalTrialSeconds * share,
    };
  });
}

/** Null once the target is reached, or lies beyond the range. */
function nextLoad(config: SearchConfig, target: SearchGoal, loads: ByLoad): number | null {
  const bounds = boundsOf(target, loads);
  if (endOf(config, target, bounds) !== 'Unfinished') return null;
  if (bounds.upper === null) return upwards(config, target, bounds, loads);
  if (bounds.lower === null) return downwards(config, target, bounds, loads);
  return between(bounds.lower, bounds.upper, bounds.undecided);
}

/** An upper bound is missing: what looks like one is tried again, else a higher load. */
function upwards(config: SearchConfig, target: SearchGoal, bounds: Bounds, loads: ByLoad): number {
  const { undecided, lower } = bounds;
  const likely = undecided.find((load) => looksHigh(target, loads.get(load))) ?? undecided.at(-1);
  if (likely !== undefined) return likely;
  return Math.min(config.maxLoad, (lower ?? config.maxLoad) / (1 - Math.min(WIDEST, WIDENING * target.width)));
}

/** A lower bound is missing: what looks like one is tried again, else what got through, by steps that double. */
function downwards(config: SearchConfig, target: SearchGoal, bounds: Bounds, loads: ByLoad): number {
  const { undecided, uppers } = bounds;
  const upper = bounds.upper ?? config.maxLoad;
  const likely = undecided.findLast((load) => !looksHigh(target, loads.get(load))) ?? undecided[0];
  if (likely !== undefined) return likely;
  const losses = (loads.get(upper) ?? []).map(({ lossRatio }) => lossRatio);
  const through = upper * (1 - Math.min(...losses, 1));
  const step = upper * (1 - Math.min(WIDEST, target.width * 2 ** uppers));
  return Math.max(config.minLoad, Math.min(step, Math.max(through, upper * (1 - WIDEST))));
}

/** What is undecided there is decided first, the nearest to the middle; else the geometric middle. */
function between(lower: number, upper: number, undecided: readonly number[]): number {
  const middle = Math.sqrt(lower * upper);
  const off = (load: number): number => Math.abs(Math.log(load / middle));
  const [nearest = middle] = undecided.toSorted((a, b) => off(a) - off(b));
  return nearest;
}

function looksHigh({ lossRatio }: SearchGoal, trials: readonly TrialResult[] = []): boolean {
  const high = trials.filter((trial) => trial.lossRatio > lossRatio).length;
  return high > trials.length / 2;
}
