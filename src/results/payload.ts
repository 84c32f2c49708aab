/** How much payload a point moved, by its own figures, and what a NIC counted of it. */
import type { Measurement, NicCounters, PointResult, TestPoint } from '../api/protocol.ts';
import { bulkSeconds, measuredSeconds } from './commands.ts';
import { mostMoved } from './moved.ts';

/** What the point's payload is measured by: a rate of bit/s, or of messages. */
const RATE: Record<TestPoint['type'], { metrics: string[]; of: 'Bits' | 'Messages' } | null> = {
  RequestResponse: { metrics: ['transactionRate'], of: 'Messages' },
  ConnectRequestResponse: { metrics: ['transactionRate'], of: 'Messages' },
  Stream: { metrics: ['throughput'], of: 'Bits' },
  PacketRate: { metrics: ['throughput'], of: 'Bits' },
  LoadedLatency: { metrics: ['transactionRate'], of: 'Messages' },
  LatencyUnderBulk: { metrics: ['bulkThroughput'], of: 'Bits' },
  RateSearch: { metrics: ['pdrRate', 'ndrRate'], of: 'Messages' },
  FixedRate: { metrics: ['throughput'], of: 'Bits' },
  Idle: null,
};

/** Share of the payload that a NIC's byte counters must show. */
const ACCOUNTED_SHARE = 0.95;

/** True where payload must have arrived; a search says itself when too little did. */
export const mustReceive = ({ type }: TestPoint): boolean => RATE[type] !== null && type !== 'RateSearch';

/** Payload bit/s of the measurement; where messages are answered, that of one direction. Null where the client gave none. */
export function payloadRate(point: TestPoint, measurements: readonly Measurement[]): number | null {
  const rate = RATE[point.type];
  if (rate === null) return null;
  const found = rate.metrics.map((name) => measurements.find(({ metric }) => metric === name)?.value ?? null);
  const value = found.find((one) => one !== null) ?? null;
  if (value === null) return null;
  return rate.of === 'Bits' ? value : value * point.messageBytes * 8;
}

/** Seconds that the rate was kept up, at least. */
export function payloadSeconds(point: TestPoint): number {
  return point.type === 'LatencyUnderBulk' ? bulkSeconds(point) : measuredSeconds(point);
}

/** Bytes by direction; `together` is of both. */
export interface BytesByWay {
  toServer: number;
  toClient: number;
  together: number;
}

/**
 * Payload bytes that went over the wire between the readings of the counters, at least. Two lower bounds, the larger
 * counts: what the ends' tools counted as arrived, and the rate over the measured time, which lacks warm-ups and all trials
 * of a search but one. Of a Bidirectional point's rate only the sum of both directions is known.
 */
export function payloadMoved(
  point: TestPoint,
  client: Pick<PointResult, 'measurements' | 'moved'>,
  server: Pick<PointResult, 'moved'> = {},
): BytesByWay {
  const bytes = ((payloadRate(point, client.measurements) ?? 0) * payloadSeconds(point)) / 8;
  const { toServer, toClient } = mostMoved(client.moved, server.moved);
  const ways = waysOf(point);
  return {
    toServer: Math.max(toServer, ways.includes('toServer') ? bytes : 0),
    toClient: Math.max(toClient, ways.includes('toClient') ? bytes : 0),
    together: Math.max(toServer + toClient, ways.includes('together') ? bytes : 0),
  };
}

/** Directions that the point's rate is one of. Request and response go both ways. */
function waysOf({ type, direction }: TestPoint): (keyof BytesByWay)[] {
  if (['RequestResponse', 'ConnectRequestResponse', 'LoadedLatency'].includes(type)) return ['toServer', 'toClient'];
  if (direction === 'Bidirectional') return ['together'];
  return [direction === 'Forward' ? 'toServer' : 'toClient'];
}

/** Bytes that an end's counters show, by direction. */
export function countedBytes(end: 'client' | 'server', nic: PointResult['nic']): BytesByWay {
  const [received, sent] = [difference(nic, 'rxBytes'), difference(nic, 'txBytes')];
  const [toServer, toClient] = end === 'client' ? [sent, received] : [received, sent];
  return { toServer, toClient, together: received + sent };
}

export interface Shortfall {
  way: keyof BytesByWay;
  counted: number;
  moved: number;
}

/** The direction of which a NIC did not count enough; null where it bears all of them out. Each is held to its own. */
export function shortfall(moved: BytesByWay, counted: BytesByWay): Shortfall | null {
  for (const way of ['toServer', 'toClient', 'together'] as const) {
    const isEnough = moved[way] <= 0 || counted[way] >= ACCOUNTED_SHARE * moved[way];
    if (!isEnough) return { way, counted: counted[way], moved: moved[way] };
  }
  return null;
}

function difference({ before, after }: PointResult['nic'], counter: keyof NicCounters): number {
  return after[counter] - before[counter];
}
