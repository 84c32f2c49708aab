/**
 * Whether a point's measurements may count: what both ends, the wire and the NIC counters must bear out. What fails keeps
 * its place with value null and the reason; nothing is repaired and nothing becomes zero.
 */
import type { Measurement, PointResult, Problem, TestPoint } from '../api/protocol.ts';
import { metricsFor } from './catalogue.ts';
import { expectedSeconds, measuredSeconds } from './commands.ts';
import { cpuMeasurement } from './endpointCpu.ts';
import { BOUND_TOLERANCE, pointBound } from './ethernet.ts';
import type { Link } from './ethernet.ts';
import { at, parseObject } from './parse/json.ts';
import { absent, firstLine } from './parse/outcome.ts';
import { percentilesThatStand } from './percentileGate.ts';
import { countedBytes, mustReceive, payloadMoved, payloadRate, shortfall } from './payload.ts';

export type { Link } from './ethernet.ts';

export interface GateInput {
  point: TestPoint;
  client: PointResult;
  server: PointResult;
  link: Link;
  /** True where client and server stand on different nodes: only then the wire bounds the rate. */
  crossNode: boolean;
}

/** How much shorter or longer than asked an end's own clock may show the run to have been. */
const ELAPSED_TOLERANCE = 0.05;
/** A tool's start, connection and report on a slow machine, seconds: after that a runner has ended it. */
const START_AND_REPORT_SECONDS = 15;

/**
 * The client's measurements; where a gate fails for the run, every one of them null with that gate's reason. Gates in
 * order, the first that fails counts: the tool at either end reported an error, the ends speak of different points or
 * the server did not stand all the time, the run was shorter or longer than asked, nothing was received, the rate exceeds
 * what the link can carry (crossing nodes only), NIC counters at either end miss more than 5 % of the payload of a direction. Then single
 * percentiles, and values that are none. Measurements that the client already gave as null stay so. What a tool prints of
 * its own time is held to 5 % by its parser; here the ends' clocks are, around it.
 */
export function gatePoint(input: GateInput): Measurement[] {
  const problem = firstProblem(input);
  if (problem === null) return percentilesThatStand(input.point, withDerived(input).map(withoutNonsense));
  return listed(input).map((measurement) =>
    measurement.value === null ? measurement : absent(measurement, problem.reason, problem.message),
  );
}

/** Why the run as a whole does not count, or null. */
export function firstProblem(input: GateInput): Problem | null {
  return endsDisagree(input) ?? otherTime(input) ?? nothingReceived(input) ?? exceedsLink(input) ?? unaccounted(input);
}

/** A client that failed may list nothing: then every metric of the point is absent by name. */
function listed(input: GateInput): Measurement[] {
  if (input.client.measurements.length > 0) return withDerived(input);
  return metricsFor(input.point).map(({ metric, unit }) => ({ metric, unit, value: 0, reason: null }));
}

/** What the client measured, and what follows from the counters of both ends; nobody but us says the latter. */
function withDerived({ point, client, server }: GateInput): Measurement[] {
  const derived = metricsFor(point).filter((info) => info.derived);
  const own = client.measurements.filter(({ metric }) => !derived.some((info) => info.metric === metric));
  return [...own, ...derived.map((info) => cpuMeasurement(info, { client, server }))];
}

function withoutNonsense(measurement: Measurement): Measurement {
  if (measurement.value === null) return measurement;
  if (Number.isFinite(measurement.value) && measurement.value >= 0) return measurement;
  return absent(measurement, 'Implausible', 'the endpoint sent a value that is negative or no number');
}

function endsDisagree({ point, client, server }: GateInput): Problem | null {
  if (client.error !== null) return client.error;
  if (server.error !== null) return { reason: server.error.reason, message: `server: ${server.error.message}` };
  if (client.id !== point.id || server.id !== point.id) {
    return { reason: 'EndsDisagree', message: `client reports point ${client.id}, server ${server.id}` };
  }
  if (client.raw.tool !== toolOfServer(server.raw.tool)) {
    return { reason: 'EndsDisagree', message: `client ran ${client.raw.tool}, server ${server.raw.tool}` };
  }
  return exitError(client) ?? serverToolError(server);
}

/** A client's tool that did not exit well measured nothing, whatever was made of its output. */
function exitError({ raw }: PointResult): Problem | null {
  if (raw.exitCode === null || raw.exitCode === 0) return null;
  return { reason: 'ToolFailed', message: `${raw.tool} exited with code ${raw.exitCode}` };
}

/** netperf's server is a program of another name. */
const toolOfServer = (program: string): string => (program === 'netserver' ? 'netperf' : program);

/** An iperf3 server's own `error`; being ended after the client was served is in order. */
function serverToolError(server: PointResult): Problem | null {
  if (server.raw.truncated) return null;
  const error = at(parseObject(server.raw.stdout), 'error');
  if (error === undefined || (typeof error === 'string' && error.startsWith('interrupt'))) return null;
  return { reason: 'ToolFailed', message: `server: ${firstLine(typeof error === 'string' ? error : 'unknown error')}` };
}

function otherTime({ point, client, server }: GateInput): Problem | null {
  const wanted = measuredSeconds(point);
  const shortest = (1 - ELAPSED_TOLERANCE) * wanted;
  const longest = (1 + ELAPSED_TOLERANCE) * expectedSeconds(point) + START_AND_REPORT_SECONDS;
  const elapsed = secondsOf(client);
  if (!(elapsed >= shortest && elapsed <= longest)) {
    return { reason: 'DurationMismatch', message: `the client ran ${elapsed.toFixed(2)} s, ${wanted} s were asked` };
  }
  const served = secondsOf(server);
  if (served >= shortest) return null;
  return { reason: 'EndsDisagree', message: `the server stood for ${served.toFixed(2)} s of ${wanted} s` };
}

const secondsOf = ({ startedAt, endedAt }: PointResult): number => (endedAt - startedAt) / 1000;

function nothingReceived(input: GateInput): Problem | null {
  if (!mustReceive(input.point)) return null;
  const rate = payloadRate(input.point, input.client.measurements);
  if (rate !== null && rate > 0) return null;
  return { reason: 'NothingReceived', message: 'no payload is known to have arrived' };
}

function exceedsLink(input: GateInput): Problem | null {
  if (!input.crossNode) return null;
  const rate = payloadRate(input.point, input.client.measurements);
  const bound = pointBound(input.link, input.point);
  if (rate === null || rate <= bound * BOUND_TOLERANCE) return null;
  const measured = `${(rate / 1e9).toPrecision(4)} Gb/s measured`;
  const possible = `${(bound / 1e9).toPrecision(4)} Gb/s is all the link can carry`;
  return {
    reason: 'ExceedsLinkRate',
    message: `${measured}, ${possible} at MTU ${input.link.mtu}: another path was taken`,
  };
}

/** The NIC of each end must have carried the payload: else it took another path, or the counters are another NIC's. */
function unaccounted({ point, client, server }: GateInput): Problem | null {
  const moved = payloadMoved(point, client, server);
  const ends = { client, server };
  for (const end of ['client', 'server'] as const) {
    const lack = shortfall(moved, countedBytes(end, ends[end].nic));
    if (lack === null) continue;
    const share = `${Math.round(lack.counted)} of ${Math.round(lack.moved)} bytes${WAYS[lack.way]}`;
    return {
      reason: 'BytesUnaccounted',
      message: `the data NIC of the ${end} counted ${share}: another path was taken`,
    };
  }
  return null;
}

const WAYS = { toServer: ' to the server', toClient: ' to the client', together: '' };
