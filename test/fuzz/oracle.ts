/** What must hold of any outcome, told without any knowledge of how the parsers work. */
import type { Measurement } from '../../src/api/protocol.ts';
import type { ParseOutcome } from '../../src/results/parse/outcome.ts';
import type { Case } from './cases.ts';

/** What is wrong with the shape of an outcome, or null. */
export function dishonest(outcome: ParseOutcome): string | null {
  if (!outcome.ok) {
    const { reason, message } = outcome.problem;
    return /^[A-Z][A-Za-z0-9]{1,63}$/.test(reason) && message !== '' && message.length < 1000
      ? null
      : `problem ${reason}: ${message}`;
  }
  const wrong = outcome.measurements.find(
    ({ metric, value, reason, source, loop }) =>
      (value === null) === (reason === null) ||
      (value !== null &&
        (!Number.isFinite(value) ||
          value < 0 ||
          (metric === 'lossRatio' && value > 1) ||
          source === undefined ||
          loop === undefined)),
  );
  return wrong === undefined ? null : `measurement ${JSON.stringify(wrong)}`;
}

/** A value that the whole text does not give, after a mutation that touched no number; or null. */
export function untrue({ truth }: Case, outcome: ParseOutcome): string | null {
  if (!outcome.ok || !truth.ok) return null;
  const values = new Map(truth.measurements.map(({ metric, value }) => [metric, value]));
  const wrong = outcome.measurements.find(({ metric, value }) => value !== null && value !== values.get(metric));
  return wrong === undefined ? null : `${wrong.metric}=${wrong.value} where the truth is ${values.get(wrong.metric)}`;
}

/** A value that is no plain arithmetic of numbers that stand in the text; or null. */
export function invented(text: string, outcome: ParseOutcome): string | null {
  if (!outcome.ok) return null;
  const printed = [/\d{1,3}(?:,\d{3})+/g, /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g].flatMap((form) =>
    [...text.matchAll(form)].map(([found]) => Number(found.replaceAll(',', ''))),
  );
  const sorted = [...new Set(printed)].filter((n) => Number.isFinite(n) && n !== 0).toSorted((a, b) => a - b);
  const wrong = outcome.measurements.find((one) => one.value !== null && !derived(one, one.value, sorted));
  return wrong === undefined ? null : `${wrong.metric}=${wrong.value} does not follow from any printed numbers`;
}

/** 3.12 says these once per stream; no figure is made of them. */
const HARMLESS_TWICE = /^(?:sock_bufsize|sndbuf_actual|rcvbuf_actual)$/;

/** A value read from a JSON document in which some object has a key twice, so that it could be another; or null. */
export function ambiguous(text: string, outcome: ParseOutcome): string | null {
  const twice = outcome.ok && text.trimStart().startsWith('{') ? repeated(text) : undefined;
  return twice === undefined ? null : `something is read, and the document has "${twice}" twice`;
}

/** All keys are numbered, so that `JSON.parse` keeps each; undefined where the text is no JSON either. */
function repeated(text: string): string | undefined {
  let count = 0;
  const numbered = text.replaceAll(/"((?:[^"\\]|\\.)*)"(\s*:)?/gs, (found, key: string, colon?: string) =>
    colon === undefined ? found : `"${count++}#${key}":`,
  );
  const found: string[] = [];
  const look = (_: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const keys = Object.keys(value).map((key) => key.replace(/^\d+#/, ''));
    found.push(...keys.filter((key, index) => keys.indexOf(key) !== index && !HARMLESS_TWICE.test(key)));
    return value;
  };
  try {
    JSON.parse(numbered, look);
  } catch {
    return undefined;
  }
  return found[0];
}

/** Powers of ten of prefixes, halves and doubles of round trips, bits of bytes. */
const SCALES = [1, 1e3, 1e6, 1e-9, 1e-6, 1e-3].flatMap((scale) => [scale, 2 * scale, scale / 2, 8 * scale, scale / 8]);

function derived({ metric }: Measurement, value: number, numbers: number[]): boolean {
  if (value === 0) return numbers.length > 0;
  if (SCALES.some((scale) => has(numbers, value / scale))) return true;
  if (metric === 'lossRatio') return numbers.some((n) => isShare(value, n, numbers));
  const ratio = (n: number): boolean => SCALES.some((scale) => has(numbers, (value * n) / scale));
  return numbers.some(ratio) || (metric === 'packetRate' && numbers.some((n) => numbers.some((m) => ratio(n * m))));
}

/** lost / all, 1 - received / sent, or lost / (lost + received - duplicated). */
function isShare(value: number, n: number, numbers: number[]): boolean {
  const cancelled = n * 1e-12;
  if (has(numbers, value * n) || has(numbers, (1 - value) * n, cancelled)) return true;
  return [0, ...numbers].some((m) => has(numbers, (value * (n - m)) / (1 - value), cancelled));
}

function has(sorted: number[], value: number, extra = 0): boolean {
  let [low, high] = [0, sorted.length - 1];
  const slack = Math.abs(value) * 1e-9 + extra;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value - slack) low = middle + 1;
    else high = middle;
  }
  return Math.abs((sorted[low] ?? Number.NaN) - value) <= slack;
}
