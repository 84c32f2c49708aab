/** Parts of an Experiment: what was found, what was expected, what failed. */
import type { ExperimentDetail, Row } from '../detail.ts';
import { h, section, table } from './dom.ts';
import { ago, moment } from './format.ts';

const cell = (text: string, style = ''): HTMLTableCellElement =>
  h('td', { class: style === '' ? undefined : style }, text);
const head = (text: string): HTMLTableCellElement => h('th', { scope: 'row' }, text);
const verdict = (text: string): HTMLTableCellElement => h('td', {}, h('span', { class: `verdict ${text}` }, text));

/** A table for each metric of each test. */
export function resultSections(detail: ExperimentDetail): HTMLElement[] {
  if (detail.rows.length === 0) return [];
  const tests = Map.groupBy(detail.rows, ({ test }) => test);
  const parts = [...tests].flatMap(([test, rows]) =>
    [...Map.groupBy(rows, ({ metric }) => metric)].map(([metric, of]) => resultTable(`${test}: ${metric}`, of, detail)),
  );
  const further =
    detail.furtherRows === 0 ? null : h('p', { class: 'soft' }, `${detail.furtherRows} more rows are in the report.`);
  return [section(detail.line.ended === '' ? 'Results so far' : 'Results', ...parts, further)];
}

function resultTable(
  caption: string,
  rows: readonly Row[],
  { baseline, confidencePercent }: ExperimentDetail,
): HTMLElement {
  const points = new Set(rows.map(({ point }) => point)).size > 1;
  const pairs = new Set(rows.map(({ pairs: of }) => of)).size > 1;
  const placements = new Set(rows.map(({ placement }) => placement)).size > 1;
  const columns = [
    'Mode',
    ...(points ? ['Point'] : []),
    ...(placements ? ['Placement'] : []),
    ...(pairs ? [{ title: 'Pairs' }] : []),
    { title: 'Blocks' },
    { title: 'Median' },
    { title: `${confidencePercent} % interval` },
    { title: `Ratio to ${baseline}` },
    'Verdict',
    'Why',
  ];
  return table(
    { caption },
    columns,
    rows.map((row) =>
      h(
        'tr',
        {},
        head(row.mode),
        points ? cell(row.point) : null,
        placements ? cell(row.placement) : null,
        pairs ? cell(`${row.pairs}`, 'num') : null,
        cell(`${row.n}`, 'num'),
        cell(row.value, 'num'),
        cell(row.interval, 'num'),
        cell(row.ratio, 'num'),
        verdict(row.verdict),
        cell(row.message, 'why'),
      ),
    ),
  );
}

export function expectationSection({ expectations }: ExperimentDetail): HTMLElement[] {
  if (expectations.length === 0) return [];
  const rows = expectations.map(({ what, mode, outcome, message }) =>
    h('tr', {}, head(what), cell(mode), verdict(outcome), cell(message, 'why')),
  );
  return [
    section(
      'Expectations',
      table({ caption: 'What was expected', unseen: true }, ['Expectation', 'Mode', 'Outcome', 'Why'], rows),
    ),
  ];
}

export function failedSection({ failed, furtherFailed }: ExperimentDetail): HTMLElement[] {
  if (failed.length === 0) return [];
  const rows = failed.map(({ name, mode, placement, block, attempt, reason, message }) =>
    h(
      'tr',
      {},
      head(name),
      cell(`${mode} ${placement}`),
      cell(`${block + 1}`, 'num'),
      cell(`${attempt + 1}`, 'num'),
      cell(reason),
      cell(message, 'why'),
    ),
  );
  const caption =
    furtherFailed === 0
      ? 'Trials that failed'
      : `The last ${failed.length} trials that failed, of ${failed.length + furtherFailed}`;
  return [
    section(
      'Failed trials',
      table(
        { caption, unseen: furtherFailed === 0 },
        ['Trial', 'Cell', { title: 'Block' }, { title: 'Attempt' }, 'Reason', 'Why'],
        rows,
      ),
    ),
  ];
}

export function conditionSection(conditions: ExperimentDetail['conditions']): HTMLElement {
  const rows = conditions.map(({ type, status, reason, message, lastTransitionTime }) =>
    h(
      'tr',
      {},
      head(type),
      cell(status),
      cell(reason),
      cell(message, 'why'),
      h('td', { title: moment(lastTransitionTime) }, ago(lastTransitionTime, Date.now())),
    ),
  );
  return h(
    'details',
    { class: 'conditions' },
    h('summary', {}, 'Conditions'),
    table({ caption: 'Conditions', unseen: true }, ['Type', 'Status', 'Reason', 'Message', 'Since'], rows),
  );
}
