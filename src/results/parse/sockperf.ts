/**
 * Reads what a `sockperf ping-pong` client prints (3.7 and later; there is no machine-readable form). Round trips in
 * seconds; a run made without --full-rtt is doubled. sockperf exits 0 whatever happens, so the text must prove the run.
 */
import type { Measurement } from '../../api/protocol.ts';
import { metricsFor } from '../catalogue.ts';
import type { MetricInfo } from '../catalogue.ts';
import { measuredSeconds } from '../commands.ts';
import {
  MAX_OUTPUT_LENGTH,
  absent,
  durationProblem,
  exitProblem,
  failed,
  firstLine,
  measured,
  plain,
} from './outcome.ts';
import type { ParseOutcome, ToolOutput } from './outcome.ts';

export type { ParseOutcome, ToolOutput } from './outcome.ts';

type Failure = Extract<ParseOutcome, { ok: false }>;

/** What one complete report says. Latencies in microseconds as printed. */
interface Report {
  version: string | null;
  /** Factor from printed latency to full round trip. */
  toRoundTrip: 1 | 2;
  mean: number;
  seconds: number;
  sent: number;
  received: number;
  observations: number;
  disturbed: { dropped: number; duplicated: number; outOfOrder: number };
  percentiles: Map<string, number>;
}

/** The printed percentile of each metric, and the observations it must rest on: 10 / (1 - q). */
const PERCENTILES: Record<string, { printed: string; needs: number }> = {
  rttP50: { printed: '50.000', needs: 20 },
  rttP90: { printed: '90.000', needs: 100 },
  rttP99: { printed: '99.000', needs: 1_000 },
  rttP999: { printed: '99.900', needs: 10_000 },
};

const MICRO = 1e-6;

/**
 * Measurements of a RequestResponse point in SI base units, or why there are none. Total: any text gives an outcome, none
 * throws. Lost, doubled or reordered messages void the latencies (the lost ones are the slow ones), not rate and loss.
 */
export function parseSockperf(output: ToolOutput): ParseOutcome {
  if (output.stdout.length > MAX_OUTPUT_LENGTH)
    return failed('OutputTooLarge', 'sockperf printed more than it ever does');
  const text = plain(output.stdout);
  const problem = saidError(text) ?? saidError(plain(output.stderr)) ?? exitProblem(output, 'sockperf');
  if (problem !== null) return problem;
  const report = readReport(text);
  if (report === null) {
    return failed('UnreadableOutput', `sockperf printed no complete report: ${lastLine(text)}`);
  }
  return (
    durationProblem(report.seconds, measuredSeconds(output.point)) ?? {
      ok: true,
      measurements: metricsFor(output.point).map((info) => measurement(info, report)),
      facts: {
        version: report.version,
        durationSeconds: report.seconds,
        samples: report.observations,
        bytesReceived: report.received * output.point.messageBytes,
        messagesSent: report.sent,
        messagesReceived: report.received,
      },
    }
  );
}

function saidError(text: string): Failure | null {
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

/** Null unless every line of one whole report is there, the last (`<MIN>`) included: a cut number is not a number. */
function readReport(text: string): Report | null {
  const find = (pattern: RegExp): RegExpExecArray | null => pattern.exec(text);
  const valid = find(/\[Valid Duration\] RunTime=([\d.]+) sec; SentMessages=(\d+); ReceivedMessages=(\d+)/);
  const average = find(/====> avg-(latency|rtt)= *([\d.]+)/);
  const drops = find(/# dropped messages = (\d+); # duplicated messages = (\d+); # out-of-order messages = (\d+)/);
  const observations = find(/Total (\d+) observations/);
  const end = find(/---> <MIN> observation *= *[\d.]+/);
  if (!valid || !average || !drops || !observations || !end) return null;
  const report: Report = {
    version: find(/== version #(\S{1,64}) ==/)?.[1] ?? null,
    toRoundTrip: average[1] === 'rtt' ? 1 : 2,
    mean: Number(average[2]),
    seconds: Number(valid[1]),
    sent: Number(valid[2]),
    received: Number(valid[3]),
    observations: Number(observations[1]),
    disturbed: { dropped: Number(drops[1]), duplicated: Number(drops[2]), outOfOrder: Number(drops[3]) },
    percentiles: readPercentiles(text),
  };
  return isSound(report) ? report : null;
}

function readPercentiles(text: string): Map<string, number> {
  const matches = text.matchAll(/---> percentile +([\d.]{1,8}) *= *([\d.]{1,24})(?![\d.])/g);
  return new Map([...matches].map((match) => [match[1] ?? '', Number(match[2])]));
}

function isSound(report: Report): boolean {
  const { mean, seconds, sent, received, observations } = report;
  const ordered = Object.values(PERCENTILES)
    .map(({ printed }) => report.percentiles.get(printed))
    .filter((value) => value !== undefined);
  return (
    [mean, seconds, sent, received, observations, ...ordered].every((value) => Number.isFinite(value) && value > 0) &&
    Number.isSafeInteger(sent) &&
    observations <= received &&
    ordered.every((value, index) => index === 0 || value >= (ordered[index - 1] ?? 0))
  );
}

function measurement(info: MetricInfo, report: Report): Measurement {
  if (info.metric === 'transactionRate') return measured(info, report.received / report.seconds);
  if (info.metric === 'lossRatio') return measured(info, report.disturbed.dropped / report.sent);
  return latency(info, report);
}

function latency(info: MetricInfo, report: Report): Measurement {
  const { dropped, duplicated, outOfOrder } = report.disturbed;
  if (dropped + duplicated + outOfOrder > 0) {
    const counts = `${dropped} lost, ${duplicated} duplicated, ${outOfOrder} out of order of ${report.sent} messages`;
    return absent(info, 'MessagesLost', `${counts}: what is left is not the distribution`);
  }
  if (info.metric === 'rttMean') return measured(info, report.mean * report.toRoundTrip * MICRO);
  const percentile = PERCENTILES[info.metric];
  const printed = percentile === undefined ? undefined : report.percentiles.get(percentile.printed);
  if (percentile === undefined || printed === undefined)
    return absent(info, 'NotReported', 'sockperf does not print it');
  if (report.observations < percentile.needs) {
    return absent(
      info,
      'TooFewSamples',
      `${report.observations} observations, at least ${percentile.needs} are needed`,
    );
  }
  return measured(info, printed * report.toRoundTrip * MICRO);
}

function lastLine(text: string): string {
  const lines = text
    .slice(-4096)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return firstLine(lines.at(-1) ?? '') || 'nothing';
}
