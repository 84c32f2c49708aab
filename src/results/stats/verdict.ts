/** From an interval of a ratio to a verdict, in words that name what is missing. */
import type { Verdict } from '../../api/v1alpha1.ts';
import type { Better } from '../catalogue.ts';
import { fewestObservations } from './binomial.ts';

export interface VerdictInput {
  /** Of the mode to the baseline. */
  ratio: { median: number | null; low?: number; high?: number };
  better: Better;
  /** Difference that does not matter, percent: d in [1/(1+d), 1+d]. */
  equivalencePercent: number;
  /** Complete pairs that the ratio rests on. */
  n: number;
  /** Default 95. */
  confidencePercent?: number;
}

/** More blocks than this are no advice. */
const MOST_BLOCKS_ADVISED = 500;

/**
 * Equivalent: the whole interval lies within [1/(1+d), 1+d]. Better or Worse: it excludes 1 without lying within that
 * margin. Inconclusive: anything else. Inclusion of the interval in the margin is two one-sided tests (D. J. Schuirmann,
 * J. Pharmacokinetics and Biopharmaceutics 15 (1987) 657-680), here at half the usual error, as one interval serves both
 * questions; the margin symmetric on the log scale is that of bioequivalence.
 */
export function verdict(input: VerdictInput): { verdict: Verdict; message: string } {
  const { ratio, equivalencePercent, better } = input;
  if (ratio.median === null) return inconclusive('no block has a value for both this mode and the baseline');
  const { low, high } = ratio;
  if (low === undefined || high === undefined) return inconclusive(tooFew(input));
  const margin = 1 + equivalencePercent / 100;
  if (low >= 1 / margin && high <= margin) {
    return { verdict: 'Equivalent', message: `within ${equivalencePercent} % of the baseline: ${range(low, high)}` };
  }
  if (low <= 1 && high >= 1) return inconclusive(undecided({ median: ratio.median, low, high }, input));
  const isBetter = low > 1 === (better === 'Higher');
  return { verdict: isBetter ? 'Better' : 'Worse', message: `${change(ratio.median)}: ${range(low, high)}` };
}

function inconclusive(message: string): { verdict: Verdict; message: string } {
  return { verdict: 'Inconclusive', message };
}

function tooFew({ n, confidencePercent = 95 }: VerdictInput): string {
  const needed = fewestObservations(confidencePercent / 100);
  const have = `${n} complete ${n === 1 ? 'block' : 'blocks'}`;
  return `${have}, a ${confidencePercent} % interval needs at least ${needed}: ${Math.max(1, needed - n)} more`;
}

function undecided(ratio: { median: number; low: number; high: number }, input: VerdictInput): string {
  const more = blocksNeeded(ratio, input);
  const advice = more === null ? 'more blocks would hardly decide it' : `needs about ${more} more blocks`;
  return `the interval ${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)} holds both no difference and one that matters; ${advice}`;
}

/**
 * Blocks after which the interval, narrowing with the root of n around the present centre, decides for equivalence or for
 * a difference, whichever comes first. A rough guess from one interval; null above MOST_BLOCKS_ADVISED.
 */
export function blocksNeeded(ratio: { median: number; low: number; high: number }, input: VerdictInput): number | null {
  const half = (Math.log(ratio.high) - Math.log(ratio.low)) / 2;
  const effect = Math.abs(Math.log(ratio.median));
  const target = Math.max(effect, Math.log(1 + input.equivalencePercent / 100) - effect);
  if (!(target > 0) || !Number.isFinite(half)) return null;
  const more = Math.max(1, Math.ceil(input.n * (half / target) ** 2) - input.n);
  return more > MOST_BLOCKS_ADVISED ? null : more;
}

function change(ratio: number): string {
  if (ratio >= 2) return `${ratio.toPrecision(3)} times the baseline`;
  return `${percent(Math.abs(ratio - 1))} ${ratio >= 1 ? 'above' : 'below'} the baseline`;
}

function range(low: number, high: number): string {
  return `${signed(low)} to ${signed(high)}`;
}

function signed(ratio: number): string {
  return `${ratio >= 1 ? '+' : '-'}${percent(Math.abs(ratio - 1))}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;
}
