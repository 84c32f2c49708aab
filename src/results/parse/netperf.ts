/**
 * Reads what an omni netperf client prints (2.7) when it is asked for NETPERF_SELECTORS. It exits 0 after options and
 * selectors that it did not understand, and it fills fields of other kinds of test with numbers (a stream's "latencies" are
 * the time of a send call, its transaction rate is 1), so each value is taken only where its kind of test means it.
 */
import type { TestPoint } from '../../api/protocol.ts';
import { isComplete, netperfFields, netperfNumber } from './netperfFields.ts';
import type { NetperfFields } from './netperfFields.ts';
import { streamReadings } from './netperfStream.ts';
import { transactionReadings, transactionDoubt } from './netperfTransactions.ts';
import { MAX_TEXT_LENGTH, durationProblem, exitProblem, failed, firstLine } from './outcome.ts';
import type { ParseOutcome, RunFacts, ToolOutput } from './outcome.ts';
import { measurementsOf } from './readings.ts';

type Failure = Extract<ParseOutcome, { ok: false }>;

/** Units of THROUGHPUT by kind of test; `-f` would change those of a stream. */
const STREAM_UNITS = '10^6bits/s';
const TRANSACTION_UNITS = 'Trans/s';

/**
 * Measurements of a point in SI base units, or why there are none. Total: any text gives an outcome, none throws.
 * RequestResponse: TCP_RR and UDP_RR; ConnectRequestResponse: TCP_CRR; any other type of point: a stream of one connection
 * (TCP_STREAM, TCP_MAERTS, UDP_STREAM). Latencies are whole microseconds, cut off, as netperf's histogram has them.
 */
export function parseNetperf(output: ToolOutput): ParseOutcome {
  if (output.stdout.length > MAX_TEXT_LENGTH) return failed('OutputTooLarge', 'netperf printed more than it ever does');
  const problem = saidError(output);
  if (problem !== null) return problem;
  const fields = netperfFields(output.stdout);
  if (fields === null || !isComplete(fields) || netperfNumber(fields, 'ELAPSED_TIME') === null) {
    const said = firstLine(output.stdout) || 'nothing';
    return failed('UnreadableOutput', `netperf printed no complete list of selectors: ${said}`);
  }
  return otherTest(fields, output.point) ?? fromFields(fields, output.point);
}

function saidError(output: ToolOutput): Failure | null {
  const said = `${output.stdout.slice(0, 8192)}\n${output.stderr.slice(0, 8192)}`;
  const unreachable = /(?:establish[ _]control|resolve_host)[^\n]{0,200}/.exec(said)?.[0];
  if (unreachable !== undefined) return failed('PeerUnreachable', `netperf: ${firstLine(unreachable)}`);
  const refused = /netperf: (?:invalid option|option requires)[^\n]{0,120}|^!!! [^\n]{0,200}/m.exec(said)?.[0];
  return exitProblem(output, 'netperf') ?? (refused === undefined ? null : failed('ToolFailed', firstLine(refused)));
}

/** An output that describes a test other than the one that was ordered; what tells a test's kind apart must be there. */
function otherTest(fields: NetperfFields, point: TestPoint): Failure | null {
  for (const [key, wanted] of expectations(point)) {
    const found = fields.get(key);
    if (found === undefined && !isEssential(key, point)) continue;
    if (found === `${wanted}`) continue;
    return failed('WrongTest', `netperf reports ${key}=${found ?? 'nothing'} where ${wanted} was asked for`);
  }
  return null;
}

function expectations(point: TestPoint): [string, string | number][] {
  const common: [string, string | number][] = [
    ['PROTOCOL', point.protocol],
    ['CONFIDENCE_ITERATION', 1],
    ['BURST_SIZE', 0],
  ];
  if (isTransactional(point)) {
    const direction = point.type === 'RequestResponse' ? 'Send|Recv' : 'Connect|Send|Recv';
    const sizes: [string, string | number][] = ['REQUEST_SIZE', 'RESPONSE_SIZE'].map((key) => [
      key,
      point.messageBytes,
    ]);
    return [...common, ['THROUGHPUT_UNITS', TRANSACTION_UNITS], ['DIRECTION', direction], ...sizes];
  }
  const reverse = point.direction === 'Reverse';
  const size: [string, string | number][] =
    point.messageBytes > 0 ? [[reverse ? 'REMOTE_SEND_SIZE' : 'LOCAL_SEND_SIZE', point.messageBytes]] : [];
  return [...common, ['THROUGHPUT_UNITS', STREAM_UNITS], ['DIRECTION', reverse ? 'Receive' : 'Send'], ...size];
}

/** What tells kinds of tests apart; the rest was not selected by whoever ran it. */
function isEssential(key: string, point: TestPoint): boolean {
  const ofTransactions = ['REQUEST_SIZE', 'RESPONSE_SIZE'];
  return ['THROUGHPUT_UNITS', 'DIRECTION'].includes(key) || (isTransactional(point) && ofTransactions.includes(key));
}

function isTransactional(point: TestPoint): boolean {
  return ['RequestResponse', 'ConnectRequestResponse'].includes(point.type);
}

function fromFields(fields: NetperfFields, point: TestPoint): ParseOutcome {
  const seconds = netperfNumber(fields, 'ELAPSED_TIME') ?? 0;
  const late = durationProblem(seconds, point.durationSeconds);
  if (late !== null) return late;
  if (isTransactional(point)) {
    const doubt = transactionDoubt(fields);
    if (doubt !== null) return failed('InconsistentOutput', doubt);
    const readings = transactionReadings(fields);
    const transactions = netperfNumber(fields, 'LOCAL_RECV_CALLS');
    const received = transactions === null ? null : transactions * point.messageBytes;
    const facts = factsOf(fields, { durationSeconds: seconds, samples: transactions, bytesReceived: received });
    return { ok: true, measurements: measurementsOf(point, { tool: 'netperf', loop: 'Closed' }, readings), facts };
  }
  const read = streamReadings(fields, point);
  if (!read.ok) return read;
  const origin = { tool: 'netperf', loop: point.protocol === 'TCP' ? 'Closed' : 'Open' } as const;
  return {
    ok: true,
    measurements: measurementsOf(point, origin, read.readings),
    facts: factsOf(fields, { ...read.facts, durationSeconds: seconds }),
  };
}

/** netperf does not print its version in these forms. What it does not count is known to be nothing. */
function factsOf(fields: NetperfFields, facts: Partial<RunFacts>): RunFacts {
  const received = (end: 'LOCAL' | 'REMOTE'): number => netperfNumber(fields, `${end}_BYTES_RECVD`) ?? 0;
  return {
    moved: { toServer: received('REMOTE'), toClient: received('LOCAL') },
    version: null,
    durationSeconds: null,
    samples: null,
    bytesReceived: null,
    messagesSent: null,
    messagesReceived: null,
    ...facts,
  };
}
