/** LatencyUnderBulk: the stream runs before the probe starts and until after it has ended, or the point is invalid. */
import type { Problem, TestPoint } from '../../api/protocol.ts';
import { BULK_LEAD_SECONDS, bulkOf, clientCommand } from '../../results/commands.ts';
import { sumMoved } from '../../results/moved.ts';
import { bulkMeasurements } from '../../results/parse/bulk.ts';
import type { Between } from '../record.ts';
import { pause } from '../wait.ts';
import type { MeasuringContext } from './context.ts';
import { measureByTool, runTool, type ToolRun } from './tool.ts';

export async function measureUnderBulk(point: TestPoint, context: MeasuringContext): Promise<Between> {
  const stream = bulkOf(point);
  let endedAt: number | null = null;
  const running = runTool(stream, clientCommand(stream, context.bulkPath), context).finally(() => {
    endedAt = Date.now();
  });
  const [probe, bulk] = await Promise.all([probeWithin(point, context, () => endedAt), running]);
  const error = probe.error ?? bulkProblem(bulk) ?? (probe.early ? EARLY : null);
  const { measurements, raw } = probe;
  const all = [
    ...measurements.filter(({ metric }) => metric !== 'bulkThroughput'),
    ...bulkMeasurements(point, bulk.outcome),
  ];
  const moved = sumMoved(probe.moved, bulk.outcome?.ok === true ? bulk.outcome.facts.moved : undefined);
  return { measurements: all, error, raw, bulk: bulk.raw, moved };
}

const EARLY: Problem = { reason: 'BulkEnded', message: 'the stream ended before the round trips were measured' };

/** `early`: the stream was over before the probe was. */
async function probeWithin(
  point: TestPoint,
  context: MeasuringContext,
  bulkEndedAt: () => number | null,
): Promise<Between & { early: boolean }> {
  await pause(BULK_LEAD_SECONDS * 1000, context.signal);
  const probe = await measureByTool(point, context);
  return { ...probe, early: bulkEndedAt() !== null };
}

function bulkProblem({ error }: ToolRun): Problem | null {
  return error === null ? null : { reason: error.reason, message: `the stream beside it: ${error.message}` };
}
