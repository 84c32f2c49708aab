/** iperf3's commands. */
import type { TestPoint } from '../../api/protocol.ts';
import type { Path } from './path.ts';

/** Milliseconds iperf3 waits for its control connection. */
const CONNECT_TIMEOUT_MS = 5000;

/**
 * The receiver's report as JSON; `-O` leaves the warm-up out. The rate is over all streams, iperf3's is of each; without
 * one UDP is sent unlimited (iperf3's default is 1 Mbit/s).
 */
export function iperf3Client(point: TestPoint, { peer, own, port }: Path): string[] {
  const command = ['iperf3', '-c', peer, '-B', own, '-p', `${port}`, '-J', '-i', '1'];
  command.push('--connect-timeout', `${CONNECT_TIMEOUT_MS}`, '-t', `${point.durationSeconds}`);
  if (point.warmupSeconds > 0) command.push('-O', `${point.warmupSeconds}`);
  if (point.protocol === 'UDP') command.push('-u', '-b', rateOf(point) ?? '0', '--udp-counters-64bit');
  else if (point.rate !== undefined) command.push('-b', rateOf(point) ?? '0');
  if (point.messageBytes > 0) command.push('-l', `${point.messageBytes}`);
  if (point.streams > 1) command.push('-P', `${point.streams}`);
  if (point.direction === 'Reverse') command.push('-R');
  if (point.direction === 'Bidirectional') command.push('--bidir');
  return command;
}

/** With `once` it serves one client and ends by itself: wait for its exit, then read its output. */
export function iperf3Server(own: string, port: number, once: boolean): string[] {
  return ['iperf3', '-s', '-B', own, '-p', `${port}`, ...(once ? ['-1', '-J'] : [])];
}

function rateOf({ rate, streams }: TestPoint): string | undefined {
  return rate === undefined ? undefined : `${Math.max(1, Math.round(rate / streams))}`;
}
