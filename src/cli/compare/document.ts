/** The report of an Experiment as JSON, as far as comparing reads it; read with care, since it may come from a file. */
import type { ExperimentSpec, FingerprintField, ResultRow } from '../../api/v1alpha1.ts';
import { JSON_FORMAT } from '../../results/report/formats/json.ts';
import { CliError } from '../errors.ts';

export interface DocumentRow extends Omit<ResultRow, 'verdict' | 'point'> {
  point: ResultRow['point'];
  primary: boolean;
  type: string;
  protocol: string;
  values: ({ block: number; value: number } | { block: number; reason: string })[];
}

export interface Document {
  format: string;
  experiment: { namespace: string; name: string; uid: string };
  environment?: string;
  spec: ExperimentSpec;
  ending: { succeeded: boolean | null; reason: string; message: string };
  rows: DocumentRow[];
  fingerprints: Record<string, FingerprintField[]>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws CliError where the text is no report of this format. */
export function parseDocument(text: string, name: string): Document {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CliError(`${name} is not JSON: make it by kubectl vfbench report NAME -o json`, 1, { cause });
  }
  if (!isObject(value) || value['format'] !== JSON_FORMAT) {
    const found =
      isObject(value) && typeof value['format'] === 'string'
        ? `its format is ${value['format'].slice(0, 60)}`
        : 'it names no format';
    throw new CliError(
      `${name} is no report of format ${JSON_FORMAT} (${found}): make it by kubectl vfbench report NAME -o json`,
    );
  }
  const { experiment, spec, rows, ending, fingerprints } = value;
  const isWhole =
    isObject(experiment) &&
    isObject(spec) &&
    isObject(ending) &&
    isObject(fingerprints) &&
    Array.isArray(rows) &&
    rows.every(isRow);
  if (!isWhole || !Array.isArray(spec['tests']) || !Array.isArray(spec['modes']))
    throw new CliError(`${name} is cut or was changed: it lacks parts of a report`);
  return value as unknown as Document;
}

function isRow(row: unknown): boolean {
  if (!isObject(row) || !isObject(row['point']) || !Array.isArray(row['values'])) return false;
  const hasNames = ['test', 'metric', 'mode', 'unit', 'placement'].every((key) => typeof row[key] === 'string');
  return (
    hasNames &&
    typeof row['pairs'] === 'number' &&
    row['values'].every((one) => isObject(one) && typeof one['block'] === 'number')
  );
}
