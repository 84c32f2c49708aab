/** Rows, pairing, convergence and expectations on made-up Trials whose answer is known. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { analyse } from './analyse.ts';
import type { TrialObservation } from './analyse.ts';
import { experimentSpec, observation } from '../../test/support/results/experiment.ts';
import { cpuMs } from '../../test/support/cpu-time.ts';
import { normal } from '../../test/support/results/random.ts';

/** `blocks` blocks in which virtio's round trips are twice native's and its throughput equal, with little noise. */
function twice(blocks: number, seed = 1): TrialObservation[] {
  const next = normal(seed);
  const noisy = (value: number) => [value * (1 + 0.001 * next())];
  return Array.from({ length: blocks }, (_, block) => [
    observation({
      mode: 'native',
      block,
      values: { rttP50: noisy(3e-5), rttP99: noisy(5e-5), throughput: noisy(9.4e9) },
    }),
    observation({
      mode: 'virtio',
      block,
      values: { rttP50: noisy(6e-5), rttP99: noisy(1e-4), throughput: noisy(9.4e9) },
    }),
  ]).flat();
}

describe('rows', () => {
  test('come in spec order: point, metric, placement, pairs, mode', () => {
    const spec = experimentSpec({ placements: ['SameNode', 'CrossNode'], pairs: [2, 1] });
    const order = analyse(spec, []).rows.map(
      ({ metric, placement, pairs, mode }) => `${metric} ${placement} ${pairs} ${mode}`,
    );
    expect(order).toHaveLength(3 * 2 * 2 * 2);
    expect(order.slice(0, 9)).toEqual([
      'rttP50 SameNode 2 native',
      'rttP50 SameNode 2 virtio',
      'rttP50 SameNode 1 native',
      'rttP50 SameNode 1 virtio',
      'rttP50 CrossNode 2 native',
      'rttP50 CrossNode 2 virtio',
      'rttP50 CrossNode 1 native',
      'rttP50 CrossNode 1 virtio',
      'rttP99 SameNode 2 native',
    ]);
  });

  test('say median, interval, ratio with interval, and verdict', () => {
    const { rows, converged, completeBlocks, verdict } = analyse(experimentSpec(), twice(8));
    expect(rows[0]).toMatchObject({
      mode: 'native',
      n: 8,
      verdict: 'Baseline',
      unit: 's',
      better: 'Lower',
      point: { messageBytes: 64 },
    });
    expect(rows[0]).not.toHaveProperty('ratio');
    expect(rows[0]).not.toHaveProperty('message');
    expect(rows[1]).toMatchObject({ mode: 'virtio', metric: 'rttP50', n: 8, verdict: 'Worse' });
    expect(rows[1]?.median).toBeCloseTo(6e-5, 6);
    expect(rows[1]?.ratio?.median).toBeCloseTo(2, 2);
    expect(rows[1]?.ratio?.low).toBeLessThanOrEqual(2.002);
    expect(rows[5]).toMatchObject({ mode: 'virtio', metric: 'throughput', verdict: 'Equivalent', better: 'Higher' });
    expect({ converged, completeBlocks, verdict }).toEqual({ converged: true, completeBlocks: 8, verdict: 'None' });
  });

  test('without any trial are there, with null and the reason', () => {
    const { rows, converged, completeBlocks } = analyse(experimentSpec(), []);
    expect(rows[0]).toMatchObject({ n: 0, verdict: 'Baseline', message: 'no trial has succeeded yet' });
    expect(rows[1]).toMatchObject({ n: 0, verdict: 'Inconclusive' });
    expect({ converged, completeBlocks }).toEqual({ converged: false, completeBlocks: 0 });
  });

  test('of fewer than 6 blocks have a median, no interval, no verdict, and say how many are missing', () => {
    const { rows, converged } = analyse(experimentSpec(), twice(5));
    expect(rows[1]?.ratio).toEqual({ n: 5, median: expect.closeTo(2, 2) });
    expect(rows[1]).not.toHaveProperty('low');
    expect(rows[1]).toMatchObject({
      verdict: 'Inconclusive',
      message: '5 blocks with both values, a 95 % interval needs at least 6: 1 more',
    });
    expect(converged).toBe(false);
  });
});

describe('blocks', () => {
  test('in which one mode has no value are left out of the comparison and counted', () => {
    const observations = twice(8).filter(({ mode, block }) => !(mode === 'virtio' && block === 3));
    const broken = observation({ mode: 'virtio', block: 3, values: { rttP50: ['TooFewSamples: 12 observations'] } });
    const { rows, completeBlocks } = analyse(experimentSpec(), [...observations, broken]);
    expect(rows[0]).toMatchObject({ n: 8 });
    expect(rows[1]).toMatchObject({ n: 7, verdict: 'Worse' });
    expect(rows[1]?.message).toContain('1 of 8 blocks left out, without a value for both');
    expect(rows[1]?.message).toContain('no value in 1 of 8 trials: TooFewSamples');
    expect(completeBlocks).toBe(8);
  });

  test('count as complete only with every cell', () => {
    const observations = twice(8).map((found) =>
      found.mode === 'virtio' && found.block < 3 ? { ...found, succeeded: false } : found,
    );
    expect(analyse(experimentSpec(), observations).completeBlocks).toBe(5);
  });

  test('are paired, so that drift between them does not blur the ratio', () => {
    const drift = twice(8).map((found) => ({
      ...found,
      measurements: found.measurements.map((one) => ({ ...one, value: (one.value ?? 0) * (1 + found.block) })),
    }));
    const row = analyse(experimentSpec(), drift).rows[1];
    expect(row?.ratio?.high ?? 0).toBeLessThan(2.01);
    expect((row?.high ?? 0) / (row?.low ?? 1)).toBeGreaterThan(5);
  });

  test('seen twice count once, the first that succeeded; failed trials count for nothing', () => {
    const once = twice(8);
    const late = { ...(once[1] as TrialObservation), measurements: [] };
    const failed = { ...(once[1] as TrialObservation), succeeded: false, measurements: [] };
    expect(analyse(experimentSpec(), [failed, ...once, late])).toEqual(analyse(experimentSpec(), once));
  });

  test('in whatever order they come give the same rows', () => {
    const all = twice(7);
    const wanted = analyse(experimentSpec(), all);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(analyse(experimentSpec(), shuffled)).toEqual(wanted);
      }),
      { numRuns: 20, seed: 5 },
    );
  });
});

describe('pairs of one trial', () => {
  const spec = experimentSpec({ pairs: [2] });
  const both = (values: Record<string, (number | string)[]>) =>
    analyse(
      spec,
      Array.from({ length: 6 }, (_, block) => observation({ mode: 'native', block, values })),
    ).rows;

  test('throughput adds up, of latency the slowest pair counts, percentiles are never averaged', () => {
    const rows = both({ rttP50: [1e-5, 3e-5], rttP99: [9e-5, 4e-5], throughput: [4e9, 5e9] });
    expect(rows.filter(({ mode }) => mode === 'native').map(({ median }) => median)).toEqual([3e-5, 9e-5, 9e9]);
  });

  test('one pair without a value leaves none for the trial', () => {
    const rows = both({
      rttP50: [1e-5, 'MessagesLost: 3 lost'],
      rttP99: [1, 1],
      throughput: [4e9, 'ExceedsLinkRate: 11 Gb/s'],
    });
    expect(rows[0]).toMatchObject({ n: 0, message: 'no value in 6 of 6 trials: MessagesLost: 3 lost' });
    expect(rows[4]?.median).toBeUndefined();
  });
});

describe('convergence', () => {
  test('asks for precision of every row, whatever the verdicts', () => {
    const spread = twice(8).map((found) =>
      found.mode === 'virtio' && found.block % 2 === 0
        ? { ...found, measurements: found.measurements.map((one) => ({ ...one, value: (one.value ?? 0) * 1.2 })) }
        : found,
    );
    expect(analyse(experimentSpec(), spread).converged).toBe(false);
    const blocks = { min: 6, max: 30, precisionPercent: 15, retries: 2 };
    expect(analyse(experimentSpec({ blocks }), spread).converged).toBe(true);
  });
});

describe('expectations', () => {
  const judge = (bound: object, blocks = 8) => {
    const expectations = [{ test: 'latency', metric: 'rttP99', mode: 'virtio', ...bound }];
    const { verdict, expectations: judged } = analyse(experimentSpec({ expectations }), twice(blocks));
    expect(judged[0]?.outcome).toBe(verdict);
    return { verdict, message: judged[0]?.message };
  };

  test.each([
    ['ratio below the bound', { ratioAtMost: '2.1' }, 'Passed'],
    ['ratio above the bound', { ratioAtMost: '1.25' }, 'Failed'],
    ['bound inside the interval', { ratioAtMost: '2' }, 'Inconclusive'],
    ['ratio at least', { ratioAtLeast: '1.9' }, 'Passed'],
    ['ratio not at least', { ratioAtLeast: '3' }, 'Failed'],
    ['value in seconds', { atMost: '0.0002' }, 'Passed'],
    ['value with suffix', { atMost: '90u' }, 'Failed'],
    ['two bounds, one broken', { atLeast: '1u', ratioAtMost: '1.25' }, 'Failed'],
    ['two bounds, one undecided', { atLeast: '1u', ratioAtMost: '2' }, 'Inconclusive'],
    ['no number', { atMost: 'fast' }, 'Inconclusive'],
    ['no bound', {}, 'Inconclusive'],
    ['metric that nothing measures', { metric: 'rttP50000', atMost: '1' }, 'Inconclusive'],
    ['mode of no such name', { mode: 'vhost', atMost: '1' }, 'Inconclusive'],
  ])('%s', (_, bound, outcome) => {
    expect(judge(bound).verdict).toBe(outcome);
  });

  test('never pass or fail without an interval', () => {
    expect(judge({ ratioAtMost: '1.25' }, 5)).toEqual({
      verdict: 'Inconclusive',
      message:
        'latency rttP99 of virtio (64 B, CrossNode, 1 pair): ratio at most 1.25 is expected; there is no interval to judge by',
    });
  });

  test('name the bound and the interval', () => {
    expect(judge({ atMost: '90u' }).message).toMatch(
      /at most 90\.0 µs is expected; the interval is 99\.\d µs to 100 µs/,
    );
  });

  test('judge metrics that have no row of their own too', () => {
    const observations = Array.from({ length: 6 }, (_, block) =>
      observation({ mode: 'native', block, values: { rttMean: [4e-5] } }),
    );
    const expectations = [{ test: 'latency', metric: 'rttMean', mode: 'native', atMost: '50u', ratioAtMost: '1' }];
    expect(analyse(experimentSpec({ expectations }), observations).verdict).toBe('Passed');
  });

  test('hold for all points, placements and pairs: one that fails fails all', () => {
    const observations = [...twice(6), ...twice(6, 2).map((found) => ({ ...found, placement: 'SameNode' as const }))];
    const slow = observations.map((found) =>
      found.placement === 'SameNode' && found.mode === 'virtio'
        ? { ...found, measurements: found.measurements.map((one) => ({ ...one, value: (one.value ?? 0) * 3 })) }
        : found,
    );
    const expectations = [{ test: 'latency', metric: 'rttP50', mode: 'virtio', ratioAtMost: '2.5' }];
    const spec = experimentSpec({ expectations, placements: ['CrossNode', 'SameNode'] });
    expect(analyse(spec, observations).verdict).toBe('Passed');
    const { verdict, expectations: judged } = analyse(spec, slow);
    expect(verdict).toBe('Failed');
    expect(judged[0]?.message).toContain('SameNode');
  });
});

test('the largest Experiment is analysed in less than a second of processor time', () => {
  const modes = ['native', 'virtio', 'passthrough', 'native-pf'].map((name) => ({ name, type: 'Native' as const }));
  const messageBytes = Array.from({ length: 14 }, (_, i) => 14 + i);
  const tests = [
    {
      name: 'latency',
      type: 'RequestResponse' as const,
      protocol: 'UDP' as const,
      messageBytes,
      direction: 'Forward' as const,
    },
  ];
  const spec = experimentSpec({ modes, tests, placements: ['CrossNode', 'SameNode'], pairs: [1, 2, 4] });
  const observations = Array.from({ length: 30 }, (_, block) =>
    spec.placements.flatMap((placement) =>
      spec.pairs.flatMap((pairs) =>
        modes.map(({ name: mode }) => ({
          mode,
          placement,
          pairs,
          block,
          succeeded: true,
          measurements: messageBytes.flatMap((bytes) =>
            ['rttP50', 'rttP99'].flatMap((metric) =>
              Array.from({ length: pairs }, (_unused, pair) => ({
                test: 'latency',
                point: { messageBytes: bytes },
                pair,
                metric,
                unit: 's',
                value: 1e-5 * (1 + ((block * 7 + bytes + pair) % 11) / 100),
              })),
            ),
          ),
        })),
      ),
    ),
  ).flat();
  const start = cpuMs();
  const { rows, completeBlocks } = analyse(spec, observations);
  expect(cpuMs() - start).toBeLessThan(1000);
  expect(rows).toHaveLength(14 * 2 * 2 * 3 * 4);
  expect(completeBlocks).toBe(30);
});
