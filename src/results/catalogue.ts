/**
 * What can be measured: the metrics of each kind of test, the tool that gives them, and how a test's sweeps become points.
 * Everything else in results/ looks metrics up here; a new metric starts as a line in CATALOGUE.
 */
import type { TestPoint } from '../api/protocol.ts';
import type { ExperimentSpec, Point, Protocol, Test, TestType } from '../api/v1alpha1.ts';

export type Unit = 's' | 'bit/s' | '1/s' | '1' | 'B';
export type Better = 'Lower' | 'Higher';

export interface MetricInfo {
  metric: string;
  unit: Unit;
  better: Better;
  /** Has a row in the results, and takes part in convergence. */
  primary: boolean;
  /** Over the pairs of one Trial: throughput adds up, of latency and loss the worst pair counts. Nothing is averaged. */
  combine: 'Sum' | 'Slowest';
  /** Where the metric exists for one protocol only. */
  protocol?: Protocol;
}

export type Tool = 'sockperf' | 'iperf3';

export const CATALOGUE: Record<TestType, { tool: Tool; metrics: MetricInfo[] }> = {
  RequestResponse: {
    tool: 'sockperf',
    metrics: [
      { metric: 'rttP50', unit: 's', better: 'Lower', primary: true, combine: 'Slowest' },
      { metric: 'rttP90', unit: 's', better: 'Lower', primary: false, combine: 'Slowest' },
      { metric: 'rttP99', unit: 's', better: 'Lower', primary: true, combine: 'Slowest' },
      { metric: 'rttP999', unit: 's', better: 'Lower', primary: false, combine: 'Slowest' },
      { metric: 'rttMean', unit: 's', better: 'Lower', primary: false, combine: 'Slowest' },
      { metric: 'transactionRate', unit: '1/s', better: 'Higher', primary: false, combine: 'Sum' },
      { metric: 'lossRatio', unit: '1', better: 'Lower', primary: false, combine: 'Slowest', protocol: 'UDP' },
    ],
  },
  Stream: {
    tool: 'iperf3',
    metrics: [
      { metric: 'throughput', unit: 'bit/s', better: 'Higher', primary: true, combine: 'Sum' },
      { metric: 'retransmits', unit: '1', better: 'Lower', primary: false, combine: 'Sum', protocol: 'TCP' },
      { metric: 'lossRatio', unit: '1', better: 'Lower', primary: false, combine: 'Slowest', protocol: 'UDP' },
      { metric: 'packetRate', unit: '1/s', better: 'Higher', primary: false, combine: 'Sum', protocol: 'UDP' },
    ],
  },
};

/** Smallest and largest message sockperf carries, bytes (its own check: "Invalid message size: 1 (min: 14)", "(max: 65507)"). */
export const SOCKPERF_MESSAGE_BYTES = { min: 14, max: 65_507 } as const;
/** Smallest and largest datagram iperf3 carries with 64 bit counters, bytes. */
export const IPERF3_DATAGRAM_BYTES = { min: 16, max: 65_507 } as const;
/** Largest single write of iperf3 over TCP, bytes ("block size too large (maximum = 1048576 bytes)"). */
export const IPERF3_WRITE_BYTES = { min: 1, max: 1_048_576 } as const;

/** Metrics that a test of this kind and protocol has, in catalogue order. */
export function metricsFor(test: Pick<Test, 'type' | 'protocol'>): MetricInfo[] {
  return CATALOGUE[test.type].metrics.filter((info) => info.protocol === undefined || info.protocol === test.protocol);
}

/**
 * Sweeps become points, ids 0..n-1 in spec order; the same spec always gives the same points.
 * RequestResponse sweeps messageBytes (default 64). Stream sweeps streams (default 1) and, where the test lists them,
 * messageBytes (default 0: the tool's own size). Sizes are taken as written: what a tool cannot carry is refused by the
 * CRD, and by the tool, never silently changed to another size.
 */
export function expandTests(spec: Pick<ExperimentSpec, 'tests' | 'durationSeconds' | 'warmupSeconds'>): TestPoint[] {
  const { durationSeconds, warmupSeconds } = spec;
  return spec.tests
    .flatMap((test) => sweep(test).map((values) => ({ test, ...values })))
    .map(({ test, messageBytes, streams }, id) => ({
      id,
      test: test.name,
      type: test.type,
      protocol: test.protocol,
      messageBytes,
      streams,
      direction: test.direction,
      durationSeconds,
      warmupSeconds,
    }));
}

/** What a result row says of its point: the swept values that were really set, not the tool's defaults. */
export function pointOf(point: TestPoint): Point {
  if (point.type === 'RequestResponse') return { messageBytes: point.messageBytes };
  if (point.messageBytes === 0) return { streams: point.streams };
  return { messageBytes: point.messageBytes, streams: point.streams };
}

/** One string per test and point, for maps; equal points give equal keys whatever the order of their fields. */
export function pointKey(test: string, point: Point): string {
  return `${test}/${point.messageBytes ?? ''}/${point.streams ?? ''}`;
}

function sweep(test: Test): { messageBytes: number; streams: number }[] {
  if (test.type === 'RequestResponse') {
    return orDefault(test.messageBytes, 64).map((messageBytes) => ({ messageBytes, streams: 1 }));
  }
  return orDefault(test.messageBytes, 0).flatMap((messageBytes) =>
    orDefault(test.streams, 1).map((streams) => ({ messageBytes, streams })),
  );
}

function orDefault(values: number[] | undefined, fallback: number): number[] {
  return values === undefined || values.length === 0 ? [fallback] : values;
}
