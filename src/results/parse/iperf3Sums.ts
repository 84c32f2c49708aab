/** The sums over streams of an iperf3 document, per direction, and whether they agree with its intervals. */
import type { Direction } from '../../api/v1alpha1.ts';
import { at, countAt, listAt, numberAt } from './json.ts';

export interface DirectionSums {
  /** Suffix of the keys in the document. */
  suffix: '' | '_bidir_reverse';
  received: { bytes: number; seconds: number; packets: number | null; lostPackets: number | null };
  sent: { bytes: number | null; packets: number | null; retransmits: number | null };
}

/** End sums and interval sums count the same bytes at the same end: what is more than this apart is a wrong count. */
const INTERVAL_TOLERANCE = 0.02;
/**
 * Bytes that a stream may send between its last interval and its end: since 3.16 each has a thread of its own, which on a
 * busy machine is stopped a few writes late (five and six of 128 KiB seen). Only the end sum can have them.
 */
const TAIL_BYTES = 16 * 131_072;

/** One entry per direction that the test has; null where the receiver's bytes or seconds are missing for one of them. */
export function directionsOf(root: object, direction: Direction): DirectionSums[] | null {
  const suffixes = direction === 'Bidirectional' ? (['', '_bidir_reverse'] as const) : ([''] as const);
  const sums = suffixes.map((suffix) => sumsOf(root, suffix)).filter((found) => found !== null);
  return sums.length === suffixes.length ? sums : null;
}

function sumsOf(root: object, suffix: DirectionSums['suffix']): DirectionSums | null {
  const received = at(root, 'end', `sum_received${suffix}`);
  const sent = at(root, 'end', `sum_sent${suffix}`);
  const bytes = countAt(received, 'bytes');
  const seconds = numberAt(received, 'seconds');
  if (bytes === null || seconds === null || seconds <= 0) return null;
  return {
    suffix,
    received: {
      bytes,
      seconds,
      packets: countAt(received, 'packets'),
      lostPackets: countAt(received, 'lost_packets'),
    },
    sent: {
      bytes: countAt(sent, 'bytes'),
      packets: countAt(sent, 'packets'),
      retransmits: countAt(sent, 'retransmits'),
    },
  };
}

/**
 * Why the end sums cannot be believed, in words, or null. The client prints its own end's intervals, the omitted ones
 * marked; its end sum must be the rest of them. And the receiver cannot have got the omitted bytes on top of what was
 * sent: a little more than sent is in order, since bytes under way when the warm-up ends arrive after it.
 */
export function inconsistency(root: object, directions: DirectionSums[], direction: Direction): string | null {
  for (const sums of directions) {
    const clientReceives = direction === 'Reverse' || sums.suffix !== '';
    const own = clientReceives ? sums.received.bytes : sums.sent.bytes;
    const { kept, omitted } = intervalBytes(root, sums.suffix);
    if (own !== null && kept > 0 && isApart(own, kept, streamsOf(root))) {
      return `iperf3 sums up ${own} bytes where its intervals have ${kept}`;
    }
    if (sums.sent.bytes !== null && omitted > 0 && sums.received.bytes - sums.sent.bytes > omitted / 2) {
      return 'iperf3 counted the bytes of the warm-up at the receiver';
    }
  }
  return null;
}

function isApart(own: number, kept: number, streams: number): boolean {
  const tail = own > kept ? TAIL_BYTES * streams : 0;
  return Math.abs(own - kept) > Math.max(INTERVAL_TOLERANCE * kept, tail);
}

const streamsOf = (root: object): number => Math.max(1, listAt(at(root, 'intervals', '0'), 'streams').length);

/** Bytes that the end which printed the document received, those of the warm-up (omitted intervals) included. */
export function receivedHere(root: object): number {
  const sums = listAt(root, 'intervals').flatMap((interval) => [
    at(interval, 'sum'),
    at(interval, 'sum_bidir_reverse'),
  ]);
  return sums.reduce<number>((all, sum) => all + (at(sum, 'sender') === false ? (countAt(sum, 'bytes') ?? 0) : 0), 0);
}

function intervalBytes(root: object, suffix: DirectionSums['suffix']): { kept: number; omitted: number } {
  const bytes = { kept: 0, omitted: 0 };
  for (const interval of listAt(root, 'intervals')) {
    const sum = at(interval, `sum${suffix}`);
    bytes[at(sum, 'omitted') === true ? 'omitted' : 'kept'] += numberAt(sum, 'bytes') ?? 0;
  }
  return bytes;
}
