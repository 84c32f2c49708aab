/** Test support: the bootstrap interval that the product's intervals are compared with. */
import { normalUpperQuantile, normalUpperTail } from '../../../src/results/stats/normal.ts';

export interface BcaOptions {
  confidence: number;
  resamples: number;
  /** Uniform in [0, 1). */
  random: () => number;
}

/**
 * Bias-corrected and accelerated bootstrap interval of a statistic; null where all resamples give one value.
 * Source: B. Efron, JASA 82 (1987) 171-185; Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 14.3,
 * with ties counted half as in scipy.stats.bootstrap.
 */
export function bca(
  values: readonly number[],
  statistic: (sample: Float64Array) => number,
  { confidence, resamples, random }: BcaOptions,
): { low: number; high: number } | null {
  const n = values.length;
  const found = statistic(Float64Array.from(values));
  const sample = new Float64Array(n);
  const replicates = new Float64Array(resamples);
  for (let b = 0; b < resamples; b += 1) {
    for (let i = 0; i < n; i += 1) sample[i] = values[Math.floor(random() * n)] ?? 0;
    replicates[b] = statistic(sample);
  }
  replicates.sort();
  if (replicates[0] === replicates[resamples - 1]) return null;
  const below = replicates.reduce((sum, value) => sum + (value < found ? 1 : value === found ? 0.5 : 0), 0);
  const share = Math.min(Math.max(below / resamples, 0.5 / resamples), 1 - 0.5 / resamples);
  const bias = -normalUpperQuantile(share);
  const acceleration = accelerationOf(values, statistic);
  const end = (z: number) => 1 - normalUpperTail(bias + (bias + z) / (1 - acceleration * (bias + z)));
  const z = normalUpperQuantile((1 - confidence) / 2);
  return { low: quantile(replicates, end(-z)), high: quantile(replicates, end(z)) };
}

/** From the jackknife; 0 where leaving one out changes nothing. */
function accelerationOf(values: readonly number[], statistic: (sample: Float64Array) => number): number {
  const left = values.map((_, i) => statistic(Float64Array.from(values.filter((_unused, j) => j !== i))));
  const mean = left.reduce((sum, value) => sum + value, 0) / left.length;
  const cubes = left.reduce((sum, value) => sum + (mean - value) ** 3, 0);
  const squares = left.reduce((sum, value) => sum + (mean - value) ** 2, 0);
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

/** Linear interpolation between order statistics (Hyndman and Fan's type 7). */
function quantile(sorted: Float64Array, probability: number): number {
  const at = Math.min(Math.max(probability, 0), 1) * (sorted.length - 1);
  const lower = sorted[Math.floor(at)] ?? 0;
  return lower + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? 0) - lower);
}

export const meanOf = (sample: Float64Array): number => sample.reduce((sum, value) => sum + value, 0) / sample.length;

/** Sorts its argument's copy: the median. */
export function medianOf(sample: Float64Array): number {
  const sorted = sample.slice().sort();
  const n = sorted.length;
  return ((sorted[Math.floor(n / 2)] ?? 0) + (sorted[Math.ceil(n / 2) - 1] ?? 0)) / 2;
}
