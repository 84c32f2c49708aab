/** What an analysis leaves in an Experiment's status. */
import type { ConditionUpdate } from '../api/conditions.ts';
import type { ExperimentSpec, ExperimentStatus, ResultRow } from '../api/v1alpha1.ts';
import type { Analysis } from '../results/analyse.ts';
import { type Convergence, percentWords } from '../results/convergence.ts';
import { holm } from '../results/stats/holm.ts';
import { CELL_FAILED } from './conclude.ts';
import { DEADLINE_EXCEEDED } from './deadline.ts';

/** Bounds of the lists, as in the CRD. The Trials keep the rest. */
const MOST_ROWS = 2000;
const MOST_SUMMARIES = 500;
/** Characters of rows that a status holds: the API server's store takes objects of about 1.5 MB. */
const MOST_CHARACTERS = 900_000;
const LONGEST_MESSAGE = 512;

type Outcome = Pick<ExperimentStatus, 'results' | 'family' | 'geometricMeans' | 'drifts' | 'expectations'>;

/** The parts of a status that hold results, within the bounds of the CRD and of one object. */
export function outcomeOf({ rows, family, geometricMeans, drifts, expectations }: Analysis): Outcome {
  return {
    results: fitting(rows),
    family,
    geometricMeans: geometricMeans.slice(0, MOST_SUMMARIES),
    drifts: drifts.slice(0, MOST_SUMMARIES),
    expectations: expectations.map(({ expectation: { test, metric, mode }, outcome, message }) => ({
      test,
      metric,
      mode,
      outcome: outcome === 'None' ? 'Inconclusive' : outcome,
      message: message.slice(0, LONGEST_MESSAGE),
    })),
  };
}

function fitting(rows: readonly ResultRow[]): ResultRow[] {
  let characters = 0;
  const past = rows.findIndex((row, i) => {
    characters += JSON.stringify(row).length + 1;
    return i >= MOST_ROWS || characters > MOST_CHARACTERS;
  });
  return past < 0 ? [...rows] : rows.slice(0, past);
}

/**
 * Conditions that speak of results: Converged, and Stationary where drift could be tested. `end` is the reason of
 * Finished, null while trials are to be run.
 */
export function resultConditions(spec: ExperimentSpec, analysis: Analysis, end: string | null): ConditionUpdate[] {
  return [convergedCondition(spec, analysis, end), ...stationaryCondition(spec, analysis)];
}

/** Whether the precision asked for is reached: not known before the end. */
function convergedCondition(spec: ExperimentSpec, { convergence }: Analysis, end: string | null): ConditionUpdate {
  const { precisionPercent } = spec.blocks;
  const { converged, within, rows } = convergence;
  if (converged && end !== null) {
    const message = `Every primary metric is known to ${precisionPercent} %`;
    return { type: 'Converged', status: 'True', reason: 'PrecisionReached', message };
  }
  const found = `${within} of ${rows} rows are known to ${precisionPercent} %${widestText(convergence)}`;
  if (end === null) return { type: 'Converged', status: 'Unknown', reason: 'Measuring', message: found };
  return {
    type: 'Converged',
    status: 'False',
    reason: 'PrecisionNotReached',
    message: `${found}; ${stopText(spec, end)}`,
  };
}

/** What came before the precision, and what to do about it. */
function stopText({ blocks, deadlineSeconds }: ExperimentSpec, end: string): string {
  if (end === DEADLINE_EXCEEDED) return `spec.deadlineSeconds is ${deadlineSeconds}: raise it in a new Experiment`;
  if (end === CELL_FAILED) return 'the Experiment ended before its time: condition Finished names the cell that failed';
  return `spec.blocks.max is ${blocks.max}: raise it, or durationSeconds, in a new Experiment`;
}

function widestText({ widest, converged }: Convergence): string {
  if (widest === null || converged) return '';
  const { name, percent } = widest;
  return percent === null ? `; ${name} has no interval` : `; the widest, ${name}, to ${percentWords(percent)}`;
}

/**
 * Whether any metric drifts over the blocks: Holm over all metrics and modes, at the confidence of the comparison. Absent
 * where nothing was tested.
 */
function stationaryCondition({ comparison }: ExperimentSpec, { drifts }: Analysis): ConditionUpdate[] {
  if (drifts.length === 0) return [];
  const adjusted = holm(drifts.map(({ p }) => p));
  const found = drifts.filter((_, i) => (adjusted[i] ?? 1) <= 1 - comparison.confidencePercent / 100);
  const [first] = found.toSorted((a, b) => a.p - b.p);
  if (first === undefined) {
    const message = 'No metric drifts over the blocks beyond chance';
    return [{ type: 'Stationary', status: 'True', reason: 'NoDrift', message }];
  }
  const more = found.length === 1 ? '' : ` (and ${found.length - 1} more)`;
  const way = first.tau > 0 ? 'rises' : 'falls';
  const what = `${first.test} ${first.metric} of ${first.mode} ${way} over the blocks, tau ${first.tau.toFixed(2)}${more}`;
  const message = `${what}: ratios are paired by block, medians are not; look for what warms up, fills up or shares the nodes`;
  return [{ type: 'Stationary', status: 'False', reason: 'Drift', message }];
}
