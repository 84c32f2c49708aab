/** sockperf's commands. Its warm-up (0.4 s) cannot be set. */
import type { TestPoint } from '../../api/protocol.ts';
import type { Path } from './path.ts';
import { sockperfRunSeconds } from './times.ts';

/** Closed loop, full round trips. */
export function pingPong(point: TestPoint, path: Path): string[] {
  return [...client('ping-pong', point, path), '--full-rtt'];
}

/** Open loop: messages leave by the clock, `rate` of them a second; every one is answered, so that each is an observation. */
export function underLoad(point: TestPoint, path: Path): string[] {
  const rate = `${Math.round(point.rate ?? 0)}`;
  return [...client('under-load', point, path), '--mps', rate, '--reply-every', '1', '--full-rtt'];
}

/** Serves until it is ended by a signal: its exit code says nothing. */
export function sockperfServer(point: TestPoint, own: string, port: number): string[] {
  return ['sockperf', 'server', '-i', own, '-p', `${port}`, ...tcp(point)];
}

function client(mode: string, point: TestPoint, { peer, own, port }: Path): string[] {
  const command = ['sockperf', mode, '-i', peer, '-p', `${port}`, '--client_ip', own, ...tcp(point)];
  return [...command, '-m', `${point.messageBytes}`, '-t', `${sockperfRunSeconds(point)}`];
}

const tcp = ({ protocol }: TestPoint): string[] => (protocol === 'TCP' ? ['--tcp'] : []);
