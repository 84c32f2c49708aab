/** Makes PointResults: what was read before and after, what the tool printed, bounded as the protocol wants it. */
import type { Measurement, MovedBytes, PointResult, Problem, RawOutput } from '../api/protocol.ts';
import type { Finished } from './child.ts';
import type { Snapshot } from './counters.ts';

/** Longest text of one stream in a document, UTF-16 units. */
const RAW_LENGTH = 64 * 1024;
const MESSAGE_LENGTH = 1000;

export interface Between {
  measurements: Measurement[];
  error: Problem | null;
  raw: RawOutput;
  bulk?: RawOutput;
  synchronizedAt?: number;
  moved?: MovedBytes;
}

export const NO_OUTPUT: RawOutput = {
  tool: '',
  version: '',
  command: [],
  exitCode: null,
  stdout: '',
  stderr: '',
  truncated: false,
};

/** One point's record from the counters around it and what happened in between. */
export function pointResult(id: number, before: Snapshot, after: Snapshot, between: Between): PointResult {
  return {
    id,
    startedAt: before.at,
    endedAt: after.at,
    ...between,
    nic: { before: before.nic, after: after.nic },
    cpu: { before: before.cpu, after: after.cpu },
  };
}

/** A tool's output as documents carry it. */
export function rawOutput(command: string[], version: string | null, finished: Finished): RawOutput {
  const { exitCode, stdout, stderr } = finished;
  return {
    tool: command[0] ?? '',
    version: version ?? '',
    command,
    exitCode,
    stdout: stdout.slice(0, RAW_LENGTH),
    stderr: stderr.slice(0, RAW_LENGTH),
    truncated: finished.truncated || stdout.length > RAW_LENGTH || stderr.length > RAW_LENGTH,
  };
}

/** Why a tool never ran or never ended, whatever it printed; null where it did both. */
export function runProblem(command: readonly string[], finished: Finished, timeoutMs: number): Problem | null {
  const tool = command[0] ?? '';
  if (finished.failure === 'ENOENT') return { reason: 'ToolMissing', message: `${tool} is not on this machine` };
  if (finished.failure !== null) return { reason: 'ToolFailed', message: `${tool} did not start: ${finished.failure}` };
  if (finished.timedOut) return { reason: 'Timeout', message: `${tool} had not ended after ${timeoutMs / 1000} s` };
  return null;
}

/** Problems travel with bounded messages. */
export function bounded({ reason, message }: Problem): Problem {
  return { reason, message: message.slice(0, MESSAGE_LENGTH) };
}
