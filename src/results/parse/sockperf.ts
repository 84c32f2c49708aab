/** Skeleton. */
import { failed } from './outcome.ts';
import type { ParseOutcome, ToolOutput } from './outcome.ts';

export type { ParseOutcome, ToolOutput } from './outcome.ts';

export function parseSockperf(input: ToolOutput): ParseOutcome {
  return failed('UnreadableOutput', `${input.point.test}: not built yet`);
}
