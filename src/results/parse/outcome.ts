/** What a parser of tool output gives: measurements, or the one reason why there are none. */
import type { Measurement, Problem, TestPoint } from '../../api/protocol.ts';
import type { MetricInfo } from '../catalogue.ts';

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
}

export type ParseOutcome = { ok: true; measurements: Measurement[]; facts: RunFacts } | { ok: false; problem: Problem };

/** Longer output is no tool's: it is refused unread, so that parsing stays bounded. Characters. */
export const MAX_OUTPUT_LENGTH = 8 * 1024 * 1024;

export function failed(reason: string, message: string): { ok: false; problem: Problem } {
  return { ok: false, problem: { reason, message } };
}

export function measured(info: MetricInfo, value: number): Measurement {
  return { metric: info.metric, unit: info.unit, value, reason: null };
}

/** An absent value with its reason: a CamelCase word, a colon, a sentence. */
export function absent(info: Pick<MetricInfo, 'metric' | 'unit'>, reason: string, message: string): Measurement {
  return { metric: info.metric, unit: info.unit, value: null, reason: `${reason}: ${message}` };
}

/** First line of text that says anything, without control characters, at most 200 characters. */
export function firstLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  const clean = text.slice(0, 4096).replace(/\x1b\[[0-9;]*m/g, '');
  const line = clean.split(/[\r\n]+/).find((candidate) => candidate.trim() !== '') ?? '';
  return line
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 200);
}
