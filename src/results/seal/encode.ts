/**
 * A report's data as one text, the same for the same data: keys in order, and measurements by column, since every trial
 * of an Experiment measures the same things. What is left is mostly digits.
 */
import type { TrialMeasurement } from '../../api/v1alpha1.ts';
import { REPORT_FORMAT, type ReportData, type ReportTrial } from '../report/data.ts';

export class SealError extends Error {
  override readonly name = 'SealError';
}

type Series = Omit<TrialMeasurement, 'value' | 'reason'>;
/** At the place of its series: a value, why there is none, or null where the trial says nothing of it. */
type Column = (number | string | null)[];

/** `trials` comes last: the text of each is made on its own. */
interface Sealed extends Omit<ReportData, 'trials'> {
  series: Series[];
  trials: (Omit<ReportTrial, 'measurements'> & { values: Column })[];
}

/** Text of the data. Measurements come out of `decode` in the order of their series, which is that of their keys. */
export function encode(data: ReportData): string {
  const keyOf = keys();
  const series = new Map<string, Series>();
  for (const { measurements } of data.trials) {
    for (const found of measurements) if (!series.has(keyOf(found))) series.set(keyOf(found), seriesOf(found));
  }
  const ordered = [...series.keys()].toSorted();
  const place = new Map(ordered.map((key, i) => [key, i]));
  const trials = data.trials.map(({ measurements, ...trial }) =>
    canonical({ ...trial, values: column(measurements, place, keyOf) }),
  );
  const { trials: _trials, ...rest } = data;
  const head = canonical({ ...rest, series: ordered.flatMap((key) => series.get(key) ?? []) });
  return `${head.slice(0, -1)},"trials":[${trials.join(',')}]}`;
}

const seriesOf = ({ value: _value, reason: _reason, ...series }: TrialMeasurement): Series => series;

/** A series' canonical text, made once: there are few of them and very many measurements. */
function keys(): (measurement: TrialMeasurement) => string {
  const known = new Map<string, string>();
  return (measurement) => {
    const { test, point, pair, metric, unit, source, loop } = measurement;
    const quick = `${test}/${point.messageBytes}/${point.streams}/${point.rate}/${pair}/${metric}/${unit}/${source?.tool}/${source?.field}/${source?.end}/${loop}`;
    const found = known.get(quick) ?? canonical(seriesOf(measurement));
    known.set(quick, found);
    return found;
  };
}

/** @throws SealError where the text is not of this format. */
export function decode(text: string): ReportData {
  const sealed = parse(text);
  const { series, trials, ...data } = sealed;
  return {
    ...data,
    trials: trials.map(({ values, ...trial }) => ({
      ...trial,
      measurements: values.flatMap((value, i) => measurement(series[i], value)),
    })),
  };
}

/** The data as it comes back from its seal: what a report of running Trials is built from, so that both are the same. */
export const canonicalData = (data: ReportData): ReportData => decode(encode(data));

function column(
  measurements: readonly TrialMeasurement[],
  place: ReadonlyMap<string, number>,
  keyOf: (measurement: TrialMeasurement) => string,
): Column {
  const values: Column = Array.from({ length: place.size }, () => null);
  for (const found of measurements) {
    const at = place.get(keyOf(found));
    const { value, reason } = found;
    if (at !== undefined) values[at] = value ?? reason ?? 'NotReported: no value and no reason';
  }
  return values;
}

function measurement(series: Series | undefined, value: number | string | null): TrialMeasurement[] {
  if (series === undefined || value === null) return [];
  return [typeof value === 'number' ? { ...series, value } : { ...series, reason: value }];
}

function parse(text: string): Sealed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SealError('The stored report is not JSON: it was changed or cut');
  }
  const { format, trials, series } = (value ?? {}) as Partial<Sealed>;
  if (format !== REPORT_FORMAT) {
    throw new SealError(`The stored report has format ${String(format)}, this program reads ${REPORT_FORMAT}`);
  }
  if (!Array.isArray(trials) || !Array.isArray(series)) throw new SealError('The stored report lacks its trials');
  return value as Sealed;
}

/** JSON with the keys of every object in order. */
export function canonical(value: unknown): string {
  return JSON.stringify(ordered(value));
}

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.some(isNested) ? value.map(ordered) : value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, ordered(inner)]));
}

const isNested = (value: unknown): boolean => typeof value === 'object' && value !== null;
