/** The report that sockperf's ping-pong and under-load clients print (3.7 and later), and the errors it prints instead. */
import { failed, firstLine } from './outcome.ts';
import type { ParseOutcome } from './outcome.ts';

type Failure = Extract<ParseOutcome, { ok: false }>;

/** What one complete report says. Latencies in microseconds as printed. */
export interface SockperfReport {
  version: string | null;
  /** Factor from printed latency to full round trip. */
  toRoundTrip: 1 | 2;
  mean: number;
  seconds: number;
  sent: number;
  received: number;
  /** Messages that came back in the whole run, what is trimmed included. */
  receivedInAll: number;
  observations: number;
  disturbed: { dropped: number; duplicated: number; outOfOrder: number };
  /** By percentile as printed, `99.900`. */
  percentiles: ReadonlyMap<string, number>;
}

/** sockperf's own words for a run that is none; whatever it prints besides, and whatever its exit code. */
export function sockperfError(text: string): Failure | null {
  const error = /sockperf: ERROR: (.{0,200})/.exec(text)?.[1];
  if (error !== undefined) {
    return failed(/connect socket/.test(error) ? 'PeerUnreachable' : 'ToolFailed', `sockperf: ${firstLine(error)}`);
  }
  if (text.includes('No messages were received from the server')) {
    return failed('PeerUnreachable', 'sockperf: no messages were received from the server');
  }
  const refused = /sockperf: ('-\w' Invalid .{0,120})/.exec(text)?.[1];
  if (refused !== undefined) return failed('ToolFailed', `sockperf: ${firstLine(refused)}`);
  if (text.includes('(interrupted by user)')) return failed('Interrupted', 'sockperf was interrupted before its end');
  return null;
}

/** 25, 50, 75, 90, 99, 99.9, 99.99, 99.999. */
const PERCENTILES_PRINTED = 8;
const DECIMAL = String.raw`(\d{1,12}\.\d{3})(?![\d.])`;
const VALID = new RegExp(
  String.raw`\[Valid Duration\] RunTime=${DECIMAL} sec; SentMessages=(\d{1,15}); ReceivedMessages=(\d{1,15})$`,
  'gm',
);
const TOTAL = /\[Total Run\] RunTime=[^\n]{1,120}; ReceivedMessages=(\d{1,15})$/gm;
const AVERAGE = new RegExp(String.raw`====> avg-(latency|rtt)= *${DECIMAL} \(`, 'g');
const SUMMARY = new RegExp(String.raw`Summary: (Latency|Round trip) is ${DECIMAL} usec$`, 'gm');
const DROPS =
  /# dropped messages = (\d{1,15}); # duplicated messages = (\d{1,15}); # out-of-order messages = (\d{1,15})$/gm;
const OBSERVATIONS = /Total (\d{1,15}) observations; each percentile contains \d/g;
const MINIMUM = new RegExp(String.raw`---> <MIN> observation = *${DECIMAL}$`, 'gm');
const MAXIMUM = new RegExp(String.raw`---> <MAX> observation = *${DECIMAL}$`, 'gm');
const PERCENTILE = new RegExp(String.raw`---> percentile (\d{2}\.\d{3}) = *${DECIMAL}$`, 'gm');

/** Null unless every line of one whole report is there once, the last (`<MIN>`) included: a cut number is not a number. */
export function sockperfReport(text: string): SockperfReport | null {
  const only = (pattern: RegExp): RegExpExecArray | null => {
    const found = [...text.matchAll(pattern)];
    return found.length === 1 ? (found[0] ?? null) : null;
  };
  const valid = only(VALID);
  const average = only(AVERAGE);
  const summary = only(SUMMARY);
  const drops = only(DROPS);
  const observations = only(OBSERVATIONS);
  const [min, max] = [only(MINIMUM), only(MAXIMUM)];
  const percentiles = readPercentiles(text);
  if (!valid || !average || !summary || !drops || !observations || !min || !max || !percentiles) return null;
  if (average[2] !== summary[2] || (average[1] === 'rtt') !== (summary[1] === 'Round trip')) return null;
  const report: SockperfReport = {
    version: /== version #(\S{1,64}) ==/.exec(text)?.[1] ?? null,
    toRoundTrip: average[1] === 'rtt' ? 1 : 2,
    mean: Number(average[2]),
    seconds: Number(valid[1]),
    sent: Number(valid[2]),
    received: Number(valid[3]),
    receivedInAll: inAll(only(TOTAL), Number(valid[3])),
    observations: Number(observations[1]),
    disturbed: { dropped: Number(drops[1]), duplicated: Number(drops[2]), outOfOrder: Number(drops[3]) },
    percentiles,
  };
  return isSound(report, Number(min[1]), Number(max[1])) ? report : null;
}

/** Of the whole run, which has no fewer than the part that is measured. */
const inAll = (total: RegExpExecArray | null, measured: number): number => Math.max(measured, Number(total?.[1] ?? 0));

/** Null where one of them is given twice, spoilt or missing. */
function readPercentiles(text: string): Map<string, number> | null {
  const matches = [...text.matchAll(PERCENTILE)];
  const percentiles = new Map(matches.map((match) => [match[1] ?? '', Number(match[2])]));
  return percentiles.size === matches.length && matches.length === PERCENTILES_PRINTED ? percentiles : null;
}

function isSound(report: SockperfReport, min: number, max: number): boolean {
  const { mean, seconds, sent, received, observations } = report;
  const rising = [...report.percentiles.entries()].toSorted(([a], [b]) => a.localeCompare(b)).map(([, value]) => value);
  const ordered = [min, ...rising, max];
  return (
    [mean, seconds, sent, received, observations, min].every((value) => Number.isFinite(value) && value > 0) &&
    mean >= min &&
    mean <= max &&
    observations <= received &&
    received <= sent + report.disturbed.duplicated &&
    ordered.every((value, index) => index === 0 || value >= (ordered[index - 1] ?? 0))
  );
}

/** The last line that says anything, for messages. */
export function sockperfLastLine(text: string): string {
  const lines = text
    .slice(-4096)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return firstLine(lines.at(-1) ?? '') || 'nothing';
}
