/** Which parser reads which run: the one place that knows. */
import type { TestType } from '../../api/v1alpha1.ts';
import { parseIperf3 } from './iperf3.ts';
import { parseNetperf } from './netperf.ts';
import type { ParseOutcome, ToolOutput } from './outcome.ts';
import { parseQperf } from './qperf.ts';
import { parseSockperf } from './sockperf.ts';
import { parseSockperfThroughput } from './sockperfThroughput.ts';
import { parseSockperfUnderLoad } from './sockperfUnderLoad.ts';

export type Parser = (output: ToolOutput) => ParseOutcome;

/** The parser of a tool's output for a type of test; null where there is none. */
export function parserOf(tool: string, type: TestType): Parser | null {
  if (tool === 'iperf3') return parseIperf3;
  if (tool === 'netperf') return parseNetperf;
  if (tool === 'qperf') return parseQperf;
  if (tool === 'sockperf') return sockperfParser(type);
  return null;
}

function sockperfParser(type: TestType): Parser {
  if (type === 'LoadedLatency') return (output) => parseSockperfUnderLoad(output, output.point.rate ?? null);
  return type === 'RequestResponse' || type === 'LatencyUnderBulk' ? parseSockperf : parseSockperfThroughput;
}
