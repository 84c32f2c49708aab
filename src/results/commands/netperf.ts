/** netperf's commands: keyed output (`-k`), statistics of round trips (`-j`), the data connection on a port of its own. */
import type { TestPoint } from '../../api/protocol.ts';
import type { Path } from './path.ts';

const ALWAYS = ['THROUGHPUT', 'THROUGHPUT_UNITS', 'ELAPSED_TIME', 'PROTOCOL', 'DIRECTION'];
const ROUND_TRIPS = ['MIN', 'MEAN', 'P50', 'P90', 'P99', 'MAX', 'STDDEV', 'RT'].map((name) => `${name}_LATENCY`);
const TRANSACTIONS = [...ALWAYS, ...ROUND_TRIPS, 'TRANSACTION_RATE', 'REQUEST_SIZE', 'RESPONSE_SIZE'];
const TCP_STREAM = [...ALWAYS, 'LOCAL_TRANSPORT_RETRANS', 'REMOTE_TRANSPORT_RETRANS'];
const FORWARD = ['LOCAL_SEND_THROUGHPUT', 'REMOTE_RECV_THROUGHPUT', 'LOCAL_SEND_SIZE'];
const REVERSE = ['LOCAL_RECV_THROUGHPUT', 'REMOTE_SEND_THROUGHPUT', 'REMOTE_SEND_SIZE'];
const DATAGRAMS = [...ALWAYS, ...FORWARD, 'LOCAL_SEND_CALLS', 'REMOTE_RECV_CALLS'];

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
  const exchange = ['-r', `${messageBytes},${messageBytes}`, ...ports, '-k', TRANSACTIONS.join(',')];
  if (type === 'ConnectRequestResponse') return { test: 'TCP_CRR', options: exchange };
  if (type === 'RequestResponse') {
    const tcp = protocol === 'TCP' ? ['tcp', '-D'] : ['udp'];
    return { test: 'omni', options: ['-d', 'rr', '-T', ...tcp, ...exchange] };
  }
  const size = messageBytes === 0 ? [] : ['-m', direction === 'Reverse' ? `,${messageBytes}` : `${messageBytes}`];
  if (protocol === 'UDP') {
    return { test: 'UDP_STREAM', options: [...size, '-R', '1', ...ports, '-k', DATAGRAMS.join(',')] };
  }
  if (direction === 'Reverse') {
    return { test: 'TCP_MAERTS', options: [...size, ...ports, '-k', [...TCP_STREAM, ...REVERSE].join(',')] };
  }
  return { test: 'TCP_STREAM', options: [...size, ...ports, '-k', [...TCP_STREAM, ...FORWARD].join(',')] };
}

const family = (address: string): string => (address.includes(':') ? '-6' : '-4');
