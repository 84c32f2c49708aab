/** The results of an Experiment as a table, and how it ended, for people. */
import { findCondition } from '../api/conditions.ts';
import type { Experiment } from '../api/v1alpha1.ts';
import { resultTable } from '../results/table.ts';
import type { Terminal } from './terminal.ts';

export function printResults(experiment: Experiment, terminal: Terminal): void {
  const { results = [], environment, family, geometricMeans } = experiment.status ?? {};
  const { namespace, name } = experiment.metadata;
  process.stdout.write(
    `${resultTable(results, {
      width: Math.max(80, Math.min(terminal.width, 160)),
      colour: terminal.colour,
      title: `${namespace}/${name}`,
      tests: experiment.spec.tests,
      ...(environment === undefined ? {} : { environment }),
      ...(family === undefined ? {} : { family }),
      ...(geometricMeans === undefined ? {} : { geometricMeans }),
    })}\n`,
  );
  for (const line of closingLines(experiment)) terminal.line(line);
}

/** Conditions that matter at the end, expectations, verdict. */
export function closingLines({ status }: Experiment): string[] {
  const { conditions, expectations = [], verdict } = status ?? {};
  const told = ['Succeeded', 'Converged', 'Stationary'].flatMap((type) => {
    const found = findCondition(conditions, type);
    if (found === undefined || (type === 'Stationary' && found.status !== 'False')) return [];
    return [`${type}: ${found.status} (${found.reason}): ${found.message}`];
  });
  return [
    ...told,
    ...expectations.map(({ outcome, message }) => `Expectation ${outcome}: ${message}`),
    ...(verdict === undefined || verdict === 'None' ? [] : [`Verdict of the expectations: ${verdict}`]),
  ];
}
