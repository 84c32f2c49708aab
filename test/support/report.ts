/** Sums up what jest wrote as JSON: counts, what failed to load, what was skipped and why. Pure. */
import { reasonOf } from './skip-reason.ts';

/** The part of jest's `--json` output that is used. */
export interface JestReport {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
}

export interface Summary {
  passed: number;
  failed: number;
  skipped: { name: string; reason: string }[];
  /** Files without a single result, and parts that ended without a report: each counts as one failure. */
  broken: string[];
}

export const EMPTY: Summary = { passed: 0, failed: 0, skipped: [], broken: [] };

/** Summary of one part. A file that could not be loaded counts as failed. */
export function summarize(report: JestReport): Summary {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const count = (status: string) => tests.filter((test) => test.status === status).length;
  const skipped = tests.filter((test) => ['pending', 'skipped', 'todo', 'disabled'].includes(test.status));
  return {
    passed: count('passed'),
    failed: count('failed'),
    skipped: skipped.map(({ fullName, status }) => ({
      name: fullName,
      reason: reasonOf(fullName) ?? noReason(status),
    })),
    broken: report.testResults.filter(failedAsAWhole).map((file) => file.name),
  };
}

/** Sum of parts. */
export function total(parts: readonly Summary[]): Summary {
  return {
    passed: parts.reduce((sum, part) => sum + part.passed, 0),
    failed: parts.reduce((sum, part) => sum + part.failed, 0),
    skipped: parts.flatMap((part) => part.skipped),
    broken: parts.flatMap((part) => part.broken),
  };
}

/** All failures: tests, files that could not be loaded, parts that did not end. */
export function failures(summary: Summary): number {
  return summary.failed + summary.broken.length;
}

/** The last line of a run. */
export function lastLine(summary: Summary): string {
  return `${summary.passed} passed, ${failures(summary)} failed, ${summary.skipped.length} skipped`;
}

/** Skipped tests, one line per reason with how many and which. */
export function skippedLines(summary: Summary): string[] {
  const byReason = Map.groupBy(summary.skipped, (test) => test.reason);
  return [...byReason].map(([reason, tests]) => {
    const names = tests.slice(0, 3).map((test) => test.name.replace(/ ?\[skipped: [^\]]*\]/, ''));
    const more = tests.length > names.length ? ` and ${tests.length - names.length} more` : '';
    return `${tests.length} skipped, ${reason}: ${names.join('; ')}${more}`;
  });
}

function failedAsAWhole(file: JestReport['testResults'][number]): boolean {
  return file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed');
}

function noReason(status: string): string {
  return status === 'todo' ? 'not written yet' : 'no reason given';
}
