/**
 * `npm run bench:statistics [EXPERIMENTS]`: how often intervals hold the truth and how wide they are, against the bootstrap
 * that they were chosen over; how often equal modes are called different. Seeded: the same figures on every machine.
 */
import { bca, meanOf, medianOf } from '../support/results/bca.ts';
import {
  coverage,
  coverageWhenStopped,
  familyRates,
  medianByOrder,
  RATIO,
  ratioByWilcoxon,
  type Method,
} from '../support/results/coverage.ts';
import { CASES, SKEWED } from '../support/results/simulation.ts';

const SEED = 2010;
const RESAMPLES = 1000;
const FEWEST_EXPERIMENTS = 2000;

const logsOf = (mode: readonly number[], baseline: readonly number[]): number[] =>
  mode.map((value, block) => Math.log(value / (baseline[block] ?? Number.NaN)));

const ratioByBca =
  (statistic: (sample: Float64Array) => number): Method =>
  (mode, baseline, from) => {
    const found = bca(logsOf(mode, baseline), statistic, {
      confidence: 0.95,
      resamples: RESAMPLES,
      random: from.uniform,
    });
    return found === null ? null : { low: Math.exp(found.low), high: Math.exp(found.high) };
  };

const METHODS: { name: string; method: Method; truth: number; goal: boolean }[] = [
  { name: 'median: order statistics', method: medianByOrder, truth: 1, goal: true },
  {
    name: 'median: BCa bootstrap',
    method: (_, values, from) =>
      bca(values, medianOf, { confidence: 0.95, resamples: RESAMPLES, random: from.uniform }),
    truth: 1,
    goal: false,
  },
  { name: 'ratio: Hodges-Lehmann, Wilcoxon', method: ratioByWilcoxon, truth: RATIO, goal: true },
  { name: 'ratio: BCa of the mean logarithm', method: ratioByBca(meanOf), truth: RATIO, goal: false },
  { name: 'ratio: BCa of the median logarithm', method: ratioByBca(medianOf), truth: RATIO, goal: false },
];

let missed = 0;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`.padStart(8);

function judged(met: boolean): string {
  if (!met) missed += 1;
  return met ? '' : '  MISSED';
}

function intervals(experiments: number): void {
  console.log(`Coverage of nominal 95 % intervals, goal at least 94 %, and median width (log of high over low)`);
  console.log(`${experiments} experiments a figure, ${RESAMPLES} resamples of the bootstrap, seed ${SEED}\n`);
  for (const of of [...CASES, SKEWED]) {
    console.log(`${of.name}: ${of.what}`);
    console.log(`  ${'method'.padEnd(36)}${[6, 10, 20].map((n) => `${n} blocks`.padStart(18)).join('')}`);
    for (const { name, method, truth, goal } of METHODS) {
      const found = [6, 10, 20].map((blocks) => coverage(of, method, { blocks, experiments, seed: SEED, truth }));
      const cells = found.map(({ held, width }) => `${percent(held)}${width.toFixed(3).padStart(10)}`).join('');
      const met = !goal || of === SKEWED || found.every(({ held }) => held >= 0.94);
      console.log(`  ${name.padEnd(36)}${cells}${judged(met)}`);
    }
    console.log('');
  }
}

function stopping(experiments: number): void {
  console.log(
    `Coverage where the number of blocks (6 to 30) is what the rule for stopping makes it, goal at least 94 %`,
  );
  console.log(`${experiments} experiments a line, 3 modes, seed ${SEED}\n`);
  console.log(`  ${'case'.padEnd(22)}precision  metrics   blocks    median     ratio`);
  for (const of of CASES) {
    for (const [precision, rows] of [
      [0.03, 1],
      [0.05, 1],
      [0.1, 4],
      [0.2, 1],
    ] as const) {
      const { median, ratio, blocks } = coverageWhenStopped(of, { precision, rows, experiments, seed: SEED });
      const setting = `${(precision * 100).toFixed(0)} %`.padStart(9) + String(rows).padStart(9);
      const figures = `${blocks.toFixed(1).padStart(9)}  ${percent(median)}  ${percent(ratio)}`;
      console.log(`  ${of.name.padEnd(22)}${setting}${figures}${judged(Math.min(median, ratio) >= 0.94)}`);
    }
  }
  console.log('');
}

function families(experiments: number): void {
  console.log(`Equal modes: share of Experiments with any verdict of Better or Worse, goal at most 5 %`);
  console.log(
    `3 modes, 6 comparisons, differences from 1 % matter; ${experiments} Experiments a line, half of that where 8 to 30 blocks`,
  );
  console.log(`are run until medians are known to 5 %; seed ${SEED}\n`);
  console.log(`  ${'case'.padEnd(22)}  blocks   called  each row alone`);
  for (const of of CASES) {
    for (const blocks of [8, 10, 15]) {
      const { wrong, unadjusted } = familyRates(of, { blocks, experiments, seed: SEED + blocks });
      const figures = `${String(blocks).padStart(8)} ${percent(wrong)}  ${percent(unadjusted).padStart(14)}`;
      console.log(`  ${of.name.padEnd(22)}${figures}${judged(wrong <= 0.05)}`);
    }
    const { wrong, unadjusted } = familyRates(of, {
      blocks: 30,
      experiments: Math.ceil(experiments / 2),
      seed: SEED,
      precision: 0.05,
    });
    const figures = `${'to 5 %'.padStart(8)} ${percent(wrong)}  ${percent(unadjusted).padStart(14)}`;
    console.log(`  ${of.name.padEnd(22)}${figures}${judged(wrong <= 0.05)}`);
  }
  console.log('');
}

function power(experiments: number): void {
  console.log(
    `A true difference: share of rows called Worse or Better, and called Equivalent (5 % normal noise, margin 5 %)\n`,
  );
  console.log(`  difference  blocks    called  equivalent`);
  const [normalNoise] = CASES;
  if (normalNoise === undefined) return;
  for (const ratio of [1.01, 1.05, 1.1, 1.2]) {
    for (const blocks of [8, 12, 20, 30]) {
      const spec = { comparison: { confidencePercent: 95, equivalencePercent: 5 } };
      const { found, equivalent } = familyRates(normalNoise, { blocks, experiments, seed: SEED, ratio, spec });
      const label = `${Math.round((ratio - 1) * 100)} %`.padStart(10);
      console.log(`  ${label}${String(blocks).padStart(8)}  ${percent(found)}    ${percent(equivalent)}`);
    }
  }
}

const experiments = Number(process.argv[2] ?? FEWEST_EXPERIMENTS);
if (!Number.isInteger(experiments) || experiments < 1) {
  console.error(
    'Usage: npm run bench:statistics [EXPERIMENTS]   a number of simulated experiments a figure, 2000 by default',
  );
  process.exit(2);
}
intervals(experiments);
stopping(experiments * 4);
families(experiments * 4);
power(Math.ceil(experiments / 4));
console.log(missed === 0 ? '\nAll goals met' : `\n${missed} goals missed`);
process.exit(missed === 0 ? 0 : 1);
