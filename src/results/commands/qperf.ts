/** qperf's commands: exact units (`-uu`), all counts (`-vv`), the data connection on a port of its own. */
import type { TestPoint } from '../../api/protocol.ts';
import type { Path } from './path.ts';

/** qperf has no warm-up of its own: `seconds` is the time to run, of the measurement or of a run before it. */
export function qperfClient(point: TestPoint, { peer, port, dataPort }: Path, seconds: number): string[] {
  const size = `${point.messageBytes}`;
  const test = point.protocol === 'TCP' ? 'tcp_lat' : 'udp_lat';
  return ['qperf', peer, '-lp', `${port}`, '-ip', `${dataPort}`, '-t', `${seconds}`, '-m', size, '-uu', '-vv', test];
}

/** Listens on every address: it has no option for one. Serves until it is ended by a signal. */
export function qperfServer(port: number): string[] {
  return ['qperf', '-lp', `${port}`];
}
