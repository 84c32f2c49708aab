/** netperf's commands: keyed output (`-k`), statistics of round trips (`-j`), the data connection on a port of its own. */
import type { TestPoint } from '../../api/protocol.ts';
import { NETPERF_SELECTORS } from '../parse/netperfFields.ts';
import type { Path } from './path.ts';

const SELECTORS = ['-k', NETPERF_SELECTORS.join(',')];

/** netperf has no warm-up of its own: `seconds` is the time to run, of the measurement or of a run before it. */
export function netperfClient(point: TestPoint, path: Path, seconds: number): string[] {
  const global = ['netperf', family(path.own), '-H', path.peer, '-L', path.own, '-p', `${path.port}`];
  const { test, options } = testOf(point, path);
  return [...global, '-t', test, '-l', `${seconds}`, '-j', '-P', '0', '--', ...options];
}

/** Serves until it is ended by a signal; one process for each test. */
export function netserver(own: string, port: number): string[] {
  return ['netserver', '-D', family(own), '-L', own, '-p', `${port}`];
}

function testOf(point: TestPoint, { dataPort }: Path): { test: string; options: string[] } {
  const { type, protocol, messageBytes, direction } = point;
  const ports = ['-P', `,${dataPort}`];
  const exchange = ['-r', `${messageBytes},${messageBytes}`, ...ports, ...SELECTORS];
  if (type === 'ConnectRequestResponse') return { test: 'TCP_CRR', options: exchange };
  if (type === 'RequestResponse') {
    const tcp = protocol === 'TCP' ? ['tcp', '-D'] : ['udp'];
    return { test: 'omni', options: ['-d', 'rr', '-T', ...tcp, ...exchange] };
  }
  const size = messageBytes === 0 ? [] : ['-m', direction === 'Reverse' ? `,${messageBytes}` : `${messageBytes}`];
  if (protocol === 'UDP') {
    return { test: 'UDP_STREAM', options: [...size, '-R', '1', ...ports, ...SELECTORS] };
  }
  if (direction === 'Reverse') {
    return { test: 'TCP_MAERTS', options: [...size, ...ports, ...SELECTORS] };
  }
  return { test: 'TCP_STREAM', options: [...size, ...ports, ...SELECTORS] };
}

const family = (address: string): string => (address.includes(':') ? '-6' : '-4');
