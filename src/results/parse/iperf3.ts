/**
 * Reads the JSON that an iperf3 client prints (3.12 and later). The receiver's bytes over the receiver's seconds are the
 * throughput; all rates and percentages that iperf3 derives by itself are left alone. What it gets wrong is listed in
 * docs/method.md, each case with a test on recorded output.
 */
import type { MovedBytes, TestPoint } from '../../api/protocol.ts';
import { measuredSeconds } from '../commands.ts';
import { directionsOf, inconsistency, receivedHere } from './iperf3Sums.ts';
import type { DirectionSums } from './iperf3Sums.ts';
import { at, numberAt, parseObject, textAt } from './json.ts';
import { repeatedKey } from './jsonKeys.ts';
import { MAX_OUTPUT_LENGTH, durationProblem, exitProblem, failed, firstLine } from './outcome.ts';
import type { ParseOutcome, ToolOutput } from './outcome.ts';
import { measurementsOf } from './readings.ts';
import type { Reading, Readings } from './readings.ts';

export type { ParseOutcome, ToolOutput } from './outcome.ts';

type Failure = Extract<ParseOutcome, { ok: false }>;

/**
 * Measurements of a Stream point in SI base units, or why there are none. Total: any text gives an outcome, none throws.
 * With direction Bidirectional, throughput and packetRate are the sum of both directions and lossRatio is over both.
 */
export function parseIperf3(output: ToolOutput): ParseOutcome {
  if (output.stdout.length > MAX_OUTPUT_LENGTH)
    return failed('OutputTooLarge', 'iperf3 printed more than it ever does');
  const root = parseObject(output.stdout);
  if (root === null) {
    const said = firstLine(output.stdout) || 'nothing';
    return exitProblem(output, 'iperf3') ?? failed('UnreadableOutput', `iperf3 printed no JSON document: ${said}`);
  }
  const problem =
    saidError(root) ??
    exitProblem({ ...output, stdout: '' }, 'iperf3') ??
    saidTwice(output.stdout) ??
    otherTest(root, output.point);
  return problem ?? fromSums(root, output.point);
}

/** iperf3 before 3.14 exits 0 with an `error`; with one, whatever `end` holds is worthless. */
function saidError(root: object): Failure | null {
  const error = at(root, 'error');
  if (error === undefined) return null;
  const message = firstLine(typeof error === 'string' ? error : JSON.stringify(error)) || 'an error without a text';
  return failed(/unable to connect/i.test(message) ? 'PeerUnreachable' : 'ToolFailed', `iperf3: ${message}`);
}

/**
 * A figure that stands twice could be either. 3.12 itself says three things once per stream in `start` (esnet/iperf#1492),
 * none of which is read.
 */
function saidTwice(text: string): Failure | null {
  const path = repeatedKey(text, (found) => /^start\.(?:sock_bufsize|sndbuf_actual|rcvbuf_actual)$/.test(found));
  return path === null ? null : failed('DuplicateKey', `iperf3 gives ${firstLine(path)} twice`);
}

/** A document that describes a test other than the one that was ordered. */
function otherTest(root: object, point: TestPoint): Failure | null {
  const start = at(root, 'start', 'test_start');
  const expected: [string, string | number][] = [
    ['protocol', point.protocol],
    ['num_streams', point.streams],
    ['duration', point.durationSeconds],
    ['omit', point.warmupSeconds],
    ['reverse', point.direction === 'Reverse' ? 1 : 0],
  ];
  if (point.messageBytes > 0) expected.push(['blksize', point.messageBytes]);
  const wrong = expected.find(([key, value]) => at(start, key) !== value);
  if (wrong === undefined) return null;
  const found = firstLine(JSON.stringify(at(start, wrong[0])) ?? 'nothing');
  return failed('WrongTest', `iperf3 reports ${wrong[0]} ${found} where ${wrong[1]} was asked`);
}

function fromSums(root: object, point: TestPoint): ParseOutcome {
  const directions = directionsOf(root, point.direction);
  if (directions === null) return failed('NoReceiverReport', 'iperf3 gives no receiver figures for each direction');
  if (directions.some(({ received }) => received.bytes <= 0)) {
    return failed('NothingReceived', 'the receiver counted no bytes');
  }
  for (const { received } of directions) {
    const problem = durationProblem(received.seconds, measuredSeconds(point));
    if (problem !== null) return problem;
  }
  const doubt = inconsistency(root, directions, point.direction);
  if (doubt !== null) return failed('InconsistentOutput', doubt);
  return {
    ok: true,
    measurements: measurementsOf(
      point,
      { tool: 'iperf3', loop: point.protocol === 'TCP' ? 'Closed' : 'Open' },
      readingsOf(root, directions),
    ),
    facts: {
      version: textAt(root, 'start', 'version'),
      durationSeconds: Math.max(...directions.map(({ received }) => received.seconds)),
      samples: null,
      bytesReceived: total(directions, ({ received }) => received.bytes),
      messagesSent: point.protocol === 'UDP' ? totalOrNull(directions, ({ sent }) => sent.packets) : null,
      messagesReceived: point.protocol === 'UDP' ? receivedPackets(root, directions) : null,
      moved: movedBytes(root, directions, point),
    },
  };
}

/** The client receives what comes back: of that its intervals have the warm-up too. Of what it sends it knows the end's sum. */
function movedBytes(root: object, directions: DirectionSums[], point: TestPoint): MovedBytes {
  const isBack = ({ suffix }: DirectionSums): boolean => point.direction === 'Reverse' || suffix !== '';
  const received = (back: boolean): number =>
    total(
      directions.filter((direction) => isBack(direction) === back),
      (direction) => direction.received.bytes,
    );
  return { toServer: received(false), toClient: Math.max(received(true), receivedHere(root)) };
}

function readingsOf(root: object, directions: DirectionSums[]): Readings {
  const throughput = total(directions, ({ received }) => (received.bytes * 8) / received.seconds);
  const retransmits = totalOrNull(directions, ({ sent }) => sent.retransmits);
  return {
    throughput: reading(throughput, 'end.sum_received.bytes', 'Receiver'),
    retransmits: reading(retransmits, 'end.sum_sent.retransmits', 'Sender'),
    packetRate: reading(packetRate(root, directions), 'end.sum_received.bytes', 'Receiver'),
    lossRatio: lossReading(root, directions),
  };
}

function reading(value: number | null, field: string, end: 'Receiver' | 'Sender'): Reading {
  return value === null ? { reason: 'NotReported', message: `iperf3 gives no ${field}` } : { value, field, end };
}

/** Datagrams per second that arrived: bytes by datagram size, since `packets` of the receiver includes the lost ones. */
function packetRate(root: object, directions: DirectionSums[]): number | null {
  const size = numberAt(root, 'start', 'test_start', 'blksize');
  if (size === null || size <= 0) return null;
  return total(directions, ({ received }) => received.bytes / size / received.seconds);
}

function receivedPackets(root: object, directions: DirectionSums[]): number | null {
  const size = numberAt(root, 'start', 'test_start', 'blksize');
  return size === null || size <= 0 ? null : Math.round(total(directions, ({ received }) => received.bytes) / size);
}

/**
 * Share of datagrams that did not arrive. With `-O`, iperf3 before 3.14 counts losses of the warm-up too (138 % seen) and
 * later versions leave out different datagrams at the two ends (esnet/iperf#1498), so bytes received against bytes sent
 * decide there; without `-O` the receiver's own count of gaps does.
 */
function lossReading(root: object, directions: DirectionSums[]): Reading {
  if (numberAt(root, 'start', 'test_start', 'omit') === 0) {
    const lost = totalOrNull(directions, ({ received }) => received.lostPackets);
    const packets = totalOrNull(directions, ({ received }) => received.packets);
    const counted = lost !== null && packets !== null && packets > 0 && lost >= 0 && lost <= packets;
    return reading(counted ? lost / packets : null, 'end.sum_received.lost_packets', 'Receiver');
  }
  const sent = totalOrNull(directions, (direction) => direction.sent.bytes);
  const received = total(directions, (direction) => direction.received.bytes);
  const share = sent === null || sent <= 0 ? null : Math.max(0, 1 - received / sent);
  return reading(share, 'end.sum_received.bytes', 'Receiver');
}

function total(directions: DirectionSums[], pick: (sums: DirectionSums) => number): number {
  return directions.reduce((sum, direction) => sum + pick(direction), 0);
}

function totalOrNull(directions: DirectionSums[], pick: (sums: DirectionSums) => number | null): number | null {
  const values = directions.map(pick);
  return values.every((value) => value !== null) ? values.reduce((sum, value) => sum + value, 0) : null;
}
