/** CPU as an end sees it: compared between VMs and between pods, never between the two. */
import { describe, expect, test } from '@jest/globals';
import type { Expectation, Mode, ResultRow } from '../api/v1alpha1.ts';
import { experimentSpec } from '../../test/support/results/experiment.ts';
import { type Analysis, analyse } from './analyse.ts';
import { expandTests, metricsFor, pointOf } from './catalogue.ts';

const POD: Mode = { name: 'pod', type: 'Native' };
const VIRTIO: Mode = { name: 'virtio', type: 'Virtio' };
const VF: Mode = { name: 'vf', type: 'Passthrough' };
const HALF: Mode = { name: 'half', type: 'Virtio', peer: 'Native' };

/** Eight blocks of Idle in which every mode but the baseline sees twice the CPU in use. */
function idle(modes: Mode[], expectations: Expectation[] = []): Analysis {
  const [baseline = POD] = modes;
  const tests = [{ name: 'idle', type: 'Idle' as const, direction: 'Forward' as const }];
  const spec = experimentSpec({ modes, baseline: baseline.name, tests, expectations });
  const [point] = expandTests(spec);
  if (point === undefined) throw new Error('no point');
  const observations = Array.from({ length: 8 }, (_, block) =>
    modes.map(({ name: mode }) => ({
      mode,
      placement: 'CrossNode' as const,
      pairs: 1,
      block,
      succeeded: true,
      measurements: metricsFor(point).map(({ metric, unit }) => ({
        test: 'idle',
        point: pointOf(point),
        pair: 0,
        metric,
        unit,
        value: (mode === baseline.name ? 1 : 2) * (0.1 + block / 1e4),
      })),
    })),
  ).flat();
  return analyse(spec, observations);
}

const rowOf = ({ rows }: Analysis, mode: string, metric: string): ResultRow | undefined =>
  rows.find((row) => row.mode === mode && row.metric === metric);

describe('a VM against a pod', () => {
  test.each([
    ['a pod as the baseline', [POD, VIRTIO], 'VM', 'pod'],
    ['a VM as the baseline', [VIRTIO, POD], 'pod', 'VM'],
  ])('%s: its value, no ratio, and why', (_, modes, here, there) => {
    const found = idle(modes);
    for (const role of ['Client', 'Server']) {
      const row = rowOf(found, modes[1]?.name ?? '', `cpuSeenBy${role}`);
      expect(row).toMatchObject({ verdict: 'Inconclusive', n: 8 });
      expect(row?.median).toBeCloseTo(0.2, 2);
      for (const field of ['ratio', 'p', 'pAdjusted']) expect(row).not.toHaveProperty(field);
      expect(row?.message).toMatch(
        new RegExp(`^not compared: the ${role.toLowerCase()} is a ${here}, that of the baseline a ${there}, `),
      );
    }
    expect(found.family.comparisons).toBe(0);
    expect(found.geometricMeans).toEqual([]);
  });

  test('is left out of the family, which decides with fewer blocks for it', () => {
    const found = idle([VIRTIO, VF, POD]);
    expect(found.family).toEqual({ comparisons: 2, fewestBlocks: 7 });
    expect(rowOf(found, 'vf', 'cpuSeenByClient')).toMatchObject({
      verdict: 'Worse',
      p: 0.0078125,
      pAdjusted: 0.015625,
    });
  });

  test('an expectation of such a ratio is never met nor broken', () => {
    const expectation = { test: 'idle', metric: 'cpuSeenByServer', mode: 'virtio', ratioAtMost: '1.5' };
    expect(idle([POD, VIRTIO], [expectation]).verdict).toBe('Inconclusive');
  });
});

test('each end by itself: with pods as clients, clients compare with pods and servers do not', () => {
  const found = idle([POD, HALF]);
  expect(rowOf(found, 'half', 'cpuSeenByClient')?.verdict).toBe('Worse');
  expect(rowOf(found, 'half', 'cpuSeenByServer')?.message).toMatch(/^not compared: the server is a VM/);
  expect(found.family.comparisons).toBe(1);
});

test('pods compare with pods', () => {
  const found = idle([POD, { name: 'pf', type: 'Native', network: 'native-pf' }]);
  expect(rowOf(found, 'pf', 'cpuSeenByServer')?.verdict).toBe('Worse');
});
