/** One ratio for a sweep, and drift over the blocks, on made-up Trials whose answer is known. */
import { describe, expect, test } from '@jest/globals';
import type { TrialMeasurement } from '../api/v1alpha1.ts';
import { experimentSpec } from '../../test/support/results/experiment.ts';
import { normal } from '../../test/support/results/random.ts';
import { analyse } from './analyse.ts';
import type { TrialObservation } from './analyse.ts';

const SIZES = [64, 256, 1024];
const spec = experimentSpec({
  tests: [{ name: 'latency', type: 'RequestResponse', protocol: 'UDP', messageBytes: SIZES, direction: 'Forward' }],
});

interface World {
  blocks: number;
  /** Ratio of virtio to native, by size. */
  ratios?: number[];
  noise?: number;
  /** Factor of everything in a block. */
  block?: (n: number) => number;
  /** Factor of virtio alone. */
  virtio?: (n: number) => number;
  without?: (mode: string, block: number, size: number) => boolean;
}

function observe(world: World): TrialObservation[] {
  const { blocks, ratios = [1, 1, 1], noise = 0.01, block: common = () => 1, virtio = () => 1, without } = world;
  const next = normal(8);
  return Array.from({ length: blocks }, (_, block) =>
    ['native', 'virtio'].map((mode): TrialObservation => {
      const measurements = SIZES.flatMap((size, i) =>
        ['rttP50', 'rttP99'].map((metric): TrialMeasurement => {
          const own = mode === 'virtio' ? (ratios[i] ?? 1) * virtio(block) : 1;
          const value = 1e-5 * common(block) * own * Math.exp(noise * next());
          const isGone = without?.(mode, block, size) ?? false;
          const found = isGone ? { reason: 'TooFewSamples: 9' } : { value };
          return { test: 'latency', point: { messageBytes: size }, pair: 0, metric, unit: 's', ...found };
        }),
      );
      return { mode, placement: 'CrossNode', pairs: 1, block, succeeded: true, measurements };
    }),
  ).flat();
}

describe('the geometric mean over the points', () => {
  test('of ratios 1, 2 and 4 is 2, one value a block', () => {
    const { geometricMeans } = analyse(spec, observe({ blocks: 8, ratios: [1, 2, 4] }));
    expect(geometricMeans).toHaveLength(2);
    const [mean] = geometricMeans;
    expect(mean).toMatchObject({ test: 'latency', metric: 'rttP50', mode: 'virtio', points: 3, better: 'Lower' });
    expect(mean).toMatchObject({ placement: 'CrossNode', pairs: 1, ratio: { n: 8 } });
    expect(mean?.ratio.median).toBeCloseTo(2, 1);
    expect(mean?.ratio.low).toBeLessThan(2.01);
    expect(mean?.ratio.high).toBeGreaterThan(1.99);
  });

  test('leaves out blocks in which a point is missing', () => {
    const lost = observe({
      blocks: 8,
      without: (mode, block, size) => mode === 'virtio' && block === 1 && size === 256,
    });
    expect(analyse(spec, lost).geometricMeans[0]?.ratio.n).toBe(7);
  });

  test('is not that of points as if they were independent: blocks decide how wide it is', () => {
    const common = normal(3);
    const factors = Array.from({ length: 8 }, () => Math.exp(0.2 * common()));
    const [mean] = analyse(spec, observe({ blocks: 8, virtio: (n) => factors[n] ?? 1 })).geometricMeans;
    const spread = Math.max(...factors) / Math.min(...factors);
    expect((mean?.ratio.high ?? 0) / (mean?.ratio.low ?? 1)).toBeGreaterThan(spread ** 0.5);
  });

  test('has no interval below 6 blocks, and is not there for single points or without values', () => {
    expect(analyse(spec, observe({ blocks: 5 })).geometricMeans[0]?.ratio).not.toHaveProperty('low');
    expect(analyse(experimentSpec(), observe({ blocks: 8 })).geometricMeans).toEqual([]);
    expect(analyse(spec, []).geometricMeans).toEqual([]);
  });
});

describe('drift', () => {
  test('that all modes share is seen in each of them', () => {
    const { drifts } = analyse(spec, observe({ blocks: 10, block: (n) => 1 + n / 10 }));
    expect(drifts.map(({ mode, metric, tau, n }) => [mode, metric, tau, n])).toEqual([
      ['native', 'rttP50', 1, 10],
      ['virtio', 'rttP50', 1, 10],
      ['native', 'rttP99', 1, 10],
      ['virtio', 'rttP99', 1, 10],
    ]);
    expect(drifts[0]?.p).toBeLessThan(1e-5);
  });

  test('of one mode alone is seen in that one', () => {
    const { drifts } = analyse(spec, observe({ blocks: 12, virtio: (n) => 1 - n / 50 }));
    expect(drifts.find(({ mode }) => mode === 'virtio')?.tau).toBeLessThan(-0.8);
    expect(drifts.find(({ mode }) => mode === 'native')?.p).toBeGreaterThan(0.05);
  });

  test('is not looked for in too few blocks', () => {
    expect(analyse(spec, observe({ blocks: 5 })).drifts).toEqual([]);
  });
});
