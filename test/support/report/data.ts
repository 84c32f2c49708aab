/** Test support: a report's data as a study of any size would leave it, seeded. */
import type { ExperimentSpec, FingerprintField, Test, TrialMeasurement } from '../../../src/api/v1alpha1.ts';
import { expandTests, metricsFor, pointOf } from '../../../src/results/catalogue.ts';
import { cellsOf } from '../../../src/results/observations.ts';
import { startSkews } from '../../../src/results/together.ts';
import { REPORT_FORMAT, type ReportData, type ReportTrial } from '../../../src/results/report/data.ts';
import { experimentSpec } from '../results/experiment.ts';
import { normal, uniform } from '../results/random.ts';

export const SIZES = [16, 64, 128, 256, 512, 1024, 2048, 4096, 16_384, 65_000];
const START = Date.parse('2026-01-01T00:00:00Z');
export const DIGEST = `sha256:${'0'.repeat(64)}`;
export const FIELDS: FingerprintField[] = [
  { name: 'cpu.model', value: 'Example CPU @ 2.40GHz' },
  { name: 'kernel.release', value: '6.12.0-amd64' },
  { name: 'nic.driver', value: 'veth' },
  { name: 'nic.mtu', value: '1500' },
  { name: 'tool.iperf3', value: '3.18' },
];

export const latencyTest = (name = 'latency', messageBytes = SIZES): Test => ({
  name,
  type: 'RequestResponse',
  protocol: 'UDP',
  messageBytes,
  direction: 'Forward',
});
export const streamTest = (name = 'bandwidth', streams = [1, 4]): Test => ({
  name,
  type: 'Stream',
  protocol: 'TCP',
  streams,
  direction: 'Forward',
});

export const MODES: ExperimentSpec['modes'] = [
  { name: 'native', type: 'Native' },
  { name: 'virtio', type: 'Virtio' },
  { name: 'passthrough', type: 'Passthrough' },
  { name: 'virtio-1q', type: 'Virtio', vm: { multiqueue: false } },
];

export interface Study {
  spec?: Partial<ExperimentSpec>;
  blocks?: number;
  /** True: the trial is not there at all. */
  missing?: (trial: { mode: string; placement: string; pairs: number; block: number }) => boolean;
}

/** Latency grows with size, modes differ by a factor, blocks drift a little. */
export function reportData({ spec: changes = {}, blocks = 6, missing = () => false }: Study = {}): ReportData {
  const spec = experimentSpec({
    modes: MODES.slice(0, 3),
    tests: [latencyTest(), streamTest()],
    placements: ['CrossNode', 'SameNode'],
    seed: 7,
    ...changes,
  });
  const noise = normal(7);
  const digit = uniform(13);
  const randomDigest = (): string =>
    `sha256:${Array.from({ length: 64 }, () => Math.floor(digit() * 16).toString(16)).join('')}`;
  const cells = cellsOf(spec);
  const trials = Array.from({ length: blocks }, (_, block) => cells.map((cell) => ({ ...cell, block })))
    .flat()
    .filter((cell) => !missing(cell))
    .map((cell): ReportTrial => {
      const slow = 1 + 0.6 * spec.modes.findIndex(({ name }) => name === cell.mode);
      const near = cell.placement === 'SameNode' ? 0.6 : 1;
      const drift = 1 + 0.002 * cell.block;
      const value = (metric: string, bytes: number, streams: number): number => {
        const luck = Math.exp(0.015 * noise()) * drift;
        if (metric === 'throughput') return Math.min(9.4e9, (6e9 * streams ** 0.3 * cell.pairs ** 0.2 * luck) / slow);
        if (metric.startsWith('rtt'))
          return 2e-5 * near * slow * (1 + bytes / 8000) * luck * (metric === 'rttP99' ? 2 : 1);
        if (metric === 'transactionRate') return 30_000 / slow;
        return 0;
      };
      const at = START + cell.block * 3_600_000;
      return {
        name: `lab-b${cell.block}-${cell.mode.slice(0, 30)}-${cell.placement.toLowerCase()}-${cell.pairs}`,
        ...cell,
        attempt: 0,
        succeeded: true,
        startTime: new Date(at).toISOString(),
        completionTime: new Date(at + 60_000).toISOString(),
        endpoints: [],
        fingerprints: [
          { digest: DIGEST, node: 'node-a', endpoints: ['server-0'] },
          { digest: DIGEST, node: 'node-b', endpoints: ['client-0'] },
        ],
        raw: Array.from({ length: cell.pairs }, (_, pair) =>
          ['server', 'client'].map((role) => ({ endpoint: `${role}-${pair}`, digest: randomDigest() })),
        ).flat(),
        measurements: expandTests(spec).flatMap((point) => [
          ...startSkews(
            { test: point.test, point: pointOf(point) },
            Array.from({ length: cell.pairs }, (_, pair) => ({ synchronizedAt: at + 4 * pair + cell.block })),
          ),
          ...metricsFor(point).flatMap((info) =>
            Array.from({ length: cell.pairs }, (_, pair): TrialMeasurement => ({
              test: point.test,
              point: pointOf(point),
              pair,
              metric: info.metric,
              unit: info.unit,
              value: value(info.metric, point.messageBytes, point.streams),
            })),
          ),
        ]),
      };
    });
  return {
    format: REPORT_FORMAT,
    experiment: { namespace: 'bench', name: 'sriov-vs-virtio', uid: 'experiment-1' },
    spec,
    seed: 7,
    nodes: { server: 'node-a', client: 'node-b' },
    startTime: '2026-01-01T00:00:00Z',
    ending: {
      succeeded: true,
      reason: 'Completed',
      message: `${blocks} complete blocks; results of every cell are stored`,
    },
    trials,
    fingerprints: { [DIGEST]: FIELDS },
  };
}

/**
 * As large as a study gets: 3 modes, 2 placements, 10 tests of 10 points, 30 blocks. Every value has all the digits of a
 * double, which no packing makes smaller, and a source, as parsers give it.
 */
export function largestData(): ReportData {
  const digit = uniform(11);
  const streams = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16];
  const tests = Array.from({ length: 10 }, (_, i) =>
    i < 7 ? latencyTest(`latency-${i}`) : streamTest(`bandwidth-${i}`, streams),
  );
  const data = reportData({ spec: { tests }, blocks: 30 });
  const source = { tool: 'sockperf', field: 'percentile 50.000', end: 'Client' } as const;
  const trials = data.trials.map(({ measurements, ...trial }) => ({
    ...trial,
    measurements: measurements.map((found) => ({
      ...found,
      value: (found.value || 1) * (1 + 0.01 * digit()),
      source,
      loop: 'Closed' as const,
    })),
  }));
  return { ...data, trials };
}
