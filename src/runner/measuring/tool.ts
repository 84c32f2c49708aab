/** One run of one tool: its warm-up, where it has none of its own, then the measurement. */
import type { MovedBytes, TestPoint } from '../../api/protocol.ts';
import { clientCommand, warmupCommand } from '../../results/commands.ts';
import { sumMoved } from '../../results/moved.ts';
import { toolOf } from '../../results/catalogue.ts';
import { parserOf } from '../../results/parse/parserOf.ts';
import type { ParseOutcome } from '../../results/parse/outcome.ts';
import { run } from '../child.ts';
import { toolMs } from '../deadlines.ts';
import { type Between, rawOutput, runProblem } from '../record.ts';
import type { MeasuringContext } from './context.ts';

export async function measureByTool(point: TestPoint, context: MeasuringContext): Promise<Between> {
  const warmedUp = await warmUp(point, context);
  const { outcome, ...between } = await runTool(point, clientCommand(point, context.path), context);
  if (outcome?.ok !== true) return between;
  return { ...between, measurements: outcome.measurements, moved: sumMoved(warmedUp, outcome.facts.moved) };
}

/** Payload of the run before, whose figures are thrown away; undefined where there is none or it tells nothing. */
async function warmUp(point: TestPoint, context: MeasuringContext): Promise<MovedBytes | undefined> {
  const command = warmupCommand(point, context.path);
  if (command === null) return undefined;
  const { outcome } = await runTool({ ...point, durationSeconds: point.warmupSeconds }, command, context);
  return outcome?.ok === true ? outcome.facts.moved : undefined;
}

export interface ToolRun extends Between {
  /** Null where the tool did not run to its end. */
  outcome: ParseOutcome | null;
}

/** Runs a client's command and reads what it printed; `error` is why that is no measurement. */
export async function runTool(point: TestPoint, command: string[], context: MeasuringContext): Promise<ToolRun> {
  const { signal, tools } = context;
  const timeoutMs = toolMs(point);
  const finished = await run(command, timeoutMs, signal);
  signal.throwIfAborted();
  const raw = rawOutput(command, tools[command[0] ?? ''] ?? null, finished);
  const problem = runProblem(command, finished, timeoutMs);
  if (problem !== null) return { measurements: [], error: problem, raw, outcome: null };
  const { stdout, stderr, exitCode } = finished;
  const parse = parserOf(toolOf(point) ?? '', point.type);
  if (parse === null)
    return {
      measurements: [],
      error: { reason: 'ToolUnknown', message: `nothing reads ${command[0]}` },
      raw,
      outcome: null,
    };
  const outcome = parse({ stdout, stderr, exitCode, point });
  return { measurements: [], error: outcome.ok ? null : outcome.problem, raw, outcome };
}
