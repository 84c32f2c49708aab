/**
 * What can be measured: the metrics of each kind of test, the tools that give them, and what they do not say.
 * Everything else in results/ looks metrics up here; a new kind of test starts as a file in catalogue/.
 */
import type { TestPoint } from '../api/protocol.ts';
import type { Protocol, TestType, Tool } from '../api/v1alpha1.ts';
import { CATALOGUE } from './catalogue/entries.ts';
import type { MetricInfo } from './catalogue/types.ts';

export { CATALOGUE } from './catalogue/entries.ts';
export { expandTests, pointKey, pointOf } from './catalogue/points.ts';
export type { Better, MetricInfo, TestEntry, Unit } from './catalogue/types.ts';
export type { Tool } from '../api/v1alpha1.ts';

/** Smallest and largest message sockperf carries, bytes (its own check: "Invalid message size: 1 (min: 14)", "(max: 65507)"). */
export const SOCKPERF_MESSAGE_BYTES = { min: 14, max: 65_507 } as const;
/** Smallest and largest datagram iperf3 carries with 64 bit counters, bytes. */
export const IPERF3_DATAGRAM_BYTES = { min: 16, max: 65_507 } as const;
/** Largest single write of iperf3 over TCP, bytes ("block size too large (maximum = 1048576 bytes)"). */
export const IPERF3_WRITE_BYTES = { min: 1, max: 1_048_576 } as const;

/** The tool that makes a point's measurement; null for Idle. */
export function toolOf({ type, tool }: Pick<TestPoint, 'type' | 'tool'>): Tool | null {
  return tool ?? CATALOGUE[type].tools[0] ?? null;
}

/** Every tool that both ends need for a point. */
export function toolsOf(point: Pick<TestPoint, 'type' | 'tool'>): Tool[] {
  return [toolOf(point), CATALOGUE[point.type].bulk ?? null].filter((tool) => tool !== null);
}

/** Metrics that a test of this kind, protocol and tool has, in catalogue order. */
export function metricsFor(test: { type: TestType; protocol?: Protocol; tool?: Tool }): MetricInfo[] {
  const entry = CATALOGUE[test.type];
  const tool = toolOf(test);
  const protocol = test.protocol ?? entry.protocols[0];
  return entry.metrics.filter(
    (info) =>
      (info.protocol === undefined || info.protocol === protocol) &&
      (info.tools === undefined || (tool !== null && info.tools.includes(tool))),
  );
}
