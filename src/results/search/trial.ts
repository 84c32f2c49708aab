/** What one run of the generator says about a load, and what a search's end says of a point. */
import type { Measurement, TestPoint } from '../../api/protocol.ts';
import { metricsFor } from '../catalogue.ts';
import { absent } from '../parse/outcome.ts';
import type { ParseOutcome } from '../parse/outcome.ts';
import { TRIAL_SECONDS } from './goals.ts';
import type { GoalResult, TrialResult } from './types.ts';

/** A generator that sends this much less than it was told has not offered the load: what it left out counts as lost. */
const SENT_SHARE = 0.98;

/** The run of iperf3 that offers `load` datagrams per second; null lets it loose. */
export function trialPoint(point: TestPoint, load: number | null): TestPoint {
  const { rate: _, ...rest } = point;
  return {
    ...rest,
    type: 'PacketRate',
    ...(load === null ? {} : { rate: load * point.messageBytes * 8 }),
    durationSeconds: TRIAL_SECONDS,
    warmupSeconds: 0,
  };
}

/** Datagrams per second that were sent, and the share of them that did not arrive; null where the run gives neither. */
export function offered(outcome: ParseOutcome): { rate: number; lossRatio: number } | null {
  if (!outcome.ok) return null;
  const valueOf = (metric: string) => outcome.measurements.find((one) => one.metric === metric)?.value ?? null;
  const [received, lossRatio] = [valueOf('packetRate'), valueOf('lossRatio')];
  if (received === null || lossRatio === null || lossRatio >= 1) return null;
  return { rate: received / (1 - lossRatio), lossRatio };
}

/** The trial of a load: loss of what was sent, or of what should have been where the generator fell short. */
export function trialOf(load: number, { rate, lossRatio }: { rate: number; lossRatio: number }): TrialResult {
  const short = rate < SENT_SHARE * load;
  return { load, seconds: TRIAL_SECONDS, lossRatio: short ? 1 - (rate * (1 - lossRatio)) / load : lossRatio };
}

/** Measurements of a RateSearch point. Where no rate exceeded the goal, the largest offered is the answer. */
export function searchMeasurements(
  point: TestPoint,
  results: readonly GoalResult[],
  maxOfferedRate: number,
): Measurement[] {
  return metricsFor(point).map((info) => {
    const { metric, unit } = info;
    const measured = (value: number): Measurement => ({ metric, unit, value, reason: null });
    if (metric === 'maxOfferedRate') return measured(maxOfferedRate);
    const found = results.find(({ goal }) => `${goal}Rate` === metric);
    if (found === undefined) return absent(info, 'NotReported', 'the search has no such goal');
    const { end, lower, upper, conditionalThroughput: through } = found;
    if ((end === 'Regular' || end === 'NoUpperBound') && through !== null) return measured(through);
    if (end === 'NoLowerBound') {
      return absent(info, 'NoRateWithinGoal', 'more was lost than the goal allows at every rate that was tried');
    }
    const known = `between ${rounded(lower)} and ${rounded(upper)} datagrams/s`;
    return absent(info, 'SearchUnfinished', `the time for it was over, the rate lies ${known}`);
  });
}

const rounded = (load: number | null): string => (load === null ? 'an unknown rate' : `${Math.round(load)}`);
