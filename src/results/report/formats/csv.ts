/** The rows of the report as CSV (RFC 4180), one header, numbers in SI base units. */
import type { Report } from '../model.ts';

const COLUMNS = [
  'namespace',
  'experiment',
  'test',
  'type',
  'protocol',
  'messageBytes',
  'streams',
  'rate',
  'placement',
  'pairs',
  'metric',
  'unit',
  'better',
  'primary',
  'mode',
  'baseline',
  'blocks',
  'median',
  'low',
  'high',
  'confidencePercent',
  'ratio',
  'ratioLow',
  'ratioHigh',
  'ratioBlocks',
  'p',
  'pAdjusted',
  'verdict',
  'message',
  'fairness',
  'startSkewSeconds',
] as const;

/** Every metric in every cell; what there is none of is empty, never 0. */
export function csv({ data, groups }: Report): string {
  const { namespace, name } = data.experiment;
  const lines = groups.flatMap((group) =>
    group.rows.map(({ row, primary }) => {
      const point: Record<string, number | undefined> = { ...row.point };
      return [
        namespace,
        name,
        row.test,
        group.type,
        group.protocol,
        point['messageBytes'],
        point['streams'],
        point['rate'],
        row.placement,
        row.pairs,
        row.metric,
        row.unit,
        row.better,
        primary,
        row.mode,
        data.spec.baseline,
        row.n,
        row.median,
        row.low,
        row.high,
        data.spec.comparison.confidencePercent,
        row.ratio?.median,
        row.ratio?.low,
        row.ratio?.high,
        row.ratio?.n,
        row.p,
        row.pAdjusted,
        primary ? row.verdict : '',
        row.message,
        row.fairness,
        row.startSkewSeconds,
      ];
    }),
  );
  return [COLUMNS, ...lines].map((cells) => `${cells.map(field).join(',')}\r\n`).join('');
}

/** A text that a spreadsheet would take for a formula is made a text for it too. */
function field(value: string | number | boolean | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return `${value}`;
  const text = value.replaceAll(/\p{Cc}+/gu, ' ');
  const safe = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
