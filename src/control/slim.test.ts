import { expect, test } from '@jest/globals';
import { condition, trial } from '../../test/support/builders.ts';
import type { TrialMeasurement } from '../api/v1alpha1.ts';
import { slim } from './slim.ts';

const measurement: TrialMeasurement = {
  test: 'latency',
  point: { messageBytes: 64 },
  pair: 0,
  metric: 'rttP50',
  unit: 's',
  value: 3e-5,
  source: { tool: 'sockperf', field: 'percentile 50.000', end: 'Client' },
  loop: 'Closed',
};
const raw = [{ endpoint: 'server-0', digest: 'sha256:0', data: 'x' }];
const digests = [{ endpoint: 'server-0', digest: 'sha256:0', data: '' }];

test('a running Trial loses nothing but its raw results', () => {
  const running = trial({}, { conditions: [condition('Granted', 'True')], measurements: [measurement], raw });
  const { raw: _raw, ...kept } = running.status ?? {};
  expect(slim(running)).toEqual({ ...running, status: kept });
});

test('a finished Trial keeps what plans, statistics and the report read', () => {
  const absent = {
    test: 'latency',
    point: { messageBytes: 64 },
    pair: 0,
    metric: 'rttP99',
    unit: 's',
    reason: 'TooFewSamples: 3',
  };
  const over = ['Granted', 'Finished', 'Succeeded'].map((type) => condition(type, 'True', { message: 'm' }));
  const finished = trial(
    { block: 3 },
    { conditions: over, measurements: [measurement, absent], raw, completionTime: 't' },
  );
  finished.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
  const kept = slim(finished);
  expect(kept.metadata).toEqual(finished.metadata);
  expect(kept.spec).toEqual(finished.spec);
  expect(kept.status?.measurements).toEqual([measurement, absent]);
  expect(kept.status?.conditions).toEqual(over.slice(1));
  expect(kept.status?.raw).toEqual(digests);
  expect(Object.keys(kept.status ?? {})).toEqual(['conditions', 'completionTime', 'measurements', 'raw']);
});

test('equal points and sources of two Trials are one object', () => {
  const make = () =>
    slim(trial({}, { conditions: [condition('Finished', 'True')], measurements: [structuredClone(measurement)] }));
  const [one, other] = [make(), make()].map(({ status }) => status?.measurements?.[0]);
  expect(one?.point).toBe(other?.point);
  expect(one?.source).toBe(other?.source);
});

test('points that differ in anything stay apart', () => {
  const points = [{ streams: 1 }, { streams: 1, rate: 1e6 }, { streams: 1, rate: 2e6 }, { messageBytes: 1 }, {}];
  const measurements = points.map((point) => ({ ...measurement, point }));
  const kept = slim(trial({}, { conditions: [condition('Finished', 'True')], measurements }));
  expect(kept.status?.measurements?.map(({ point }) => point)).toEqual(points);
});
