/** Throughput and loss of netperf's streams: the receiver's figures, whichever end it is. */
import type { TestPoint } from '../../api/protocol.ts';
import { netperfNumber } from './netperfFields.ts';
import type { NetperfFields } from './netperfFields.ts';
import { failed } from './outcome.ts';
import type { ParseOutcome, RunFacts } from './outcome.ts';
import type { Reading, Readings } from './readings.ts';

type Failure = Extract<ParseOutcome, { ok: false }>;

export interface StreamReadings {
  ok: true;
  readings: Readings;
  facts: Pick<RunFacts, 'bytesReceived' | 'messagesSent' | 'messagesReceived'>;
}

const MEGA = 1e6;
/** Bytes over time against the printed rate, whose time is rounded to 10 ms. */
const AGREEMENT = 0.02;

/** Readings of one connection in one direction; a Failure where the receiver's rate is missing or nothing arrived. */
export function streamReadings(fields: NetperfFields, point: TestPoint): StreamReadings | Failure {
  if (point.streams > 1 || point.direction === 'Bidirectional') {
    return failed('WrongTest', 'netperf runs one stream in one direction');
  }
  const [receiver, sender] = point.direction === 'Reverse' ? ['LOCAL', 'REMOTE'] : ['REMOTE', 'LOCAL'];
  const key = `${receiver}_RECV_THROUGHPUT`;
  const megabits = netperfNumber(fields, key);
  if (megabits === null) return failed('NoReceiverReport', `netperf gives no ${key}`);
  if (megabits === 0) return failed('NothingReceived', `netperf reports ${key}=0`);
  const bytes = netperfNumber(fields, `${receiver}_BYTES_RECVD`);
  const seconds = netperfNumber(fields, 'ELAPSED_TIME') ?? 0;
  if (bytes !== null && Math.abs((bytes * 8) / (megabits * MEGA * seconds) - 1) > AGREEMENT + 0.01 / seconds) {
    return failed('InconsistentOutput', `netperf gives ${bytes} bytes in ${seconds} s and ${megabits} Mb/s`);
  }
  const sent = netperfNumber(fields, `${sender}_SEND_CALLS`);
  const received = netperfNumber(fields, `${receiver}_RECV_CALLS`);
  const datagrams = point.protocol === 'UDP';
  return {
    ok: true,
    readings: {
      throughput: { value: megabits * MEGA, field: key, end: 'Receiver' },
      retransmits: retransmits(fields, `${sender}_TRANSPORT_RETRANS`),
      ...(datagrams ? datagramReadings({ fields, sent, received, megabits, receiver, sender }) : {}),
    },
    facts: {
      bytesReceived: bytes,
      messagesSent: datagrams ? sent : null,
      messagesReceived: datagrams ? received : null,
    },
  };
}

interface Datagrams {
  fields: NetperfFields;
  sent: number | null;
  received: number | null;
  megabits: number;
  receiver: string;
  sender: string;
}

/** Each call carries one datagram. The rate follows from the throughput, whose time is not rounded. */
function datagramReadings({ fields, sent, received, megabits, receiver, sender }: Datagrams): Readings {
  const missing = (what: string): Reading => ({ reason: 'NotReported', message: `netperf gives no ${what}` });
  const size = netperfNumber(fields, `${sender}_SEND_SIZE`);
  const counted = sent !== null && received !== null && sent > 0;
  return {
    lossRatio: counted
      ? lossReading(sent, received, `${receiver}_RECV_CALLS`)
      : missing(`${sender}_SEND_CALLS and ${receiver}_RECV_CALLS`),
    packetRate:
      size === null || size === 0
        ? missing(`${sender}_SEND_SIZE`)
        : { value: (megabits * MEGA) / 8 / size, field: `${receiver}_RECV_THROUGHPUT`, end: 'Receiver' },
  };
}

function lossReading(sent: number, received: number, field: string): Reading {
  if (received > sent) return { reason: 'Implausible', message: `${received} datagrams received of ${sent} sent` };
  return { value: 1 - received / sent, field, end: 'Receiver' };
}

/** -1: the kernel of that end gave none. */
function retransmits(fields: NetperfFields, key: string): Reading {
  const value = netperfNumber(fields, key);
  if (value !== null) return { value, field: key, end: 'Sender' };
  return { reason: 'NotMeasured', message: `netperf reports ${key}=${fields.get(key)?.slice(0, 32) ?? 'nothing'}` };
}
