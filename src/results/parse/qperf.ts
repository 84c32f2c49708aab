/**
 * Reads what a qperf client prints (0.4.11) with `-uu -vv`, one test a run. Its latency is half a round trip and its message
 * rate counts both directions; both become full round trips here. It exits 0 with a latency of 0 when every send failed.
 */
import type { MovedBytes, TestPoint } from '../../api/protocol.ts';
import { MAX_TEXT_LENGTH, durationProblem, exitProblem, failed, firstLine, oneWay } from './outcome.ts';
import type { ParseOutcome, RunFacts, ToolOutput } from './outcome.ts';
import { qperfSection } from './qperfSection.ts';
import type { QperfFields } from './qperfSection.ts';
import { measurementsOf } from './readings.ts';
import type { Reading, Readings } from './readings.ts';

type Failure = Extract<ParseOutcome, { ok: false }>;

/** Time over count must give the printed latency, bytes over time the printed bandwidth, but for rounding to three digits. */
const AGREEMENT = 0.03;

/**
 * Measurements of a RequestResponse or Stream point in SI base units, or why there are none. Total: any text gives an
 * outcome, none throws. qperf knows no percentiles, one connection and the direction from client to server only.
 */
export function parseQperf(output: ToolOutput): ParseOutcome {
  if (output.stdout.length > MAX_TEXT_LENGTH) return failed('OutputTooLarge', 'qperf printed more than it ever does');
  const said = `${output.stdout.slice(0, 8192)}\n${output.stderr.slice(0, 8192)}`;
  const error = /^.{0,200}(?:failed to|bad option|unable to|timed out|not enough).{0,200}$/m.exec(said)?.[0];
  if (error !== undefined) {
    return failed(/connect/.test(error) ? 'PeerUnreachable' : 'ToolFailed', `qperf: ${firstLine(error)}`);
  }
  const { point } = output;
  const ended = exitProblem(output, 'qperf');
  if (ended !== null) return ended;
  const wanted = qperfTest(point);
  if (wanted === null) return failed('WrongTest', 'qperf runs one stream, from client to server');
  const section = qperfSection(output.stdout, wanted);
  if (section === null) {
    const first = firstLine(output.stdout) || 'nothing';
    return failed('UnreadableOutput', `qperf printed no complete report of ${wanted} (-uu -vv): ${first}`);
  }
  return wanted.endsWith('_lat') ? latency(section, point) : bandwidth(section, point);
}

/** qperf's name of the test that measures a point; null where it has none. */
export function qperfTest(point: TestPoint): string | null {
  const protocol = point.protocol === 'TCP' ? 'tcp' : 'udp';
  if (point.type === 'RequestResponse') return `${protocol}_lat`;
  return point.streams > 1 || point.direction !== 'Forward' ? null : `${protocol}_bw`;
}

function otherTest(fields: QperfFields, point: TestPoint): Failure | null {
  const size = fields.get('msg_size');
  const seconds = fields.get('time');
  if (size === undefined || seconds === undefined) return failed('UnreadableOutput', 'qperf gives no size and time');
  if (point.messageBytes > 0 && size !== point.messageBytes) {
    return failed('WrongTest', `qperf reports messages of ${size} bytes where ${point.messageBytes} were asked for`);
  }
  return durationProblem(seconds, point.durationSeconds);
}

function latency(fields: QperfFields, point: TestPoint): ParseOutcome {
  const wrong = otherTest(fields, point);
  if (wrong !== null) return wrong;
  const half = fields.get('latency') ?? 0;
  const sent = fields.get('loc_send_msgs') ?? 0;
  const received = fields.get('loc_recv_msgs') ?? 0;
  const rate = fields.get('msg_rate') ?? 0;
  if (half <= 0 || received <= 0 || rate <= 0) return failed('NothingReceived', 'qperf received no messages');
  if (Math.abs(half * rate - 1) > AGREEMENT) {
    return failed('InconsistentOutput', `qperf gives ${half} s for a message and ${rate} messages/s`);
  }
  const seconds = fields.get('loc_real_time') ?? 0;
  if (!(Math.abs(((sent + received) * half) / seconds - 1) <= AGREEMENT)) {
    return failed('InconsistentOutput', `qperf gives ${sent + received} messages of ${half} s in ${seconds} s`);
  }
  const failedSends = fields.get('loc_send_errors') ?? 0;
  if (failedSends > 0) return failed('ToolFailed', `qperf: ${failedSends} sends failed`);
  const none: Reading = { reason: 'NotReported', message: 'qperf prints a mean, no percentiles' };
  const readings: Readings = {
    rttP50: none,
    rttP90: none,
    rttP99: none,
    rttP999: none,
    rttMean: { value: 2 * half, field: '2 * latency', end: 'Client' },
    transactionRate: { value: rate / 2, field: 'msg_rate / 2', end: 'Client' },
  };
  const counts = { messagesSent: sent, messagesReceived: received, moved: exchanged(fields) };
  return outcome(fields, point, readings, { ...counts, bytesReceived: fields.get('loc_recv_bytes') ?? null });
}

/** Bytes by each end's own count of messages; qperf's bytes are rounded. */
function exchanged(fields: QperfFields): MovedBytes {
  const [size = 0, atServer = 0, atClient = 0] = ['msg_size', 'rem_recv_msgs', 'loc_recv_msgs'].map((key) =>
    fields.get(key),
  );
  return { toServer: atServer * size, toClient: atClient * size };
}

function bandwidth(fields: QperfFields, point: TestPoint): ParseOutcome {
  const wrong = otherTest(fields, point);
  if (wrong !== null) return wrong;
  const key = point.protocol === 'TCP' ? 'bw' : 'recv_bw';
  const bytesPerSecond = fields.get(key) ?? 0;
  const bytes = fields.get('recv_bytes') ?? 0;
  const seconds = fields.get('recv_real_time') ?? 0;
  const sent = fields.get('send_msgs') ?? 0;
  const received = fields.get('recv_msgs') ?? 0;
  if (bytesPerSecond <= 0 || bytes <= 0 || received <= 0) return failed('NothingReceived', 'qperf received no bytes');
  if (!(Math.abs(bytes / (bytesPerSecond * seconds) - 1) <= AGREEMENT)) {
    return failed('InconsistentOutput', `qperf gives ${bytes} bytes in ${seconds} s and ${bytesPerSecond} bytes/s`);
  }
  const size = fields.get('msg_size') ?? 0;
  const readings: Readings = {
    throughput: { value: bytesPerSecond * 8, field: key, end: 'Receiver' },
    packetRate: { value: bytesPerSecond / size, field: `${key} / msg_size`, end: 'Receiver' },
    lossRatio:
      received > sent
        ? { reason: 'Implausible', message: `${received} messages received of ${sent} sent` }
        : { value: 1 - received / sent, field: 'recv_msgs / send_msgs', end: 'Receiver' },
  };
  const counts = { messagesSent: sent, messagesReceived: received, moved: oneWay(point, received * size) };
  return outcome(fields, point, readings, { ...counts, bytesReceived: bytes });
}

function outcome(
  fields: QperfFields,
  point: TestPoint,
  readings: Readings,
  counts: Pick<RunFacts, 'messagesSent' | 'messagesReceived' | 'bytesReceived' | 'moved'>,
): ParseOutcome {
  const loop = point.type !== 'RequestResponse' && point.protocol === 'UDP' ? 'Open' : 'Closed';
  return {
    ok: true,
    measurements: measurementsOf(point, { tool: 'qperf', loop }, readings),
    facts: { version: null, durationSeconds: fields.get('time') ?? null, samples: null, ...counts },
  };
}
