/** From an interval of a ratio and its adjusted p to a verdict, in words that name what is missing. */
import type { Verdict } from '../../api/v1alpha1.ts';
import type { Better } from '../catalogue.ts';
import { fewestObservations } from './binomial.ts';
import { normalUpperQuantile } from './normal.ts';

export interface VerdictInput {
  /** Of the mode to the baseline. */
  ratio: { median: number | null; low?: number; high?: number };
  better: Better;
  /** Difference that does not matter, percent: d in [1/(1+d), 1+d]. */
  equivalencePercent: number;
  /** Complete pairs that the ratio rests on. */
  n: number;
  confidencePercent: number;
  /** Comparisons in the family, this one included. */
  comparisons: number;
  /** p that the ratio is 1, of this comparison alone and adjusted for the family; null where there is none. */
  p: number | null;
  pAdjusted: number | null;
}

interface Found {
  median: number;
  low: number;
  high: number;
}

/** More blocks than this are no advice. */
const MOST_BLOCKS_ADVISED = 500;

/**
 * Equivalent: the whole interval lies within [1/(1+d), 1+d]. Better or Worse: it excludes 1 without lying within that
 * margin, and the p adjusted for the family is at most 1 - confidence. Inconclusive: anything else. Inclusion of the
 * interval in the margin is two one-sided tests (D. J. Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15 (1987)
 * 657-680), here at half the usual error, as one interval serves both questions; the margin symmetric on the log scale is
 * that of bioequivalence. Equivalence is not adjusted: "all of these are equivalent" needs every interval within, which
 * errs no more often than each alone (R. L. Berger, Technometrics 24 (1982) 295-300).
 */
export function verdict(input: VerdictInput): { verdict: Verdict; message: string } {
  const { ratio, equivalencePercent, better } = input;
  if (ratio.median === null) return inconclusive(withoutRatio(input));
  const { median, low, high } = ratio;
  if (low === undefined || high === undefined) return inconclusive(tooFew(input));
  const margin = 1 + equivalencePercent / 100;
  if (low >= 1 / margin && high <= margin) {
    return { verdict: 'Equivalent', message: `within ${equivalencePercent} % of the baseline: ${range(low, high)}` };
  }
  if (low <= 1 && high >= 1) return inconclusive(undecided({ median, low, high }, input));
  if (!isBeyondChance(input)) return inconclusive(byChance({ median, low, high }, input));
  const isBetter = low > 1 === (better === 'Higher');
  return { verdict: isBetter ? 'Better' : 'Worse', message: `${change(median)}: ${range(low, high)}` };
}

/** Fewest complete blocks in which a difference can be told from chance among so many comparisons: 6 for one at 95 %. */
export function fewestForFamily(comparisons: number, confidencePercent: number): number {
  return fewestObservations(1 - alphaOf({ confidencePercent }) / Math.max(1, comparisons));
}

const alphaOf = ({ confidencePercent }: Pick<VerdictInput, 'confidencePercent'>): number => 1 - confidencePercent / 100;

function isBeyondChance(input: VerdictInput): boolean {
  return input.pAdjusted !== null && input.pAdjusted <= alphaOf(input) + 1e-12;
}

function inconclusive(message: string): { verdict: Verdict; message: string } {
  return { verdict: 'Inconclusive', message };
}

function withoutRatio({ n }: VerdictInput): string {
  if (n === 0) return 'no block has a value for both this mode and the baseline';
  return 'there is no ratio: a value, of the mode or of the baseline, is not above zero';
}

function tooFew({ n, confidencePercent }: VerdictInput): string {
  const needed = fewestObservations(confidencePercent / 100);
  const have = `${n} ${n === 1 ? 'block' : 'blocks'} with both values`;
  return `${have}, a ${confidencePercent} % interval needs at least ${needed}: ${Math.max(1, needed - n)} more`;
}

function byChance(ratio: Found, input: VerdictInput): string {
  const { n, comparisons, confidencePercent, pAdjusted } = input;
  const found = `${change(ratio.median)}, ${range(ratio.low, ratio.high)}`;
  const fewest = fewestForFamily(comparisons, confidencePercent);
  const among = `among ${comparisons} comparisons`;
  if (n < fewest) {
    return `${found}; to tell it from chance ${among} needs at least ${fewest} complete blocks: ${fewest - n} more`;
  }
  const chance = pAdjusted === null ? '' : ` (adjusted p ${Number(pAdjusted.toPrecision(2))})`;
  return `${found}; ${among} chance explains it too well${chance}; ${advice(ratio, input)}`;
}

function undecided(ratio: Found, input: VerdictInput): string {
  const { low, high } = ratio;
  return `the interval ${low.toFixed(3)} to ${high.toFixed(3)} holds both no difference and one that matters; ${advice(ratio, input)}`;
}

function advice(ratio: Found, input: VerdictInput): string {
  const more = blocksNeeded(ratio, input);
  if (more === null) return 'more blocks would hardly decide it';
  return `needs about ${more} more ${more === 1 ? 'block' : 'blocks'}`;
}

/**
 * Blocks after which, effect and spread as they are now, it is decided for equivalence or for a difference, whichever comes
 * first. The interval narrows with the root of n around its centre until it fits into the margin; the normal deviate of p
 * grows with the root of n to what the family asks of its smallest p. A rough guess; null above MOST_BLOCKS_ADVISED.
 */
export function blocksNeeded(ratio: Found, input: VerdictInput): number | null {
  const needed = Math.ceil(Math.min(forDifference(input), forEquivalence(ratio, input)));
  const more = Math.max(1, needed - input.n);
  return more > MOST_BLOCKS_ADVISED || Number.isNaN(more) ? null : more;
}

function forEquivalence(ratio: Found, { n, equivalencePercent }: VerdictInput): number {
  const half = (Math.log(ratio.high) - Math.log(ratio.low)) / 2;
  const room = Math.log(1 + equivalencePercent / 100) - Math.abs(Math.log(ratio.median));
  return room > 0 ? n * (half / room) ** 2 : Number.POSITIVE_INFINITY;
}

function forDifference(input: VerdictInput): number {
  const { n, p, comparisons, confidencePercent } = input;
  if (p === null || p >= 1) return Number.POSITIVE_INFINITY;
  const family = Math.max(1, comparisons);
  const fewest = fewestForFamily(family, confidencePercent);
  if (isSmallestPossible(p, n)) return fewest;
  const growth = (normalUpperQuantile(alphaOf(input) / 2 / family) / normalUpperQuantile(p / 2)) ** 2;
  return Math.max(fewest, n * growth);
}

/** All blocks agree: the number of blocks alone keeps p from being smaller. */
const isSmallestPossible = (p: number, n: number): boolean => p <= 2 ** (1 - n) * (1 + 1e-9);

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
