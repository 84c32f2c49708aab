/** What every way of measuring needs. */
import type { Path } from '../../results/commands.ts';
import type { Between } from '../record.ts';
import { NO_OUTPUT } from '../record.ts';
import type { Problem } from '../../api/protocol.ts';

export interface MeasuringContext {
  /** Between what the tools run. */
  path: Path;
  /** Path of the bulk beside them. */
  bulkPath: Path;
  /** Version by tool. */
  tools: Readonly<Record<string, string | null>>;
  signal: AbortSignal;
}

export const failed = (error: Problem): Between => ({ measurements: [], error, raw: NO_OUTPUT });
