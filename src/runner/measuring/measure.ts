/** How the client measures a point, by its type. */
import type { TestPoint } from '../../api/protocol.ts';
import { type Between, NO_OUTPUT } from '../record.ts';
import { pause } from '../wait.ts';
import { measureUnderBulk } from './bulk.ts';
import type { MeasuringContext } from './context.ts';
import { measureBySearch } from './search.ts';
import { measureByTool } from './tool.ts';

export async function measurePoint(point: TestPoint, context: MeasuringContext): Promise<Between> {
  if (point.type === 'Idle') return idle(point, context);
  if (point.type === 'RateSearch') return measureBySearch(point, context);
  if (point.type === 'LatencyUnderBulk') return measureUnderBulk(point, context);
  return measureByTool(point, context);
}

/** Nothing is run: the counters around it are the measurement. */
async function idle({ durationSeconds }: TestPoint, { signal }: MeasuringContext): Promise<Between> {
  await pause(durationSeconds * 1000, signal);
  return { measurements: [], error: null, raw: NO_OUTPUT };
}
