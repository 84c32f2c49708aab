/** Reads `sockperf under-load`: latencies at a rate of messages that is kept whatever comes back (open loop). */
import { failed } from './outcome.ts';
import type { ParseOutcome, ToolOutput } from './outcome.ts';
import { measurementsOf } from './readings.ts';
import type { Reading, Readings } from './readings.ts';
import { factsOf, readReport } from './sockperf.ts';
import { latencyReadings, lossReading } from './sockperfLatencies.ts';

/** How far the rate that was sent may be from the one asked for. */
const OFFERED_TOLERANCE = 0.05;

/**
 * Measurements of an open-loop run in SI base units, or why there are none. Total: any text gives an outcome, none throws.
 * Latencies belong to a rate: where the client could not send at `askedPerSecond` (messages/s) they are absent, since a sender
 * that falls behind turns the open loop into a closed one. Loss is the share of awaited replies that never came.
 */
export function parseSockperfUnderLoad(output: ToolOutput, askedPerSecond: number | null = null): ParseOutcome {
  const read = readReport(output);
  if (!read.ok) return read;
  const { report } = read;
  const offered = report.sent / report.seconds;
  if (report.received > report.sent) return failed('InconsistentOutput', 'sockperf received more than it sent');
  const latencies = latencyReadings(report);
  const readings: Readings = {
    ...(missed(offered, askedPerSecond) ? replaced(latencies, rateMissed(offered, askedPerSecond ?? 0)) : latencies),
    offeredRate: { value: offered, field: 'SentMessages / RunTime', end: 'Sender' },
    transactionRate: { value: report.received / report.seconds, field: 'ReceivedMessages / RunTime', end: 'Client' },
    lossRatio: lossReading(report),
  };
  const measurements = measurementsOf(output.point, { tool: 'sockperf', loop: 'Open' }, readings);
  return { ok: true, measurements, facts: factsOf(report, output.point.messageBytes) };
}

function missed(offered: number, asked: number | null): boolean {
  return asked !== null && Math.abs(offered / asked - 1) > OFFERED_TOLERANCE;
}

function rateMissed(offered: number, asked: number): Reading {
  return {
    reason: 'OfferedRateMissed',
    message: `${Math.round(offered)} messages/s were sent, ${asked} were asked for`,
  };
}

function replaced(readings: Readings, by: Reading): Readings {
  return Object.fromEntries(Object.keys(readings).map((metric) => [metric, by]));
}
