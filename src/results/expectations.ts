/** Whether results meet what an Experiment expects of them: only an interval can pass or fail, a bare median cannot. */
import type { Expectation, Outcome, ResultRow } from '../api/v1alpha1.ts';
import { digits, formatQuantity, parseBound } from './quantity.ts';
import { rowName, type TestKind } from './rowName.ts';

export interface ExpectationOutcome {
  expectation: Expectation;
  outcome: Outcome;
  message: string;
}

interface Judged {
  outcome: Outcome;
  message: string;
}

/**
 * Judges one expectation on every row of its test, metric and mode. Passed: all intervals keep all bounds. Failed: some
 * interval lies wholly beyond one. Else Inconclusive. Of several rows the first with the worst outcome gives the message.
 */
export function judgeExpectation(
  expectation: Expectation,
  rows: readonly ResultRow[],
  tests: readonly TestKind[],
): ExpectationOutcome {
  const { test, metric, mode } = expectation;
  if (rows.length === 0) {
    const message = `nothing measures ${metric} of test ${test} in mode ${mode}`;
    return { expectation, outcome: 'Inconclusive', message };
  }
  const judged = rows.flatMap((row) => boundsOf(expectation).map((bound) => judgeBound(bound, row, tests)));
  const worst = worstOutcome(judged.map(({ outcome }) => outcome));
  const message = judged.find(({ outcome }) => outcome === worst)?.message ?? 'it sets no bound';
  return { expectation, outcome: worst === 'None' ? 'Inconclusive' : worst, message };
}

/** Failed before Inconclusive before Passed; None of nothing. */
export function worstOutcome(outcomes: readonly Outcome[]): Outcome {
  return (['Failed', 'Inconclusive', 'Passed'] as const).find((outcome) => outcomes.includes(outcome)) ?? 'None';
}

interface Bound {
  text: string;
  side: 'most' | 'least';
  of: 'value' | 'ratio';
}

function boundsOf(expectation: Expectation): Bound[] {
  const { ratioAtMost, ratioAtLeast, atMost, atLeast } = expectation;
  return [
    ...(ratioAtMost === undefined ? [] : [{ text: ratioAtMost, side: 'most', of: 'ratio' } as const]),
    ...(ratioAtLeast === undefined ? [] : [{ text: ratioAtLeast, side: 'least', of: 'ratio' } as const]),
    ...(atMost === undefined ? [] : [{ text: atMost, side: 'most', of: 'value' } as const]),
    ...(atLeast === undefined ? [] : [{ text: atLeast, side: 'least', of: 'value' } as const]),
  ];
}

function judgeBound(bound: Bound, row: ResultRow, tests: readonly TestKind[]): Judged {
  const limit = parseBound(bound.text);
  if (limit === null) return { outcome: 'Inconclusive', message: `${bound.text} is no number with an SI suffix` };
  const { low, high } = bound.of === 'value' ? row : ratioOf(row);
  const show = (value: number) => (bound.of === 'ratio' ? digits(value) : formatQuantity(value, row.unit));
  const wanted = `${rowName(row, tests)}: ${bound.of === 'ratio' ? 'ratio ' : ''}at ${bound.side} ${show(limit)} is expected`;
  if (low === undefined || high === undefined) {
    return { outcome: 'Inconclusive', message: `${wanted}; there is no interval to judge by` };
  }
  const found = `the interval is ${show(low)} to ${show(high)}`;
  return { outcome: compare(bound.side, limit, { low, high }), message: `${wanted}; ${found}` };
}

function compare(side: 'most' | 'least', limit: number, { low, high }: { low: number; high: number }): Outcome {
  const [keeps, breaks] = side === 'most' ? [high <= limit, low > limit] : [low >= limit, high < limit];
  if (keeps) return 'Passed';
  return breaks ? 'Failed' : 'Inconclusive';
}

/** The baseline against itself is exactly 1. */
function ratioOf(row: ResultRow): { low?: number; high?: number } {
  return row.verdict === 'Baseline' ? { low: 1, high: 1 } : (row.ratio ?? {});
}
