/** A comparison as lines for people. Pure. */
import { digits, formatQuantity } from '../../results/quantity.ts';
import { pointText, rateUnitOf, type TestKind } from '../../results/rowName.ts';
import { table } from '../planText.ts';
import type { FieldDifference } from './refuse.ts';
import type { ComparedRow, Comparison } from './rows.ts';

const WORDS: Readonly<Record<ComparedRow['outcome'], string>> = {
  Better: 'B is better',
  Worse: 'B is worse',
  NotTold: 'not told apart',
  TooFew: 'too few values',
};
const MOST_FIELDS = 12;

export function comparisonLines(
  { rows, onlyA, onlyB }: Comparison,
  {
    a,
    b,
    percent,
    tests,
    fields,
  }: { a: string; b: string; percent: number; tests: readonly TestKind[]; fields: readonly FieldDifference[] },
): string[] {
  const byChance = (rows.length * (100 - percent)) / 100;
  return [
    `A: ${a}`,
    `B: ${b}`,
    '',
    ...table([
      ['test', 'at', 'metric', 'mode', 'A', 'B', 'B over A', 'interval', 'outcome'],
      ...rows.map((row) => rowCells(row, tests)),
    ]),
    '',
    `B over A is the Hodges-Lehmann estimate on logarithms, its ${percent} % interval that of the Mann-Whitney test: unpaired, since A and B did not share blocks, and of each row by itself: of ${rows.length} rows without any difference about ${digits(byChance)} would still be told apart.`,
    'What else changed between A and B, such as the time of day, is in the ratio too: run both again, or put both into one Experiment, before concluding.',
    ...(onlyA + onlyB === 0 ? [] : [`Left out: ${onlyA} rows only in A, ${onlyB} only in B`]),
    ...(fields.length === 0 ? [] : ['Differs between the endpoints of A and B:']),
    ...fields
      .slice(0, MOST_FIELDS)
      .map(({ name, a: left, b: right }) => `  ${name}: ${clip(left)} in A, ${clip(right)} in B`),
    ...(fields.length > MOST_FIELDS ? [`  and ${fields.length - MOST_FIELDS} more; -o json has all`] : []),
  ];
}

const clip = (text: string): string => (text.length <= 60 ? text : `${text.slice(0, 57)}...`);

function rowCells(row: ComparedRow, tests: readonly TestKind[]): string[] {
  const { test, point, placement, pairs, metric, unit, mode, a, b, ratio, outcome } = row;
  const value = ({ n, median }: ComparedRow['a']): string =>
    median === undefined ? '-' : `${formatQuantity(median, unit)} (n ${n})`;
  return [
    test,
    [...pointText(point, rateUnitOf(test, tests)), placement, ...(pairs === 1 ? [] : [`${pairs} pairs`])].join(', '),
    metric,
    mode,
    value(a),
    value(b),
    ratio === undefined ? '-' : digits(ratio.median),
    ratio?.low === undefined || ratio.high === undefined ? '-' : `${digits(ratio.low)} to ${digits(ratio.high)}`,
    WORDS[outcome],
  ];
}
