/**
 * The selectors of an omni netperf (2.7) and their values, from either of its forms for programs: `-k` (KEY=value lines)
 * and `-o` (comma-separated, whose names stand in the printed command line). Tables for people are not read.
 */

/** What the runner's commands select. The command line is among them, so that an output can be held against its order. */
export const NETPERF_SELECTORS = [
  'THROUGHPUT',
  'THROUGHPUT_UNITS',
  'MIN_LATENCY',
  'MEAN_LATENCY',
  'P50_LATENCY',
  'P90_LATENCY',
  'P99_LATENCY',
  'MAX_LATENCY',
  'RT_LATENCY',
  'TRANSACTION_RATE',
  'REQUEST_SIZE',
  'RESPONSE_SIZE',
  'BURST_SIZE',
  'LOCAL_SEND_SIZE',
  'REMOTE_SEND_SIZE',
  'LOCAL_SEND_CALLS',
  'LOCAL_RECV_CALLS',
  'REMOTE_SEND_CALLS',
  'REMOTE_RECV_CALLS',
  'LOCAL_BYTES_RECVD',
  'REMOTE_BYTES_RECVD',
  'LOCAL_RECV_THROUGHPUT',
  'REMOTE_RECV_THROUGHPUT',
  'LOCAL_TRANSPORT_RETRANS',
  'REMOTE_TRANSPORT_RETRANS',
  'CONFIDENCE_ITERATION',
  'COMMAND_LINE',
  'ELAPSED_TIME',
  'PROTOCOL',
  'DIRECTION',
] as const;

export type NetperfFields = ReadonlyMap<string, string>;

const MAX_FIELDS = 512;
const LINE = /^([A-Z][A-Z0-9_]{1,63})=(.{0,8192})$/;
/** A decimal number as netperf prints it; anything else, a cut or spoilt one, is none. */
const NUMBER = /^-?\d{1,18}(?:\.\d{1,9})?$/;

const SELECTION = / -- .{0,2048}?-[ko] ([A-Z0-9_,]{1,4096})(?:[ "]|$)/;

/** The fields; null where there are none, or where one is given twice with different values. */
export function netperfFields(text: string): NetperfFields | null {
  const lines = wholeLines(text);
  const pairs = lines.map((line) => LINE.exec(line)).filter((match) => match !== null);
  if (pairs.length === 0) return commaSeparated(lines);
  const fields = new Map<string, string>();
  for (const [, key = '', value = ''] of pairs) {
    if ((fields.get(key) ?? value) !== value) return null;
    fields.set(key, value);
  }
  return fields;
}

/**
 * Whether all that was selected is there: netperf drops a selector that it does not know without a word, and an output can be
 * cut. Without a command line that lists them, the last of ours must be there.
 */
export function isComplete(fields: NetperfFields): boolean {
  const selected = SELECTION.exec(fields.get('COMMAND_LINE') ?? '')?.[1]?.split(',');
  return selected === undefined ? fields.has('DIRECTION') : selected.every((key) => fields.has(key));
}

/** A field's number; null where it is missing, malformed, or netperf's -1 for "not measured". */
export function netperfNumber(fields: NetperfFields, key: string): number | null {
  const text = fields.get(key);
  if (text === undefined || !NUMBER.test(text)) return null;
  const value = Number(text);
  return value < 0 ? null : value;
}

/** Lines that were ended: what follows the last line break may be cut in the middle of a number. */
function wholeLines(text: string): string[] {
  const lines = text.split('\n', MAX_FIELDS + 1);
  return lines.slice(0, -1).filter((line) => line !== '');
}

/** One line of values and, quoted among them, the command line whose `-o` names them in the same order. */
function commaSeparated(lines: string[]): NetperfFields | null {
  const [line] = lines;
  if (line === undefined || lines.length > 1) return null;
  const names = SELECTION.exec(line.slice(0, 8192))?.[1]?.split(',');
  const values = line.slice(0, 16_384).match(/"[^"]*"|[^,"]+/g);
  if (names === undefined || values === null || names.length !== values.length) return null;
  return new Map(names.map((name, index) => [name, values[index] ?? '']));
}
