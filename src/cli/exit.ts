/** Exit codes of the command line, the same for every command; docs/cli.md explains them. */
import { findCondition } from '../api/conditions.ts';
import type { Experiment } from '../api/v1alpha1.ts';

export const EXIT = {
  passed: 0,
  error: 1,
  usage: 2,
  expectationFailed: 3,
  inconclusive: 4,
  timeout: 5,
  notFit: 6,
  /** As shells have it: 128 and the number of SIGINT. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The code of a finished Experiment: its expectations decide, where it has any. */
export function exitCodeOf(experiment: Experiment): ExitCode {
  const succeeded = findCondition(experiment.status?.conditions, 'Succeeded');
  if (succeeded?.reason === 'ExpectationFailed') return EXIT.expectationFailed;
  if (succeeded?.status !== 'True') return EXIT.error;
  return experiment.status?.verdict === 'Inconclusive' ? EXIT.inconclusive : EXIT.passed;
}
