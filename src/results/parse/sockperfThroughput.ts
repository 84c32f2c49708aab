/**
 * Reads `sockperf throughput`. It never asks the receiver, so all it gives is the rate at which messages were handed to the
 * sender's socket; what arrived is another tool's to say. Its "MBps" and "Mbps" count in 2^20 and are not read.
 */
import { durationProblem, failed, oneWay, plain } from './outcome.ts';
import type { ParseOutcome, ToolOutput } from './outcome.ts';
import { measurementsOf } from './readings.ts';
import type { Reading, Readings } from './readings.ts';
import { sockperfProblem } from './sockperf.ts';
import { sockperfLastLine } from './sockperfReport.ts';

const TOTAL = /Total of (\d{1,15}) messages sent in (\d{1,9}\.\d{3}) sec$/gm;
const RATE = /Summary: Message Rate is (\d{1,15}) \[msg\/sec\]/g;
const BANDWIDTH = /Summary: BandWidth is \d[\d.]{0,31} MBps \(\d[\d.]{0,31} Mbps\)$/m;
/** The printed rate is of the unrounded time, and a whole number. */
const AGREEMENT = 0.01;

/** `offeredRate` in messages/s of the sender, all that was received absent. Total: any text gives an outcome, none throws. */
export function parseSockperfThroughput(output: ToolOutput): ParseOutcome {
  const problem = sockperfProblem(output);
  if (problem !== null) return problem;
  const text = plain(output.stdout);
  const [total, ...totals] = text.matchAll(TOTAL);
  const [summary, ...summaries] = text.matchAll(RATE);
  if (!total || !summary || totals.length + summaries.length > 0 || !BANDWIDTH.test(text)) {
    return failed('UnreadableOutput', `sockperf printed no complete report: ${sockperfLastLine(text)}`);
  }
  const [sent, seconds, rate] = [Number(total[1]), Number(total[2]), Number(summary[1])];
  const doubt = Math.abs(sent / seconds / rate - 1);
  if (!(doubt <= AGREEMENT + 1 / rate)) {
    return failed('InconsistentOutput', `sockperf gives ${sent} messages in ${seconds} s and ${rate} messages/s`);
  }
  const late = durationProblem(seconds, output.point.durationSeconds);
  if (late !== null) return late;
  const senderOnly: Reading = { reason: 'SenderOnly', message: 'sockperf throughput never asks the receiver' };
  const readings: Readings = {
    offeredRate: { value: rate, field: 'Message Rate', end: 'Sender' },
    throughput: senderOnly,
    packetRate: senderOnly,
    lossRatio: senderOnly,
  };
  return {
    ok: true,
    measurements: measurementsOf(
      output.point,
      { tool: 'sockperf', loop: output.point.protocol === 'TCP' ? 'Closed' : 'Open' },
      readings,
    ),
    facts: {
      version: /== version #(\S{1,64}) ==/.exec(text)?.[1] ?? null,
      durationSeconds: seconds,
      samples: null,
      bytesReceived: null,
      messagesSent: sent,
      messagesReceived: null,
      moved: oneWay(output.point, 0),
    },
  };
}
