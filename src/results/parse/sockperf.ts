/**
 * Reads what a sockperf client prints (3.7 and later; there is no machine-readable form). Round trips in seconds; a run made
 * without --full-rtt is doubled. sockperf exits 0 whatever happens, so the text must prove the run.
 */
import { measuredSeconds } from '../commands.ts';
import { MAX_TEXT_LENGTH, durationProblem, eachWay, exitProblem, failed, plain } from './outcome.ts';
import type { ParseOutcome, RunFacts, ToolOutput } from './outcome.ts';
import { measurementsOf } from './readings.ts';
import type { Readings } from './readings.ts';
import { latencyReadings, lossReading } from './sockperfLatencies.ts';
import { sockperfError, sockperfLastLine, sockperfReport } from './sockperfReport.ts';
import type { SockperfReport } from './sockperfReport.ts';

export type { ParseOutcome, ToolOutput } from './outcome.ts';

type Failure = Extract<ParseOutcome, { ok: false }>;

/**
 * Measurements of a `sockperf ping-pong` run (closed loop) in SI base units, or why there are none. Total: any text gives an
 * outcome, none throws. Lost, doubled or reordered messages void the latencies, not rate and loss.
 */
export function parseSockperf(output: ToolOutput): ParseOutcome {
  const read = readReport(output);
  if (!read.ok) return read;
  const { report } = read;
  const readings: Readings = {
    ...latencyReadings(report),
    transactionRate: { value: report.received / report.seconds, field: 'ReceivedMessages / RunTime', end: 'Client' },
    lossRatio: lossReading(report),
  };
  const measurements = measurementsOf(output.point, { tool: 'sockperf', loop: 'Closed' }, readings);
  return { ok: true, measurements, facts: factsOf(report, output.point.messageBytes) };
}

/** One whole, undisturbed report of the run that was asked for. */
export function readReport(output: ToolOutput): { ok: true; report: SockperfReport } | Failure {
  const problem = sockperfProblem(output);
  if (problem !== null) return problem;
  const text = plain(output.stdout);
  const report = sockperfReport(text);
  if (report === null) {
    return failed('UnreadableOutput', `sockperf printed no complete report: ${sockperfLastLine(text)}`);
  }
  return durationProblem(report.seconds, measuredSeconds(output.point)) ?? { ok: true, report };
}

/** What condemns a run of sockperf whatever it measured: its size, its own words, how it ended. */
export function sockperfProblem(output: ToolOutput): Failure | null {
  if (output.stdout.length > MAX_TEXT_LENGTH) {
    return failed('OutputTooLarge', 'sockperf printed more than it ever does');
  }
  return (
    sockperfError(plain(output.stdout)) ??
    sockperfError(plain(output.stderr.slice(0, MAX_TEXT_LENGTH))) ??
    exitProblem(output, 'sockperf')
  );
}

export function factsOf(report: SockperfReport, messageBytes: number): RunFacts {
  return {
    version: report.version,
    durationSeconds: report.seconds,
    samples: report.observations,
    bytesReceived: report.received * messageBytes,
    messagesSent: report.sent,
    messagesReceived: report.received,
    moved: eachWay(report.receivedInAll * messageBytes),
  };
}
