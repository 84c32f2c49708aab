/** The goals of a RateSearch: those of FD.io CSIT, over the time that the test is given. */
import type { TestPoint } from '../../api/protocol.ts';
import type { SearchConfig, SearchGoal } from './types.ts';

/** NDR: no loss. PDR: at most 0.5 % (FD.io CSIT, "MLRsearch tests"). */
export const GOAL_LOSS = { ndr: 0, pdr: 0.005 } as const;
/** Trials of a second, half of which may exceed the goal (CSIT's too). */
export const TRIAL_SECONDS = 1;
const EXCEED_RATIO = 0.5;
const DEFAULT_WIDTH_PERCENT = 1;
/** A load below this share of the largest is no answer: the search ends there. */
const SMALLEST_SHARE = 1e-4;
const MOST_TRIALS = 10_000;

/** `maxLoad`: datagrams per second that the sender can send. */
export function rateSearch(point: TestPoint, maxLoad: number): SearchConfig {
  const goal = (name: keyof typeof GOAL_LOSS): SearchGoal => ({
    name,
    lossRatio: GOAL_LOSS[name],
    exceedRatio: EXCEED_RATIO,
    finalTrialSeconds: TRIAL_SECONDS,
    durationSum: Math.max(TRIAL_SECONDS, point.durationSeconds),
    width: (point.widthPercent ?? DEFAULT_WIDTH_PERCENT) / 100,
  });
  const minLoad = Math.max(1, maxLoad * SMALLEST_SHARE);
  return { goals: [goal('ndr'), goal('pdr')], minLoad: Math.min(minLoad, maxLoad), maxLoad, maxTrials: MOST_TRIALS };
}
