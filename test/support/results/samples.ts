/** Test support: recorded tool output in testdata/, and the points it was made for. Only tests import this. */
import { readFileSync } from 'node:fs';
import type { TestPoint } from '../../../src/api/protocol.ts';
import type { ToolOutput } from '../../../src/results/parse/outcome.ts';

export function sample(path: string): string {
  return readFileSync(new URL(`../../../src/results/parse/testdata/${path}`, import.meta.url), 'utf8');
}

export function streamPoint(changes: Partial<TestPoint> = {}): TestPoint {
  return {
    id: 0,
    test: 'bandwidth',
    type: 'Stream',
    protocol: 'TCP',
    messageBytes: 0,
    streams: 1,
    direction: 'Forward',
    durationSeconds: 2,
    warmupSeconds: 0,
    ...changes,
  };
}

export function latencyPoint(changes: Partial<TestPoint> = {}): TestPoint {
  return { ...streamPoint(), test: 'latency', type: 'RequestResponse', protocol: 'UDP', messageBytes: 64, ...changes };
}

export function output(stdout: string, point: TestPoint, changes: Partial<ToolOutput> = {}): ToolOutput {
  return { stdout, stderr: '', exitCode: 0, point, ...changes };
}

/** The measured values by metric; absent ones are their reason's first word. */
export function values(measurements: { metric: string; value: number | null; reason: string | null }[]) {
  return Object.fromEntries(
    measurements.map(({ metric, value, reason }) => [metric, value ?? `${reason?.split(':')[0]}`]),
  );
}
