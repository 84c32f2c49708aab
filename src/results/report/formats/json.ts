/** The report as JSON (docs/report.schema.json), and its raw observations as lines of JSON. */
import type { MetricGroup, Report, ReportRow } from '../model.ts';

export const JSON_FORMAT = 'vfbench.io/report/v1';
export const LINES_FORMAT = 'vfbench.io/observation/v1';

/** All that the page shows: rows with the value of each block, verdicts, provenance. */
export function json(report: Report, digest?: string): string {
  const { data, analysis, comparability, groups } = report;
  const { experiment, spec, seed, environment, nodes, startTime, ending, trials, fingerprints } = data;
  const { family, geometricMeans, drifts, expectations, verdict, convergence, completeBlocks } = analysis;
  const document = {
    format: JSON_FORMAT,
    ...(digest === undefined ? {} : { digest }),
    experiment,
    environment,
    seed,
    nodes,
    startTime,
    spec,
    ending,
    completeBlocks,
    verdict,
    expectations: expectations.map(({ expectation, outcome, message }) => ({ ...expectation, outcome, message })),
    convergence,
    family,
    rows: groups.flatMap((group) => group.rows.map((row) => jsonRow(group, row))),
    geometricMeans,
    drifts,
    comparable: comparability.differences.length === 0,
    differences: comparability.differences,
    leftOut: [...comparability.left].toSorted(),
    trials: trials.map(({ measurements: _measurements, ...trial }) => trial),
    fingerprints,
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

function jsonRow({ type, protocol }: MetricGroup, { row, primary, blocks }: ReportRow): object {
  const values = [...blocks].map(([block, found]) => ({ block, ...found }));
  const { verdict, ...plain } = row;
  return { ...plain, ...(primary ? { verdict } : {}), primary, type, protocol, values };
}

/** One line per measurement of a finished trial: what the tool gave for one pair, or why it gave nothing. */
export function* observationLines({ data }: Report): Generator<string> {
  const { experiment, seed, environment } = data;
  for (const { measurements, endpoints: _endpoints, fingerprints, raw, ...trial } of data.trials) {
    const common = { format: LINES_FORMAT, experiment, seed, environment, ...trial, fingerprints };
    for (const found of measurements) {
      const own = raw?.filter(({ endpoint }) => endpoint.endsWith(`-${found.pair}`));
      yield `${JSON.stringify({ ...common, ...found, raw: own })}\n`;
    }
    if (measurements.length === 0) yield `${JSON.stringify(common)}\n`;
  }
}
