/** Test support: made-up experiments whose truth is known, for coverage and error rates. */
import { normal, uniform } from './random.ts';

/** Seeded sources of chance. */
export interface Chance {
  uniform: () => number;
  normal: () => number;
}

export const chance = (seed: number): Chance => ({ uniform: uniform(seed), normal: normal(seed + 0x5bd1e995) });

export interface Case {
  name: string;
  what: string;
  /** Logarithms of what multiplies the truth, one per mode, for the next block. */
  block: (from: Chance, modes: number) => number[];
  /** Where values fall on a grid: its step. */
  grid?: number;
}

const each = (modes: number, one: () => number): number[] => Array.from({ length: modes }, one);

/** Student's t with 2 degrees of freedom, by its inverse distribution function. */
function heavy({ uniform: next }: Chance): number {
  const u = 2 * next() - 1;
  return u * Math.sqrt(2 / (1 - u * u || Number.EPSILON));
}

/** Positions 0..modes-1 in random order, less their mean: where in its block each mode ran. */
function positions({ uniform: next }: Chance, modes: number): number[] {
  const order = Array.from({ length: modes }, (_, i) => i - (modes - 1) / 2);
  for (let i = modes - 1; i > 0; i -= 1) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}

export const CASES: readonly Case[] = [
  {
    name: 'normal',
    what: '5 % normal noise',
    block: (from, modes) => each(modes, () => Math.log(Math.max(0.01, 1 + 0.05 * from.normal()))),
  },
  { name: 'log-normal', what: 'exp(0.3 z)', block: (from, modes) => each(modes, () => 0.3 * from.normal()) },
  {
    name: 'heavy tail',
    what: 't with 2 degrees of freedom, 3 %',
    block: (from, modes) => each(modes, () => 0.03 * heavy(from)),
  },
  {
    name: 'ties',
    what: '5 % normal noise on a grid of 5 %',
    block: (from, modes) => each(modes, () => Math.log(Math.max(0.01, 1 + 0.05 * from.normal()))),
    grid: 0.05,
  },
  {
    name: 'drift within blocks',
    what: 'blocks differ by half, 4 % from each trial to the next, 3 % noise',
    block: (from, modes) => {
      const common = 0.5 * from.normal();
      return positions(from, modes).map((position) => common + 0.04 * position + 0.03 * from.normal());
    },
  },
];

/** What the ratio's interval does not promise: one mode is skewed, the other not, so that ratios are not symmetric. */
export const SKEWED: Case = {
  name: 'one mode skewed',
  what: 'baseline exponential 20 % above its median, mode 2 % normal (no goal: ratios are not symmetric)',
  block: (from, modes) =>
    each(modes, () => 0).map((_, mode) =>
      mode === 0 ? 0.2 * (-Math.log(1 - from.uniform()) - Math.LN2) : 0.02 * from.normal(),
    ),
};

/** Values by mode and block; `truths` are the modes' medians. */
export function simulate(
  { block, grid }: Case,
  from: Chance,
  { truths, blocks }: { truths: readonly number[]; blocks: number },
): number[][] {
  const values = truths.map((): number[] => []);
  for (let n = 0; n < blocks; n += 1) {
    block(from, truths.length).forEach((log, mode) => {
      const value = (truths[mode] ?? 1) * Math.exp(log);
      values[mode]?.push(grid === undefined ? value : Math.max(grid, Math.round(value / grid) * grid));
    });
  }
  return values;
}
