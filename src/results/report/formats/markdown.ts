/** The report as Markdown: what a pull request or a ticket shows. */
import { metricName } from '../../metricNames.ts';
import { differenceText } from '../../provenance/text.ts';
import type { MetricGroup, Report } from '../model.ts';
import {
  EMULATED,
  intervalWords,
  pointWords,
  pWords,
  ratioWords,
  summaryWords,
  togetherColumns,
  valueWords,
} from '../words.ts';

/** GitHub-flavoured Markdown; texts of users and guests are plain text in it. */
export function markdown(report: Report): string {
  const { data, title, analysis, comparability, groups } = report;
  const { spec, seed, nodes } = data;
  const lines = [
    `# ${plain(title)}`,
    '',
    ...(data.environment === 'emulated' ? [`> **${EMULATED}**`, ''] : []),
    plain(summaryWords(report)),
    '',
    `- Baseline: ${plain(spec.baseline)}; modes: ${spec.modes.map(({ name }) => plain(name)).join(', ')}`,
    `- ${spec.comparison.confidencePercent} % intervals; equivalent within ${spec.comparison.equivalencePercent} %; ${analysis.family.comparisons} comparisons in one family`,
    `- Nodes: ${nodes === undefined ? 'not chosen yet' : `server ${plain(nodes.server)}, client ${plain(nodes.client)}`}; seed ${seed}`,
    ...comparability.differences.map((one) => `- **Not comparable:** ${plain(differenceText(one))}`),
    ...expectations(report),
    ...groups.filter(({ rows }) => rows[0]?.primary === true).flatMap((group) => groupLines(report, group)),
    ...failures(report),
  ];
  return `${lines.join('\n')}\n`;
}

function groupLines({ data }: Report, group: MetricGroup): string[] {
  const together = togetherColumns(group.rows.map(({ row: found }) => found));
  const heading = `## ${plain(group.test)}: ${plain(metricName(group.metric))} (${group.better.toLowerCase()} is better)`;
  return [
    '',
    heading,
    '',
    row([
      'Point',
      'Placement',
      'Pairs',
      'Mode',
      'Blocks',
      'Median',
      'Interval',
      `Ratio to ${data.spec.baseline}`,
      'p (Holm)',
      'Verdict',
      ...together.map(({ title }) => title),
    ]),
    `| --- | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | --- |${together.map(() => ' ---: |').join('')}`,
    ...group.rows.map(({ row: found }) =>
      row([
        pointWords(found.point, group.type),
        found.placement,
        `${found.pairs}`,
        found.mode,
        `${found.n}`,
        valueWords(found),
        intervalWords(found),
        ratioWords(found),
        pWords(found.pAdjusted),
        found.verdict,
        ...together.map(({ words }) => words(found)),
      ]),
    ),
  ];
}

function expectations({ analysis }: Report): string[] {
  if (analysis.expectations.length === 0) return [];
  return [
    '',
    '## Expectations',
    '',
    row(['Test', 'Metric', 'Mode', 'Outcome', 'Why']),
    '| --- | --- | --- | --- | --- |',
    ...analysis.expectations.map(({ expectation: { test, metric, mode }, outcome, message }) =>
      row([test, metric, mode, outcome, message]),
    ),
  ];
}

const MOST_FAILURES = 50;

function failures({ failed }: Report): string[] {
  if (failed.length === 0) return [];
  const left = failed.length > MOST_FAILURES ? ['', `And ${failed.length - MOST_FAILURES} more.`] : [];
  return [
    '',
    '## Failed trials',
    '',
    row(['Trial', 'Reason', 'Message']),
    '| --- | --- | --- |',
    ...failed.slice(0, MOST_FAILURES).map(({ name, reason = '', message = '' }) => row([name, reason, message])),
    ...left,
  ];
}

const row = (cells: readonly string[]): string => `| ${cells.map(plain).join(' | ')} |`;

/** One line in which nothing is markup: no HTML, link, emphasis, or end of a cell. */
export const plain = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]|~#!@]/g, (mark) => `\\${mark}`)
    .replaceAll(/(https?):/gi, '$1\\:')
    .replaceAll(/\bwww\./gi, 'www\\.');
