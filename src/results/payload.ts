/** How much payload a point moved, by its own figures, and what the NIC must have counted for it. */
import type { Measurement, NicCounters, PointResult, TestPoint } from '../api/protocol.ts';
import { bulkSeconds, measuredSeconds } from './commands.ts';

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

/** Bytes that an end's counters show in the direction of the payload. Request and response need it both ways. */
export function carriedBytes(point: TestPoint, end: 'client' | 'server', nic: PointResult['nic']): number {
  const received = difference(nic, 'rxBytes');
  const sent = difference(nic, 'txBytes');
  if (['RequestResponse', 'ConnectRequestResponse', 'LoadedLatency'].includes(point.type)) {
    return Math.min(received, sent);
  }
  if (point.direction === 'Bidirectional') return received + sent;
  return (point.direction === 'Forward') === (end === 'client') ? sent : received;
}

function difference({ before, after }: PointResult['nic'], counter: keyof NicCounters): number {
  return after[counter] - before[counter];
}
