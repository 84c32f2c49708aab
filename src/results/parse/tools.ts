/** Reads a client's output by the tool that made it. */
import type { Measurement, TestPoint } from '../../api/protocol.ts';
import { metricsFor, toolOf } from '../catalogue.ts';
import { parseIperf3 } from './iperf3.ts';
import { absent, failed } from './outcome.ts';
import type { ParseOutcome, ToolOutput } from './outcome.ts';
import { parseSockperf } from './sockperf.ts';

export function parseOutput(output: ToolOutput): ParseOutcome {
  const tool = toolOf(output.point);
  if (tool === 'iperf3') return parseIperf3(output);
  if (tool === 'sockperf') return parseSockperf(output);
  return failed('ToolUnknown', `nothing reads the output of ${tool}`);
}

/** What the stream of LatencyUnderBulk adds to its point's measurements; null: it gave no measurement. */
export function bulkMeasurements(point: TestPoint, outcome: ParseOutcome | null): Measurement[] {
  const throughput = outcome?.ok === true ? outcome.measurements.find(({ metric }) => metric === 'throughput') : null;
  return metricsFor(point)
    .filter(({ metric }) => metric === 'bulkThroughput')
    .map(({ metric, unit }) =>
      throughput ? { ...throughput, metric } : absent({ metric, unit }, 'NotReported', 'the stream gave no figures'),
    );
}
