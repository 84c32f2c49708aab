/** The report as one HTML file: no script, nothing loaded, light and dark, made to be printed. */
import { percentWords } from '../../convergence.ts';
import { figuresOf } from '../figures/all.ts';
import type { MetricGroup, Report } from '../model.ts';
import { escaped } from '../plots/svg.ts';
import { pairsWords } from '../../rowName.ts';
import { EMULATED, pWords, summaryWords } from '../words.ts';
import { facts, figure, paragraph, section, table } from './parts.ts';
import { provenance, trialTables } from './provenance.ts';
import { resultTable } from './results.ts';
import { STYLE } from './style.ts';

export interface PageOptions {
  /** Of the sealed data, where it is sealed. */
  digest?: string;
}

/** The whole page. The same report gives the same bytes. */
export function htmlPage(report: Report, { digest }: PageOptions = {}): string {
  const { data, title, groups } = report;
  const tests = [...Map.groupBy(groups, ({ test }) => test)];
  const policy = "default-src 'none'; style-src 'unsafe-inline'";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}: report</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#results">Skip to the results</a>
<header>
<p class="soft">vfbench report</p>
<h1>${escaped(title)}</h1>
${[...warnings(report), paragraph(summaryWords(report)), overview(report, digest)].join('\n')}
</header>
${contents(tests.map(([test]) => test))}
<main id="results">
${[
  ...expectationSection(report),
  ...tests.map(([test, own], i) => testSection(report, { id: `test-${i}`, test, groups: own })),
  summarySection(report),
  section('provenance', 'Provenance', provenance(report)),
  section('trials', 'Trials', trialTables(report)),
  section(
    'reading',
    'How to read this',
    READING.map((text) => paragraph(text)),
  ),
].join('\n')}
</main>
<footer class="soft">${data.trials.length} trials${digest === undefined ? '' : `, data ${escaped(digest)}`}</footer>
</body>
</html>
`;
}

function warnings({ data, comparability }: Report): string[] {
  return [
    ...(data.environment === 'emulated' ? [EMULATED] : []),
    ...(comparability.differences.length === 0
      ? []
      : ['Trials are not comparable throughout: they differ in more than their mode, see Provenance.']),
  ].map((text) => paragraph(text, 'warn'));
}

function overview({ data, analysis, modes }: Report, digest: string | undefined): string {
  const { spec, nodes, seed, startTime, experiment } = data;
  const { widest, within, rows } = analysis.convergence;
  const precision = `${within} of ${rows} rows within ${spec.blocks.precisionPercent} %`;
  return facts([
    ['Modes', modes.map((mode) => (mode === spec.baseline ? `${mode} (baseline)` : mode)).join(', ')],
    ['Placements', spec.placements.join(', ')],
    ['Pairs at once', spec.pairs.join(', ')],
    ['Blocks', `${analysis.completeBlocks} complete; ${spec.blocks.min} to ${spec.blocks.max} asked`],
    [
      'Precision',
      widest === null || widest.percent === null
        ? precision
        : `${precision}; widest: ${widest.name}, ${percentWords(widest.percent)}`,
    ],
    [
      'Comparison',
      `${spec.comparison.confidencePercent} % intervals, equivalent within ${spec.comparison.equivalencePercent} %, ${analysis.family.comparisons} comparisons in one family`,
    ],
    ['Each point', `${spec.durationSeconds} s after ${spec.warmupSeconds} s of warm-up`],
    ['Nodes', nodes === undefined ? 'not chosen yet' : `server ${nodes.server}, client ${nodes.client}`],
    ['Seed', `${seed}`],
    ...(startTime === undefined ? [] : [['Started', startTime] as const]),
    ['Experiment UID', experiment.uid],
    ...(digest === undefined ? [] : [['Data', digest] as const]),
  ]);
}

function contents(tests: readonly string[]): string {
  const entries = [
    ...tests.map((test, i) => [`test-${i}`, `Test ${test}`] as const),
    ['summary', 'Over whole sweeps, and drift'] as const,
    ['provenance', 'Provenance'] as const,
    ['trials', 'Trials'] as const,
    ['reading', 'How to read this'] as const,
  ];
  const items = entries.map(([id, text]) => `<li><a href="#${id}">${escaped(text)}</a></li>`);
  return `<nav aria-label="Contents"><ul>${items.join('')}</ul></nav>`;
}

function testSection(
  report: Report,
  { id, test, groups }: { id: string; test: string; groups: MetricGroup[] },
): string {
  const [first] = groups;
  const what = first === undefined ? '' : `${first.type}, ${first.protocol}`;
  const primary = groups.filter(({ rows }) => rows[0]?.primary === true);
  const others = groups.filter(({ rows }) => rows[0]?.primary !== true);
  return section(id, `Test ${test}`, [
    paragraph(what, 'soft'),
    ...primary.flatMap((group) => [
      resultTable(report, group),
      ...figuresOf(report, group).map(({ svg, caption }) => figure(svg, caption)),
    ]),
    ...(others.length === 0
      ? []
      : [
          `<details><summary>Further metrics</summary>${others.map((group) => resultTable(report, group)).join('\n')}</details>`,
        ]),
  ]);
}

function expectationSection({ analysis }: Report): string[] {
  if (analysis.expectations.length === 0) return [];
  const rows = analysis.expectations.map(({ expectation: { test, metric, mode }, outcome, message }) => ({
    cells: [
      { text: `${test} ${metric}`, head: true, style: 'name' },
      { text: mode, style: 'name' },
      { text: outcome, style: `v ${outcome}` },
      { text: message, style: 'why' },
    ],
  }));
  const columns = [{ title: 'Expectation' }, { title: 'Mode' }, { title: 'Outcome' }, { title: 'Why' }];
  return [section('expectations', 'Expectations', [table('Expectations and what became of them', columns, rows)])];
}

function summarySection({ analysis, data }: Report): string {
  const means = analysis.geometricMeans.map(({ test, metric, placement, pairs, mode, points, ratio }) => ({
    cells: [
      { text: `${test} ${metric}`, head: true, style: 'name' },
      { text: `${placement}, ${pairsWords(pairs)}` },
      { text: mode, style: 'name' },
      { text: `${points}`, style: 'num' },
      { text: ratio.median.toPrecision(3), style: 'num' },
      {
        text:
          ratio.low === undefined || ratio.high === undefined
            ? '–'
            : `${ratio.low.toPrecision(3)} to ${ratio.high.toPrecision(3)}`,
        style: 'num',
      },
    ],
  }));
  const drifts = analysis.drifts.map(({ test, metric, mode, n, tau, p }) => ({
    cells: [
      { text: `${test} ${metric}`, head: true, style: 'name' },
      { text: mode, style: 'name' },
      { text: `${n}`, style: 'num' },
      { text: tau.toFixed(2), style: 'num' },
      { text: pWords(p), style: 'num' },
    ],
  }));
  const num = { style: 'num' } as const;
  const meanColumns = [
    { title: 'Test and metric' },
    { title: 'Setting' },
    { title: 'Mode' },
    { title: 'Points', ...num },
    { title: `Ratio to ${data.spec.baseline}`, ...num },
    { title: 'Interval', ...num },
  ];
  const driftColumns = [
    { title: 'Test and metric' },
    { title: 'Mode' },
    { title: 'Blocks', ...num },
    { title: 'Kendall’s tau', ...num },
    { title: 'p', ...num },
  ];
  return section('summary', 'Over whole sweeps, and drift', [
    means.length === 0
      ? paragraph('No test has several points.')
      : table('Geometric mean of the ratios over the points of a test', meanColumns, means),
    drifts.length === 0
      ? paragraph('There are too few blocks to tell drift.')
      : table('Trend of each metric over the blocks', driftColumns, drifts),
  ]);
}

const READING = [
  'A block runs every cell (mode, placement, pairs) once, on fresh endpoints, in random order. A row’s median is taken over blocks, its interval is that of the median by order statistics. Percentiles are never averaged.',
  'The ratio to the baseline is paired by block: Hodges-Lehmann estimate of the logarithm, with the interval of Wilcoxon’s signed-rank test. p is adjusted by Holm for all comparisons of the Experiment.',
  'Better, Worse: the interval lies on that side of 1 and reaches beyond what counts as equivalent. Equivalent: the whole interval lies within. Inconclusive: more blocks are needed. A value that is missing is missing: it is not zero.',
  'Several pairs at once: fairness is Jain’s index of what they got, the median over blocks (1: all the same, 1/pairs: one has all); skew is by how much the last of a trial started after the first, at most.',
];
