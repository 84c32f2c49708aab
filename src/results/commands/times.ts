/** How long measurements take, seconds. */
import type { TestPoint } from '../../api/protocol.ts';
import { toolOf } from '../catalogue.ts';

/** Seconds sockperf cuts off a run: 0.4 of warm-up at its start, 0.05 of cool-down at its end (seen: 2 s give 1.55 s). */
export const SOCKPERF_TRIM_SECONDS = 0.45;
/** Seconds sockperf calibrates its clock before it sends (seen: 2.2; `--no-rdtsc` does not spare them, and breaks the trimming). */
export const SOCKPERF_START_SECONDS = 2.2;
/** The bulk runs alone before the probe starts, and must outlast it on a slow machine too. */
export const BULK_LEAD_SECONDS = 1;
export const BULK_TAIL_SECONDS = 3;
/** A tool's start, stop and report. */
const OVERHEAD_SECONDS = 5;

/** Whole seconds that sockperf is told to run; with a warm-up, one more than asked pays for what it trims. */
export function sockperfRunSeconds(point: TestPoint): number {
  return Math.ceil(point.durationSeconds) + (point.warmupSeconds > 0 ? 1 : 0);
}

/** Seconds that the client's output must say it measured; for RateSearch those of one rate. */
export function measuredSeconds(point: TestPoint): number {
  return toolOf(point) === 'sockperf' ? sockperfRunSeconds(point) - SOCKPERF_TRIM_SECONDS : point.durationSeconds;
}

/** Seconds that the bulk of LatencyUnderBulk runs: from before the probe's start to after its end. */
export function bulkSeconds(point: TestPoint): number {
  return Math.ceil(BULK_LEAD_SECONDS + SOCKPERF_START_SECONDS + sockperfRunSeconds(point) + BULK_TAIL_SECONDS);
}

/** Seconds after which a search is cut off: it decides about some ten rates for each of its goals. */
export function searchSeconds(point: TestPoint): number {
  return 30 + 15 * point.durationSeconds;
}

/** Seconds from start to exit of the client's tools if all is well: what a runner's deadline builds on. */
export function expectedSeconds(point: TestPoint): number {
  if (point.type === 'RateSearch') return searchSeconds(point);
  if (point.type === 'LatencyUnderBulk') return bulkSeconds(point);
  if (toolOf(point) === 'sockperf') return SOCKPERF_START_SECONDS + sockperfRunSeconds(point);
  return point.durationSeconds + point.warmupSeconds;
}

/**
 * Seconds of a schedule that a point takes, orders and the tools' own time included. The CRD's rule about
 * deadlineSeconds says the same.
 */
export function plannedPointSeconds(point: TestPoint): number {
  if (point.type === 'RateSearch') return searchSeconds(point);
  const bulk = point.type === 'LatencyUnderBulk' ? OVERHEAD_SECONDS : 0;
  return point.durationSeconds + point.warmupSeconds + OVERHEAD_SECONDS + bulk;
}
