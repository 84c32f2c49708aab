/** Test support: how often intervals hold the truth, and how often nothing is called something. */
import type { ExperimentSpec, TrialMeasurement } from '../../../src/api/v1alpha1.ts';
import { analyse } from '../../../src/results/analyse.ts';
import type { Analysis } from '../../../src/results/analyse.ts';
import { expandTests, metricsFor, pointOf } from '../../../src/results/catalogue.ts';
import type { TrialObservation } from '../../../src/results/observations.ts';
import { pairedRatio } from '../../../src/results/stats/hodgesLehmann.ts';
import { medianInterval } from '../../../src/results/stats/median.ts';
import { fewestForFamily } from '../../../src/results/stats/verdict.ts';
import { experimentSpec } from './experiment.ts';
import { chance, simulate } from './simulation.ts';
import type { Case, Chance } from './simulation.ts';

export interface Interval {
  low?: number;
  high?: number;
}

/** An interval from the values of a mode and of the baseline, by block. */
export type Method = (mode: readonly number[], baseline: readonly number[], from: Chance) => Interval | null;

export const ratioByWilcoxon: Method = (mode, baseline) =>
  pairedRatio(
    mode.map((value, block) => ({ value, baseline: baseline[block] ?? Number.NaN })),
    0.95,
  );

export const medianByOrder: Method = (_, baseline) => medianInterval(baseline, 0.95);

export const RATIO = 1.3;

export interface Coverage {
  /** Share of the intervals that hold the truth. */
  held: number;
  /** Median over the experiments of log(high / low). */
  width: number;
}

export interface CoverageRun {
  blocks: number;
  experiments: number;
  seed: number;
  truth: number;
}

/** An experiment without an interval counts as one that missed. */
export function coverage(of: Case, method: Method, { blocks, experiments, seed, truth }: CoverageRun): Coverage {
  const from = chance(seed);
  const extra = chance(seed + 1);
  const widths: number[] = [];
  let held = 0;
  for (let i = 0; i < experiments; i += 1) {
    const [baseline = [], mode = []] = simulate(of, from, { truths: [1, RATIO], blocks });
    const { low = Number.NaN, high = Number.NaN } = method(mode, baseline, extra) ?? {};
    if (holds({ low, high }, truth)) held += 1;
    widths.push(Math.log(high / low));
  }
  const sorted = widths.filter(Number.isFinite).toSorted((a, b) => a - b);
  return { held: held / experiments, width: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN };
}

const ROUNDING = 1e-9;
const holds = ({ low, high }: { low: number; high: number }, truth: number): boolean =>
  low <= truth * (1 + ROUNDING) && high >= truth * (1 - ROUNDING);

export interface Stopped {
  median: number;
  ratio: number;
  /** Mean number of blocks. */
  blocks: number;
}

/** Coverage where the number of blocks is what the rule for stopping makes it. Three modes, `rows` metrics, 6 to 30 blocks. */
export function coverageWhenStopped(
  of: Case,
  { precision, rows, experiments, seed }: { precision: number; rows: number; experiments: number; seed: number },
): Stopped {
  const from = chance(seed);
  let [median, ratio, total] = [0, 0, 0];
  for (let i = 0; i < experiments; i += 1) {
    const data = Array.from({ length: rows }, () => simulate(of, from, { truths: [1, RATIO, 1], blocks: 30 }));
    const n = enough(data, { fewest: 6, blocks: 30, precision });
    const [baseline = [], mode = []] = data[0] ?? [];
    const found = [
      medianByOrder([], baseline.slice(0, n), from),
      ratioByWilcoxon(mode.slice(0, n), baseline.slice(0, n), from),
    ].map((interval) => ({ low: interval?.low ?? Number.NaN, high: interval?.high ?? Number.NaN }));
    if (found[0] !== undefined && holds(found[0], 1)) median += 1;
    if (found[1] !== undefined && holds(found[1], RATIO)) ratio += 1;
    total += n;
  }
  return { median: median / experiments, ratio: ratio / experiments, blocks: total / experiments };
}

/** Blocks after which all medians are as precise as asked, from `fewest` to `blocks`: the rule for stopping. */
function enough(
  data: readonly number[][][],
  { fewest, blocks, precision }: { fewest: number; blocks: number; precision: number },
): number {
  const isPrecise = (n: number) =>
    precision > 0 && data.every((modes) => modes.every((values) => precisionOf(values.slice(0, n)) <= precision));
  let n = Math.min(fewest, blocks);
  while (n < blocks && !isPrecise(n)) n += 1;
  return n;
}

function precisionOf(values: readonly number[]): number {
  const { median, low = Number.NaN, high = Number.NaN } = medianInterval(values, 0.95);
  return (high - low) / 2 / (median ?? Number.NaN);
}

export interface FamilyRun {
  blocks: number;
  experiments: number;
  seed: number;
  /** True ratio of the second mode in every metric; the others are equal to the baseline. Default 1. */
  ratio?: number;
  /** Where the rule for stopping ends an Experiment sooner than `blocks`: precision of the medians that is enough, 0..1. */
  precision?: number;
  spec?: Partial<ExperimentSpec>;
}

export interface FamilyRates {
  /** Share of the experiments in which any mode equal to the baseline is called Better or Worse. */
  wrong: number;
  /** The same, had each row been judged by its own interval. */
  unadjusted: number;
  /** Share of the rows with a true difference that are called Worse or Better. */
  found: number;
  /** Share of the same rows that are called Equivalent. */
  equivalent: number;
  comparisons: number;
}

/** Whole Experiments of three modes, from observations to verdicts. Differences from 1 % matter, so that noise may be called. */
export function familyRates(
  of: Case,
  { blocks, experiments, seed, ratio = 1, precision = 0, spec: changes = {} }: FamilyRun,
): FamilyRates {
  const spec = experimentSpec({
    modes: MODES,
    baseline: 'base',
    comparison: { confidencePercent: 95, equivalencePercent: 1 },
    ...changes,
  });
  const from = chance(seed);
  let [wrong, unadjusted, found, equivalent, different, comparisons] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < experiments; i += 1) {
    const { rows, family } = analyse(spec, observe(spec, of, from, { blocks, precision, truths: [1, ratio, 1] }));
    const equal = rows.filter(({ mode }) => mode === 'same' || (ratio === 1 && mode === 'other'));
    if (equal.some(isCalled)) wrong += 1;
    if (equal.some(isCalledAlone)) unadjusted += 1;
    const others = rows.filter(({ mode }) => ratio !== 1 && mode === 'other');
    different += others.length;
    found += others.filter(isCalled).length;
    equivalent += others.filter(({ verdict }) => verdict === 'Equivalent').length;
    comparisons = family.comparisons;
  }
  return {
    wrong: wrong / experiments,
    unadjusted: unadjusted / experiments,
    found: found / (different || 1),
    equivalent: equivalent / (different || 1),
    comparisons,
  };
}

const MODES = ['base', 'other', 'same'].map((name) => ({ name, type: 'Native' as const }));

type Row = Analysis['rows'][number];

const isCalled = ({ verdict }: Row): boolean => verdict === 'Better' || verdict === 'Worse';

function isCalledAlone({ verdict, ratio: { low = 0, high = 2 } = { median: 1 } }: Row): boolean {
  return verdict !== 'Equivalent' && (low > 1 || high < 1);
}

/** Trials of every mode in blocks, one pair between nodes, with a value for each primary metric. */
export function observe(
  spec: ExperimentSpec,
  of: Case,
  from: Chance,
  run: { blocks: number; precision: number; truths: number[] },
): TrialObservation[] {
  const metrics = expandTests(spec).flatMap((point) =>
    metricsFor(point)
      .filter(({ primary }) => primary)
      .map((info) => ({ test: point.test, point: pointOf(point), ...info })),
  );
  const data = metrics.map(() => simulate(of, from, run));
  const fewest = fewestForFamily(metrics.length * (spec.modes.length - 1), 95);
  return Array.from({ length: enough(data, { ...run, fewest }) }, (_, block) =>
    spec.modes.map(({ name: mode }, at): TrialObservation => ({
      mode,
      placement: 'CrossNode',
      pairs: 1,
      block,
      succeeded: true,
      measurements: metrics.map(({ test, point, metric, unit }, i): TrialMeasurement => ({
        test,
        point,
        pair: 0,
        metric,
        unit,
        value: data[i]?.[at]?.[block] ?? 0,
      })),
    })),
  ).flat();
}
