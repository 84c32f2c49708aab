/** Tables of results. */
import { metricName } from '../../metricNames.ts';
import type { MetricGroup, Report, ReportRow } from '../model.ts';
import { pairsWords } from '../../rowName.ts';
import { intervalWords, pointWords, pWords, ratioWords, togetherColumns, valueWords } from '../words.ts';
import { type Row, table } from './parts.ts';

const num = { style: 'num' } as const;
/** Characters of a name that a column has room for without breaking it at every hyphen. */
const LONG = 24;

/** The rows of one metric: what was found, and what may be concluded. Modes that are compared stand together. */
export function resultTable({ data, modes }: Report, group: MetricGroup): string {
  const { baseline, comparison } = data.spec;
  const several = modes.length > 1;
  const compared = several && group.rows[0]?.primary === true;
  const together = togetherColumns(group.rows.map(({ row }) => row));
  const columns = [
    { title: several ? 'Mode' : 'Setting' },
    { title: 'Blocks', ...num },
    { title: 'Median', ...num },
    { title: `${comparison.confidencePercent} % interval`, ...num },
    ...(compared
      ? [
          { title: `Ratio to ${baseline}`, style: baseline.length > LONG ? 'num wrap' : 'num' },
          { title: 'p (Holm)', ...num },
          { title: 'Verdict' },
        ]
      : []),
    ...together.map(({ title }) => ({ title, ...num })),
  ];
  return table(
    `${group.test}: ${metricName(group.metric)} (${group.better.toLowerCase()} is better)`,
    columns,
    group.rows.map((found, i) => {
      const setting = settingOf(found, group);
      const before = group.rows[i - 1];
      const begins = several && (before === undefined || settingOf(before, group) !== setting);
      const name = several ? found.row.mode : setting;
      const line = rowOf(found, name, compared);
      const shared = together.map(({ words }) => ({ text: words(found.row), ...num }));
      return { ...(begins ? { heading: setting } : {}), ...line, cells: [...line.cells, ...shared] };
    }),
  );
}

/** `64 B, CrossNode, 1 pair`. */
function settingOf({ row }: ReportRow, { type }: MetricGroup): string {
  return [pointWords(row.point, type), row.placement, pairsWords(row.pairs)].filter((part) => part !== '').join(', ');
}

function rowOf({ row, blocks }: ReportRow, name: string, compared: boolean): Row {
  const note = row.message ?? absence(blocks);
  const judged = compared
    ? [
        { text: ratioWords(row), style: 'num' },
        { text: pWords(row.pAdjusted), style: 'num' },
        { text: row.verdict, style: `v ${row.verdict}` },
      ]
    : [];
  return {
    cells: [
      { text: name, head: true, style: name.length > LONG ? 'name long' : 'name' },
      { text: `${row.n}`, style: 'num' },
      { text: valueWords(row), style: 'num' },
      { text: intervalWords(row), style: 'num' },
      ...judged,
    ],
    ...(note === '' ? {} : { note }),
  };
}

/** Why a metric without a verdict has no value. */
function absence(blocks: ReportRow['blocks']): string {
  const reasons = [...blocks.values()].flatMap((found) => ('reason' in found ? [found.reason] : []));
  const [first] = reasons;
  return first === undefined ? '' : `no value in ${reasons.length} of ${blocks.size} trials: ${first.slice(0, 300)}`;
}
