/**
 * The commands that runners execute and that the documentation shows: one place, so that both say the same.
 * Options and their reasons are those of the tools' own behaviour, see docs/method.md.
 */
import type { TestPoint } from '../api/protocol.ts';
import { CATALOGUE } from './catalogue.ts';

/** Seconds sockperf cuts off a run: 0.4 of warm-up at its start, 0.05 of cool-down at its end (seen: 2 s give 1.55 s). */
export const SOCKPERF_TRIM_SECONDS = 0.45;
/** Seconds sockperf calibrates its clock before it sends (seen: 2.2; `--no-rdtsc` does not spare them, and breaks the trimming). */
export const SOCKPERF_START_SECONDS = 2.2;
/** Milliseconds iperf3 waits for its control connection. */
const CONNECT_TIMEOUT_MS = 5000;

/**
 * What the client of a pair runs, argv with the tool's name first. `peer` and `own` are data addresses without prefix
 * length; binding to `own` keeps the traffic on the data NIC.
 *
 * - iperf3: receiver's report as JSON; UDP at unlimited rate (its default is 1 Mbit/s); `-O` leaves the warm-up out.
 * - sockperf: closed loop, full round trips. Its warm-up (0.4 s) cannot be set.
 */
export function clientCommand(point: TestPoint, peer: string, own: string, port: number): string[] {
  return CATALOGUE[point.type].tool === 'sockperf'
    ? sockperfClient(point, peer, own, port)
    : iperf3Client(point, peer, own, port);
}

/**
 * What the server of a pair runs. iperf3 serves one client and ends by itself (`-1`): wait for its exit, then read its
 * output. sockperf serves until it is ended by a signal: its exit code says nothing.
 */
export function serverCommand(point: TestPoint, own: string, port: number): string[] {
  if (CATALOGUE[point.type].tool === 'sockperf') {
    return ['sockperf', 'server', '-i', own, '-p', `${port}`, ...(point.protocol === 'TCP' ? ['--tcp'] : [])];
  }
  return ['iperf3', '-s', '-B', own, '-p', `${port}`, '-1', '-J'];
}

/** Whole seconds that sockperf is told to run; with a warm-up, one more than asked pays for what it trims. */
export function sockperfRunSeconds(point: TestPoint): number {
  return Math.ceil(point.durationSeconds) + (point.warmupSeconds > 0 ? 1 : 0);
}

/** Seconds that the client's output must say it measured. */
export function measuredSeconds(point: TestPoint): number {
  return point.type === 'RequestResponse' ? sockperfRunSeconds(point) - SOCKPERF_TRIM_SECONDS : point.durationSeconds;
}

/** Seconds from start to exit of the client's tool if all is well: what a runner's deadline builds on. */
export function expectedSeconds(point: TestPoint): number {
  return point.type === 'RequestResponse'
    ? SOCKPERF_START_SECONDS + sockperfRunSeconds(point)
    : point.durationSeconds + point.warmupSeconds;
}

function sockperfClient(point: TestPoint, peer: string, own: string, port: number): string[] {
  const command = ['sockperf', 'ping-pong', '-i', peer, '-p', `${port}`, '--client_ip', own];
  if (point.protocol === 'TCP') command.push('--tcp');
  return [...command, '-m', `${point.messageBytes}`, '-t', `${sockperfRunSeconds(point)}`, '--full-rtt'];
}

function iperf3Client(point: TestPoint, peer: string, own: string, port: number): string[] {
  const command = ['iperf3', '-c', peer, '-B', own, '-p', `${port}`, '-J', '-i', '1'];
  command.push('--connect-timeout', `${CONNECT_TIMEOUT_MS}`, '-t', `${point.durationSeconds}`);
  if (point.warmupSeconds > 0) command.push('-O', `${point.warmupSeconds}`);
  if (point.protocol === 'UDP') command.push('-u', '-b', '0', '--udp-counters-64bit');
  if (point.messageBytes > 0) command.push('-l', `${point.messageBytes}`);
  if (point.streams > 1) command.push('-P', `${point.streams}`);
  if (point.direction === 'Reverse') command.push('-R');
  if (point.direction === 'Bidirectional') command.push('--bidir');
  return command;
}
