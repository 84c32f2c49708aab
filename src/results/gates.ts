/** Skeleton. */
import type { Measurement, PointResult, TestPoint } from '../api/protocol.ts';

export interface Link {
  /** bit/s */
  bitsPerSecond: number;
  /** bytes */
  mtu: number;
}

export interface GateInput {
  point: TestPoint;
  client: PointResult;
  server: PointResult;
  link: Link;
  /** True where client and server stand on different nodes: only then the wire bounds the rate. */
  crossNode: boolean;
}

export function gatePoint(input: GateInput): Measurement[] {
  return input.client.measurements;
}
