/** How long each step may take. One place, because the server's patience is made of the client's deadlines. */
import type { TestPoint, TrialPlan } from '../api/protocol.ts';
import { expectedSeconds } from '../results/commands.ts';

/** Start-up, connection and report of a tool, on slow (emulated) machines too. */
const TOOL_MARGIN_MS = 15_000;
/** A guest's data NIC may come after the runner; a pod's was made before it. */
export const NIC_MS = 30_000;
export const POD_NIC_MS = 3_000;
/** The peer's guest may boot much later than ours, but both had registered before the plan came. */
export const PEER_MS = 60_000;
export const ORDER_MS = 30_000;
/** A server tool that is asked to end, or has to end by itself. */
export const END_MS = 3000;
export const LISTEN_MS = 10_000;
/** How late a driver may fill a NIC's counters: every 2 s (iavf), and the answer takes its time. */
export const LATE_MS = 2500;

/** When a client's tool is killed. */
export function toolMs(point: TestPoint): number {
  return expectedSeconds(point) * 1000 + TOOL_MARGIN_MS;
}

/** How long a client waits for the others: theirs may be in the slowest point, and fail it. */
export function barrierMs(plan: TrialPlan): number {
  return Math.max(...plan.points.map(toolMs)) + 2 * (ORDER_MS + LATE_MS) + LISTEN_MS;
}

/** How long a server waits for its client's next order. */
export function silenceMs(plan: TrialPlan): number {
  return PEER_MS + 2 * barrierMs(plan);
}
