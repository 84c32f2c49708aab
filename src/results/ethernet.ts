/** How much payload an Ethernet link can carry at most: arithmetic, the only truth about a result known beforehand. */
import type { TestPoint } from '../api/protocol.ts';
import type { Protocol } from '../api/v1alpha1.ts';

/** Bytes each frame costs on the wire beside its payload: 14 header + 4 FCS + 8 preamble + 12 inter-frame gap (IEEE 802.3). */
export const FRAME_OVERHEAD_BYTES = 38;
/** Shortest payload of a frame; shorter ones are padded (IEEE 802.3). */
const FRAME_MIN_PAYLOAD_BYTES = 46;
const IPV4_HEADER_BYTES = 20;
/** RFC 8200. */
const IPV6_HEADER_BYTES = 40;
/** Extension header that each fragment of an IPv6 packet carries (RFC 8200). */
const IPV6_FRAGMENT_BYTES = 8;
const TCP_HEADER_BYTES = 20;
/** TCP timestamps with padding (RFC 7323), on by default in Linux. */
const TCP_TIMESTAMP_BYTES = 12;
const UDP_HEADER_BYTES = 8;

/** A measured rate may be this much above the bound before it is refused: clocks are not perfect. */
export const BOUND_TOLERANCE = 1.001;

export interface Link {
  /** bit/s */
  bitsPerSecond: number;
  /** bytes, the IP packet */
  mtu: number;
  /** Data addresses are IPv6: 20 bytes more in each packet. Default false. */
  ipv6?: boolean;
}

export interface Carried {
  protocol: Protocol;
  /** UDP: payload of one datagram, fragmented where it exceeds the MTU; 0: the largest that fits one packet. */
  messageBytes?: number;
  /** TCP: default true. */
  timestamps?: boolean;
}

/**
 * Largest payload rate of a link in one direction, bit/s.
 * TCP: `bitsPerSecond * (mtu - IP - 20 - 12 with timestamps) / (mtu + 38)`: full segments, whatever the size of the writes.
 * UDP: `bitsPerSecond * payload / wire bytes of its frames`, each frame `max(46, IP packet) + 38`.
 * The IP header has 20 bytes, 40 with IPv6. 10 GbE, MTU 1500, TCP with timestamps: 1448/1538, 9.415 Gb/s (IPv6 9.285).
 * A VLAN tag (IEEE 802.1Q, 4 bytes a frame) is not counted: whether one is on the wire cannot be seen from a VF whose tag the
 * NIC inserts. With it a link carries up to 0.26 % less at MTU 1500 (6 % with 64 B frames), so the bound holds all the same.
 */
export function payloadBound(link: Link, carried: Carried): number {
  if (carried.protocol === 'TCP') {
    const headers = ipHeader(link) + TCP_HEADER_BYTES + (carried.timestamps === false ? 0 : TCP_TIMESTAMP_BYTES);
    return (link.bitsPerSecond * Math.max(0, link.mtu - headers)) / (link.mtu + FRAME_OVERHEAD_BYTES);
  }
  const fitting = link.mtu - ipHeader(link) - UDP_HEADER_BYTES;
  const payload = carried.messageBytes !== undefined && carried.messageBytes > 0 ? carried.messageBytes : fitting;
  return (link.bitsPerSecond * payload) / datagramWireBytes(payload, link);
}

/**
 * Bytes one UDP datagram takes on the wire, IP fragments included: all but the last carry a multiple of 8 (RFC 791, RFC 8200).
 */
export function datagramWireBytes(payload: number, link: Pick<Link, 'mtu' | 'ipv6'>): number {
  const header = ipHeader(link);
  const ipPayload = payload + UDP_HEADER_BYTES;
  if (ipPayload <= link.mtu - header) return frameWireBytes(header + ipPayload);
  const fragmentHeader = header + (link.ipv6 === true ? IPV6_FRAGMENT_BYTES : 0);
  const perFragment = Math.max(8, Math.floor((link.mtu - fragmentHeader) / 8) * 8);
  const full = Math.ceil(ipPayload / perFragment) - 1;
  const last = ipPayload - full * perFragment;
  return full * frameWireBytes(fragmentHeader + perFragment) + frameWireBytes(fragmentHeader + last);
}

const ipHeader = ({ ipv6 }: Pick<Link, 'ipv6'>): number => (ipv6 === true ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES);

/**
 * Largest value, bit/s, that a point's throughput can have across the link; Bidirectional throughput is the sum of two
 * directions of a full-duplex link. For RequestResponse: the payload rate of its requests, and of its replies.
 */
export function pointBound(link: Link, point: TestPoint): number {
  const answered = ['RequestResponse', 'ConnectRequestResponse', 'LoadedLatency'].includes(point.type);
  const directions = point.direction === 'Bidirectional' && !answered ? 2 : 1;
  const bulk = point.type === 'LatencyUnderBulk';
  const carried = bulk ? { protocol: 'TCP' as const } : { protocol: point.protocol, messageBytes: point.messageBytes };
  return directions * payloadBound(link, carried);
}

function frameWireBytes(packet: number): number {
  return Math.max(FRAME_MIN_PAYLOAD_BYTES, packet) + FRAME_OVERHEAD_BYTES;
}
