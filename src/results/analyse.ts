/** From the observations of an Experiment to its rows, verdict and whether more blocks are needed. Pure and total. */
import type { ComparisonFamily, Drift, ExperimentSpec, GeometricMean, Outcome, ResultRow } from '../api/v1alpha1.ts';
import { expandTests, metricsFor } from './catalogue.ts';
import { convergenceOf } from './convergence.ts';
import type { Convergence } from './convergence.ts';
import { drifts } from './drift.ts';
import { judgeExpectation, worstOutcome } from './expectations.ts';
import type { ExpectationOutcome } from './expectations.ts';
import { familyOf, judgeFamily } from './family.ts';
import { geometricMeans } from './geometricMeans.ts';
import { cellsOf, completeBlocks, indexObservations } from './observations.ts';
import type { Observations, TrialObservation } from './observations.ts';
import { draftRow } from './rows.ts';
import type { RowRequest } from './rows.ts';

export type { ExpectationOutcome } from './expectations.ts';
export type { TrialObservation } from './observations.ts';

export interface Analysis {
  rows: ResultRow[];
  /** The comparisons that verdicts are adjusted for. */
  family: ComparisonFamily;
  geometricMeans: GeometricMean[];
  drifts: Drift[];
  /** Of the expectations together; None where there are none. */
  verdict: Outcome;
  expectations: ExpectationOutcome[];
  /** Every row is as precise as `blocks.precisionPercent` asks. Judged on precision alone, never on a verdict. */
  converged: boolean;
  convergence: Convergence;
  /** Blocks in which every cell has a succeeded Trial. */
  completeBlocks: number;
}

/**
 * Rows in spec order: test point, primary metric, placement, pairs, mode. Complete blocks are paired with the baseline of
 * the same block, placement and pairs. Percentiles are single observations of one Trial each: their median is taken over
 * blocks, they are never averaged. Trials that did not succeed count for nothing. All comparisons of primary metrics form
 * one family.
 */
export function analyse(spec: ExperimentSpec, observations: readonly TrialObservation[]): Analysis {
  return analyseIndexed(spec, indexObservations(observations));
}

/** The same from observations that are indexed already. */
export function analyseIndexed(spec: ExperimentSpec, index: Observations): Analysis {
  const complete = completeBlocks(index, cellsOf(spec));
  const source = { spec, index, complete };
  const requests = allRows(spec);
  const drafts = requests.filter(({ info }) => info.primary).map((request) => draftRow(source, request));
  const rows = judgeFamily(spec, drafts);
  const expectations = (spec.expectations ?? []).map((expectation) =>
    judgeExpectation(
      expectation,
      requests
        .filter(
          ({ point, info, cell }) =>
            point.test === expectation.test && info.metric === expectation.metric && cell.mode === expectation.mode,
        )
        .map((request) => draftRow(source, request).row),
      spec.tests,
    ),
  );
  const convergence = convergenceOf(rows, spec.blocks.precisionPercent, spec.tests);
  return {
    rows,
    family: familyOf(spec, drafts),
    geometricMeans: geometricMeans(spec, drafts),
    drifts: drifts(spec, drafts),
    verdict: worstOutcome(expectations.map(({ outcome }) => outcome)),
    expectations,
    converged: convergence.converged,
    convergence,
    completeBlocks: complete.size,
  };
}

function allRows(spec: ExperimentSpec): RowRequest[] {
  const cells = cellsOf(spec);
  return expandTests(spec).flatMap((point) =>
    metricsFor(point).flatMap((info) => cells.map((cell) => ({ point, info, cell }))),
  );
}
