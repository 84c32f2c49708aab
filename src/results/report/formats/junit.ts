/** The report as JUnit XML, for pipelines: expectations, the Experiment's own end, and its cells as test cases. */
import { pairsWords } from '../../rowName.ts';
import type { Report } from '../model.ts';
import { escaped } from '../plots/svg.ts';

interface Case {
  name: string;
  group: string;
  /** Absent: it passed. */
  outcome?: { kind: 'failure' | 'error' | 'skipped'; type: string; message: string };
}

/** An inconclusive expectation is skipped, not passed: nothing was shown. */
export function junit(report: Report): string {
  const suites = [
    { name: 'experiment', cases: experimentCases(report) },
    { name: 'expectations', cases: expectationCases(report) },
    { name: 'cells', cases: cellCases(report) },
  ].filter(({ cases }) => cases.length > 0);
  const all = suites.flatMap(({ cases }) => cases);
  const parts = suites.map(({ name, cases }) => {
    const time = report.data.startTime === undefined ? '' : ` timestamp="${escaped(report.data.startTime)}"`;
    return `  <testsuite name="${escaped(`${report.title} ${name}`)}" ${counts(cases)}${time}>\n${cases.map(xmlCase).join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escaped(report.title)}" ${counts(all)}>\n${parts.join('')}</testsuites>\n`;
}

function counts(cases: readonly Case[]): string {
  const of = (kind: string): number => cases.filter(({ outcome }) => outcome?.kind === kind).length;
  return `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}"`;
}

function xmlCase({ name, group, outcome }: Case): string {
  const head = `    <testcase name="${escaped(line(name))}" classname="${escaped(line(group))}"`;
  if (outcome === undefined) return `${head}/>\n`;
  const { kind, type, message } = outcome;
  const attributes = `${kind === 'skipped' ? '' : ` type="${escaped(type)}"`} message="${escaped(line(message))}"`;
  return `${head}>\n      <${kind}${attributes}/>\n    </testcase>\n`;
}

/** An attribute's line breaks would be lost anyway. */
const line = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

function experimentCases({ data, comparability, title }: Report): Case[] {
  const { succeeded, reason, message } = data.ending;
  const kind = succeeded === null ? 'skipped' : 'error';
  // A violated expectation is told by its own case: here only what kept the Experiment from its results.
  const isEnded = succeeded === true || reason === 'ExpectationFailed';
  const differ = comparability.differences.map(({ field, scope }) => `${field} of ${scope}`).join('; ');
  return [
    { name: 'results of every cell', group: title, ...(isEnded ? {} : { outcome: { kind, type: reason, message } }) },
    {
      name: 'trials are comparable',
      group: title,
      ...(differ === '' ? {} : { outcome: { kind: 'failure', type: 'FingerprintsDiffer', message: differ } }),
    },
  ];
}

function expectationCases({ analysis }: Report): Case[] {
  return analysis.expectations.map(({ expectation: { test, metric, mode, ...bounds }, outcome, message }) => {
    const wanted = Object.entries(bounds).map(([bound, value]) => `${bound} ${String(value)}`);
    const found: Case = { name: `${metric} ${wanted.join(', ')}`, group: `${test}.${mode}` };
    if (outcome === 'Passed') return found;
    return { ...found, outcome: { kind: outcome === 'Failed' ? 'failure' : 'skipped', type: outcome, message } };
  });
}

/** A cell is in order where a trial of every block succeeded, after repeats. */
function cellCases({ data, blocks }: Report): Case[] {
  const { modes, placements, pairs } = data.spec;
  const cells = placements.flatMap((placement) =>
    pairs.flatMap((count) => modes.map(({ name }) => ({ placement, count, mode: name }))),
  );
  return cells.map(({ placement, count, mode }) => {
    const own = data.trials.filter((t) => t.mode === mode && t.placement === placement && t.pairs === count);
    const missing = blocks.filter((block) => !own.some((trial) => trial.block === block && trial.succeeded));
    const found: Case = { name: `${placement}, ${pairsWords(count)}`, group: `cells.${mode}` };
    if (missing.length === 0 && blocks.length > 0) return found;
    const last = own.findLast((trial) => !trial.succeeded);
    const why = last === undefined ? 'no trial has finished' : `${last.reason ?? ''}: ${last.message ?? ''}`;
    const message = `without a result in ${missing.length} of ${blocks.length} blocks; ${why}`;
    return {
      ...found,
      outcome: { kind: own.length === 0 ? 'skipped' : 'error', type: last?.reason ?? 'NoResult', message },
    };
  });
}
