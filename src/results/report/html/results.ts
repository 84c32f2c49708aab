/** Tables of results. */
import { metricName } from '../../metricNames.ts';
import type { MetricGroup, Report, ReportRow } from '../model.ts';
import { intervalWords, pointWords, pWords, ratioWords, valueWords } from '../words.ts';
import { type Row, table } from './parts.ts';

const num = { style: 'num' } as const;

/** The rows of one metric: what was found, and what may be concluded. */
export function resultTable({ data, modes }: Report, group: MetricGroup): string {
  const { baseline, comparison } = data.spec;
  const caption = `${group.test}: ${metricName(group.metric)} (${group.better.toLowerCase()} is better)`;
  const swept = new Set(group.rows.map(({ row }) => pointWords(row.point, group.type))).size > 1;
  const compared = group.rows[0]?.primary === true && modes.length > 1;
  const columns = [
    ...(swept ? [{ title: 'Point' }] : []),
    { title: 'Placement' },
    { title: 'Pairs', ...num },
    { title: 'Mode' },
    { title: 'Blocks', ...num },
    { title: 'Median', ...num },
    { title: `${comparison.confidencePercent} % interval`, ...num },
    ...(compared
      ? [{ title: `Ratio to ${baseline}`, ...num }, { title: 'p (Holm)', ...num }, { title: 'Verdict' }]
      : []),
    { title: 'Why' },
  ];
  return table(
    caption,
    columns,
    group.rows.map((row, i) => rowOf(row, group.rows[i - 1], { swept, compared, type: group.type })),
  );
}

function rowOf(
  { row, blocks, pointId }: ReportRow,
  before: ReportRow | undefined,
  { swept, compared, type }: { swept: boolean; compared: boolean; type: MetricGroup['type'] },
): Row {
  const first =
    before !== undefined &&
    (before.pointId !== pointId || before.row.placement !== row.placement || before.row.pairs !== row.pairs);
  const point = swept ? [{ text: pointWords(row.point, type) }] : [];
  const judged = compared
    ? [
        { text: ratioWords(row), style: 'num' },
        { text: pWords(row.pAdjusted), style: 'num' },
        { text: row.verdict, style: `v ${row.verdict}` },
      ]
    : [];
  return {
    first,
    cells: [
      ...point,
      { text: row.placement },
      { text: `${row.pairs}`, style: 'num' },
      { text: row.mode, head: true, style: 'name' },
      { text: `${row.n}`, style: 'num' },
      { text: valueWords(row), style: 'num' },
      { text: intervalWords(row), style: 'num' },
      ...judged,
      { text: row.message ?? absence(blocks), style: 'why' },
    ],
  };
}

/** Why a metric without a verdict has no value. */
function absence(blocks: ReportRow['blocks']): string {
  const reasons = [...blocks.values()].flatMap((found) => ('reason' in found ? [found.reason] : []));
  const [first] = reasons;
  return first === undefined ? '' : `no value in ${reasons.length} of ${blocks.size} trials: ${first.slice(0, 300)}`;
}
