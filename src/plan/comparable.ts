/** Whether an Experiment's Trials may be taken together: what its analysis counts, and the condition `Comparable`. */
import { type ConditionUpdate, isTrue } from '../api/conditions.ts';
import type { ExperimentSpec, ExperimentStatus, Trial } from '../api/v1alpha1.ts';
import type { TrialObservation } from '../results/observations.ts';
import { type Comparability, compareTrials, isPodIn } from '../results/provenance/compare.ts';
import { differenceText } from '../results/provenance/text.ts';
import { type Clocked, withConditions } from './status.ts';

/** Fields that a message names. */
const MOST_NAMED = 8;

const succeeded = (trial: Trial): boolean => isTrue(trial.status?.conditions, 'Succeeded');

/** Compares the Trials that succeeded. */
export function comparabilityOf(spec: ExperimentSpec, trials: readonly Trial[]): Comparability {
  const compared = trials.filter(succeeded).map(({ metadata, spec: { mode, block }, status }) => ({
    name: metadata.name,
    mode,
    block,
    ...(status?.fingerprints === undefined ? {} : { fingerprints: status.fingerprints }),
  }));
  return compareTrials(compared, isPodIn(spec));
}

/** What the Trials measured; one whose fingerprint is not that of its mode counts for nothing. */
export function observationsOf(spec: ExperimentSpec, trials: readonly Trial[]): TrialObservation[] {
  const { left } = comparabilityOf(spec, trials);
  return trials.map((trial) => ({
    mode: trial.spec.mode,
    placement: trial.spec.placement,
    pairs: trial.spec.pairs,
    block: trial.spec.block,
    succeeded: succeeded(trial) && !left.has(trial.metadata.name),
    measurements: trial.status?.measurements ?? [],
  }));
}

/** The status with its condition `Comparable`, once any Trial has told its fingerprint. */
export function withComparable(
  status: ExperimentStatus,
  { spec, trials }: { spec: ExperimentSpec; trials: readonly Trial[] },
  clock: Clocked,
): ExperimentStatus {
  if (!trials.some((trial) => succeeded(trial) && trial.status?.fingerprints !== undefined)) return status;
  return withConditions(status, clock, comparableCondition(comparabilityOf(spec, trials)));
}

function comparableCondition({ differences, left }: Comparability): ConditionUpdate {
  if (differences.length === 0) {
    const message = 'Trials differ in nothing but their mode';
    return { type: 'Comparable', status: 'True', reason: 'SameFingerprint', message };
  }
  const more = differences.length > MOST_NAMED ? `; and ${differences.length - MOST_NAMED} more` : '';
  const named = differences.slice(0, MOST_NAMED).map(differenceText).join('; ');
  const kept = left.size === 0 ? '' : `; ${left.size} trials are left out of the results`;
  const message = `Trials differ in more than their mode: ${named}${more}${kept}. Make them alike and run a new Experiment`;
  return { type: 'Comparable', status: 'False', reason: 'FingerprintsDiffer', message };
}
