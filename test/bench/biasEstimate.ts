/** What measuring through vfbench does to a figure, from quadruples by hand, vfbench, vfbench, by hand (ABBA). Pure. */
import { ratioOfLogs } from '../../src/results/stats/hodgesLehmann.ts';

/** What one run of all points gave; null where it gave no such figure. */
export interface Reading {
  /** Bit/s. */
  throughput: number | null;
  /** Seconds. */
  rttP99: number | null;
}

/** In the order of time: drift that is steady over the four takes as much from the one side as from the other. */
export interface Quadruple {
  hand: readonly [first: Reading, last: Reading];
  vfbench: readonly [second: Reading, third: Reading];
}

export interface Goal {
  metric: keyof Reading;
  what: string;
  /** The interval is to lie within so many percent of no difference. */
  percent: number;
}

export const GOALS: readonly Goal[] = [
  { metric: 'throughput', what: 'throughput, TCP Stream, 1 flow over a wire', percent: 1 },
  { metric: 'rttP99', what: 'RTT p99, UDP RequestResponse, 64 B', percent: 2 },
];

export const CONFIDENCE = 0.95;
/** Quadruples without which a goal is not said to be met. */
export const FEWEST_QUADRUPLES = 20;

export interface Difference {
  /** Quadruples that all four figures are of, and those left out because one is missing. */
  n: number;
  incomplete: number;
  /** Percent by which vfbench reads more than the hand; null without any quadruple. */
  percent: number | null;
  /** Percent, 95 %; absent where quadruples are too few for one. */
  interval?: { low: number; high: number };
}

/**
 * Hodges-Lehmann estimate and exact interval of the ratio vfbench over hand. One observation is one quadruple: the
 * geometric mean of its two readings through vfbench over that of its two by hand.
 */
export function difference(quadruples: readonly Quadruple[], metric: keyof Reading): Difference {
  const logs = quadruples.map((each) => logOfRatio(each, metric)).filter((log) => log !== null);
  const { median, low, high } = ratioOfLogs(logs, CONFIDENCE);
  const found = { n: logs.length, incomplete: quadruples.length - logs.length };
  const percent = median === null ? null : inPercent(median);
  if (low === undefined || high === undefined) return { ...found, percent };
  return { ...found, percent, interval: { low: inPercent(low), high: inPercent(high) } };
}

export type Judgement = 'Met' | 'NotMet' | 'CannotTell';

/** Met where the whole interval is inside the goal, NotMet where all of it is outside; else nobody can tell. */
export function judge({ n, interval }: Difference, { percent }: Goal): { judgement: Judgement; why: string } {
  if (interval === undefined) return { judgement: 'CannotTell', why: `${n} complete quadruples give no interval` };
  const { low, high } = interval;
  if (low > percent || high < -percent) return { judgement: 'NotMet', why: 'the interval lies outside the goal' };
  if (low < -percent || high > percent)
    return { judgement: 'CannotTell', why: 'the interval reaches from inside the goal to beyond it' };
  if (n < FEWEST_QUADRUPLES)
    return { judgement: 'CannotTell', why: `${n} complete quadruples, the goal asks for ${FEWEST_QUADRUPLES}` };
  return { judgement: 'Met', why: 'the interval lies inside the goal' };
}

function logOfRatio({ hand, vfbench }: Quadruple, metric: keyof Reading): number | null {
  const logs = [...vfbench, ...hand].map((reading) => logOf(reading[metric]));
  if (!logs.every((log) => log !== null)) return null;
  const [second = 0, third = 0, first = 0, last = 0] = logs;
  return (second + third - first - last) / 2;
}

const logOf = (value: number | null): number | null => (value !== null && value > 0 ? Math.log(value) : null);

const inPercent = (ratio: number): number => (ratio - 1) * 100;
