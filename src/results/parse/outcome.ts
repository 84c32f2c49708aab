/** What a parser of tool output gives: measurements, or the one reason why there are none. */
import type { Measurement, MovedBytes, Problem, TestPoint } from '../../api/protocol.ts';

/** What a run of a tool left behind; untrusted text. */
export interface ToolOutput {
  stdout: string;
  stderr: string;
  /** Null where the tool was ended by a signal or never started. */
  exitCode: number | null;
  point: TestPoint;
}

/** What the output says of itself; null where it does not. */
export interface RunFacts {
  version: string | null;
  /** Seconds that were measured, trimming done. */
  durationSeconds: number | null;
  /** Observations that percentiles rest on. */
  samples: number | null;
  /** Payload bytes that the receivers counted, warm-up left out. */
  bytesReceived: number | null;
  messagesSent: number | null;
  messagesReceived: number | null;
  /** Payload bytes known to have arrived, those that the tool leaves out of its figures (warm-up) included where it tells them. */
  moved: MovedBytes;
}

export type ParseOutcome = { ok: true; measurements: Measurement[]; facts: RunFacts } | { ok: false; problem: Problem };

/** Longer output is no tool's: it is refused unread, so that parsing stays bounded. Characters. */
export const MAX_OUTPUT_LENGTH = 8 * 1024 * 1024;
/** The same for tools that print some dozens of lines. */
export const MAX_TEXT_LENGTH = 256 * 1024;

const DURATION_TOLERANCE = 0.05;
const DURATION_GRACE_SECONDS = 0.25;
const COLOUR_CODE = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

export function failed(reason: string, message: string): { ok: false; problem: Problem } {
  return { ok: false, problem: { reason, message } };
}

/** Bytes of messages that were answered by as many. */
export const eachWay = (bytes: number): MovedBytes => ({ toServer: bytes, toClient: bytes });

/** Bytes that went one way. */
export function oneWay(point: TestPoint, bytes: number): MovedBytes {
  return point.direction === 'Reverse' ? { toServer: 0, toClient: bytes } : { toServer: bytes, toClient: 0 };
}

/** An absent value with its reason: a CamelCase word, a colon, a sentence. */
export function absent(info: { metric: string; unit: string }, reason: string, message: string): Measurement {
  return { metric: info.metric, unit: info.unit, value: null, reason: `${reason}: ${message}` };
}

/** Text without the colour codes that sockperf prints even into a pipe. */
export function plain(text: string): string {
  return text.replace(COLOUR_CODE, '');
}

/** First line of text that says anything, without control characters, at most 200 characters. */
export function firstLine(text: string): string {
  const line = plain(text.slice(0, 4096))
    .split(/[\r\n]+/)
    .find((candidate) => candidate.trim() !== '');
  return (line ?? '')
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 200);
}

/** How a tool ended where that alone condemns it; null for exit code 0, which by itself proves nothing. */
export function exitProblem(output: Omit<ToolOutput, 'point'>, tool: string): { ok: false; problem: Problem } | null {
  if (output.exitCode === 0) return null;
  const how = output.exitCode === null ? 'was ended by a signal' : `exited with code ${output.exitCode}`;
  const said = firstLine(output.stderr) || firstLine(output.stdout);
  return failed('ToolFailed', `${tool} ${how}${said === '' ? '' : `: ${said}`}`);
}

/**
 * A problem where a run measured another time than asked: off by more than 5 %, and by more than the quarter of a second
 * that start and stop of a short run may be late on a busy machine (rates use the time really measured).
 */
export function durationProblem(seconds: number, wanted: number): { ok: false; problem: Problem } | null {
  if (Math.abs(seconds - wanted) <= Math.max(DURATION_TOLERANCE * wanted, DURATION_GRACE_SECONDS)) return null;
  return failed('DurationMismatch', `measured ${seconds.toFixed(2)} s instead of ${wanted.toFixed(2)} s`);
}
