/** Test support: an Experiment's spec and the observations of made-up Trials. */
import type { ExperimentSpec, Placement, TrialMeasurement } from '../../../src/api/v1alpha1.ts';
import type { TrialObservation } from '../../../src/results/observations.ts';

export function experimentSpec(changes: Partial<ExperimentSpec> = {}): ExperimentSpec {
  return {
    testbed: 'lab',
    modes: [
      { name: 'native', type: 'Native' },
      { name: 'virtio', type: 'Virtio' },
    ],
    baseline: 'native',
    placements: ['CrossNode'],
    pairs: [1],
    tests: [
      { name: 'latency', type: 'RequestResponse', protocol: 'UDP', messageBytes: [64], direction: 'Forward' },
      { name: 'bandwidth', type: 'Stream', protocol: 'TCP', streams: [1], direction: 'Forward' },
    ],
    blocks: { min: 6, max: 30, precisionPercent: 3, retries: 2 },
    durationSeconds: 10,
    warmupSeconds: 1,
    comparison: { confidencePercent: 95, equivalencePercent: 5 },
    suspend: false,
    ...changes,
  };
}

export interface Made {
  mode: string;
  block: number;
  /** Values by metric, one per pair; a text is a reason. */
  values: Record<string, (number | string)[]>;
  placement?: Placement;
  succeeded?: boolean;
}

/** A Trial of tests `latency` (64 B) and `bandwidth` (1 stream): metrics that start with `rtt` belong to the former. */
export function observation({
  mode,
  block,
  values,
  placement = 'CrossNode',
  succeeded = true,
}: Made): TrialObservation {
  const measurements = Object.entries(values).flatMap(([metric, pairs]) =>
    pairs.map((value, pair): TrialMeasurement => {
      const latency = metric.startsWith('rtt');
      return {
        test: latency ? 'latency' : 'bandwidth',
        point: latency ? { messageBytes: 64 } : { streams: 1 },
        pair,
        metric,
        unit: latency ? 's' : 'bit/s',
        ...(typeof value === 'number' ? { value } : { reason: value }),
      };
    }),
  );
  const pairs = Math.max(1, ...Object.values(values).map(({ length }) => length));
  return { mode, placement, pairs, block, succeeded, measurements };
}
