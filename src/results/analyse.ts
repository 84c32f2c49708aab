/** Skeleton. */
import type { ExperimentSpec, Expectation, Outcome, Placement, ResultRow, TrialMeasurement } from '../api/v1alpha1.ts';

export interface TrialObservation {
  mode: string;
  placement: Placement;
  pairs: number;
  block: number;
  succeeded: boolean;
  measurements: TrialMeasurement[];
}

export interface ExpectationOutcome {
  expectation: Expectation;
  outcome: Outcome;
  message: string;
}

export interface Analysis {
  rows: ResultRow[];
  verdict: Outcome;
  expectations: ExpectationOutcome[];
  converged: boolean;
  completeBlocks: number;
}

export function analyse(_spec: ExperimentSpec, _observations: TrialObservation[]): Analysis {
  return { rows: [], verdict: 'None', expectations: [], converged: false, completeBlocks: 0 };
}
