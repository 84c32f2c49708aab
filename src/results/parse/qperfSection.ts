/** One test's section of qperf's output, its values in s, bytes, 1/s and plain counts. */

export type QperfFields = ReadonlyMap<string, number>;

const MAX_LINES = 512;
const TITLE = /^([a-z_]{3,20}):$/;
const LINE = /^ {1,16}([a-z_]{1,32}) {1,32}= {1,64}([0-9.,]{1,32}) (\S{0,16})( cpus)?$/;
/** Thousands are grouped where no unit follows. */
const NUMBER = /^(?:\d{1,3}(?:,\d{3}){1,6}|\d{1,18})(?:\.\d{1,6})?$/;
/** The last line of each kind of report with `-vv`: one that ends before it was cut. */
const LAST = { lat: 'rem_recv_msgs', bw: 'recv_msgs' } as const;

/** Factor to SI base units; prefixes are decimal (`sec/GB` and `% cpus` are no concern of ours). */
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  ns: 1e-9,
  us: 1e-6,
  ms: 1e-3,
  sec: 1,
  bytes: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  'bytes/sec': 1,
  'KB/sec': 1e3,
  'MB/sec': 1e6,
  'GB/sec': 1e9,
  '/sec': 1,
  'K/sec': 1e3,
  'M/sec': 1e6,
};

/** The section of the test; null where there is none, more than one, one that is cut, or one with a line given twice. */
export function qperfSection(text: string, test: string): QperfFields | null {
  const lines = text.split('\n', MAX_LINES + 1).slice(0, -1);
  const [start, another] = lines.flatMap((line, index) => (line === `${test}:` ? [index] : []));
  if (start === undefined || another !== undefined) return null;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => TITLE.test(line));
  const pairs = rest.slice(0, end < 0 ? undefined : end).flatMap(readLine);
  const fields = new Map(pairs);
  const whole = fields.has(test.endsWith('_lat') ? LAST.lat : LAST.bw) && fields.size === pairs.length;
  return whole ? fields : null;
}

/** Key and value; nothing for a line that is not whole or whose unit is of no concern. */
function readLine(line: string): [string, number][] {
  const [, key, value = '', unit = ''] = LINE.exec(line) ?? [];
  const factor = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  if (key === undefined || factor === undefined || !NUMBER.test(value)) return [];
  return [[key, Number(value.replaceAll(',', '')) * factor]];
}
