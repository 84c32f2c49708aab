/** From the observations of an Experiment to its rows, verdict and whether more blocks are needed. Pure and total. */
import type { ExperimentSpec, Outcome, ResultRow } from '../api/v1alpha1.ts';
import { expandTests, metricsFor } from './catalogue.ts';
import { judgeExpectation, worstOutcome } from './expectations.ts';
import type { ExpectationOutcome } from './expectations.ts';
import { cellsOf, completeBlocks, indexObservations } from './observations.ts';
import type { TrialObservation } from './observations.ts';
import { relativePrecision, rowFor } from './rows.ts';
import type { RowRequest } from './rows.ts';

export type { ExpectationOutcome } from './expectations.ts';
export type { TrialObservation } from './observations.ts';

export interface Analysis {
  rows: ResultRow[];
  /** Of the expectations together; None where there are none. */
  verdict: Outcome;
  expectations: ExpectationOutcome[];
  /** Every row is as precise as `blocks.precisionPercent` asks. Judged on precision alone, never on a verdict. */
  converged: boolean;
  /** Blocks in which every cell has a succeeded Trial. */
  completeBlocks: number;
}

/**
 * Rows in spec order: test point, primary metric, placement, pairs, mode. Blocks are paired with the baseline of the same
 * block, placement and pairs. Percentiles are single observations of one Trial each: their median is taken over blocks,
 * they are never averaged. Trials that did not succeed count for nothing.
 */
export function analyse(spec: ExperimentSpec, observations: readonly TrialObservation[]): Analysis {
  const index = indexObservations(observations);
  const requests = allRows(spec);
  const rows = requests.filter(({ info }) => info.primary).map((request) => rowFor(spec, index, request));
  const expectations = (spec.expectations ?? []).map((expectation) =>
    judgeExpectation(
      expectation,
      requests
        .filter(
          ({ point, info, cell }) =>
            point.test === expectation.test && info.metric === expectation.metric && cell.mode === expectation.mode,
        )
        .map((request) => rowFor(spec, index, request)),
    ),
  );
  return {
    rows,
    verdict: worstOutcome(expectations.map(({ outcome }) => outcome)),
    expectations,
    converged: isConverged(rows, spec.blocks.precisionPercent),
    completeBlocks: completeBlocks(index, cellsOf(spec)),
  };
}

function allRows(spec: ExperimentSpec): RowRequest[] {
  const cells = cellsOf(spec);
  return expandTests(spec).flatMap((point) =>
    metricsFor(point).flatMap((info) => cells.map((cell) => ({ point, info, cell }))),
  );
}

function isConverged(rows: readonly ResultRow[], precisionPercent: number): boolean {
  const precisions = rows.map(relativePrecision);
  return rows.length > 0 && precisions.every((found) => found !== null && found * 100 <= precisionPercent);
}
