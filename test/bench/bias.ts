/**
 * `npm run bench:bias [QUADRUPLES [SECONDS]]`: what vfbench itself does to a figure. The same commands between the same
 * two network namespaces, started by hand (A) and by vfbench's runners (B), in the order ABBA. Exit code 1 only where an
 * interval lies outside its goal.
 */
import { loadavg } from 'node:os';
import type { TestPoint } from '../../src/api/protocol.ts';
import { createProgress } from '../../src/sandbox/assets/progress.ts';
import { MachineLacksError } from '../../src/sandbox/assets/errors.ts';
import { CONFIDENCE, difference, FEWEST_QUADRUPLES, type Goal, GOALS, judge, type Quadruple } from './biasEstimate.ts';
import { type BiasLab, startBiasLab } from './biasLab.ts';
import { machine } from './lab.ts';

const SECONDS = 2;
/** A stream over a wire says the same after a second as after ten. */
const STREAM_SECONDS = 1;
/** Some more than are asked for: one that a hiccup spoils is left out. */
const QUADRUPLES = FEWEST_QUADRUPLES + 4;
const WORDS = { Met: 'met', NotMet: 'NOT MET', CannotTell: 'cannot tell' } as const;

function pointsOf(durationSeconds: number): TestPoint[] {
  const common = { streams: 1, direction: 'Forward', warmupSeconds: 0 } as const;
  return [
    {
      id: 0,
      test: 'bandwidth',
      type: 'Stream',
      protocol: 'TCP',
      messageBytes: 0,
      durationSeconds: STREAM_SECONDS,
      ...common,
    },
    { id: 1, test: 'latency', type: 'RequestResponse', protocol: 'UDP', messageBytes: 64, durationSeconds, ...common },
  ];
}

/** One run of each before: caches, and the neighbour's address. */
async function measureAll(lab: BiasLab, count: number, points: readonly TestPoint[]): Promise<Quadruple[]> {
  const progress = createProgress();
  const warmUp = progress.step('Once each, not counted');
  await lab.byHand(points);
  await lab.throughVfbench(points);
  warmUp.done();
  const quadruples: Quadruple[] = [];
  for (let i = 1; i <= count; i++) {
    const step = progress.step(`Quadruple ${i} of ${count}`);
    const first = await lab.byHand(points);
    const second = await lab.throughVfbench(points);
    const third = await lab.throughVfbench(points);
    const last = await lab.byHand(points);
    quadruples.push({ hand: [first, last], vfbench: [second, third] });
    step.done();
  }
  return quadruples;
}

const signed = (percent: number): string => `${percent < 0 ? '' : '+'}${percent.toFixed(2)} %`;

/** Prints a goal's figures; true where it is not met. */
function isMissed(quadruples: readonly Quadruple[], goal: Goal): boolean {
  const found = difference(quadruples, goal.metric);
  const { judgement, why } = judge(found, goal);
  const { percent, interval, n, incomplete } = found;
  console.log(`  ${goal.what}: vfbench reads ${percent === null ? 'nothing' : signed(percent)} against by hand`);
  const level = `${CONFIDENCE * 100} % interval`;
  const bounds = interval === undefined ? 'none' : `${signed(interval.low)} to ${signed(interval.high)}`;
  console.log(`    ${level}: ${bounds}, ${n} quadruples${incomplete > 0 ? `, ${incomplete} incomplete left out` : ''}`);
  console.log(`    goal: within +-${goal.percent} %: ${WORDS[judgement]} (${why})`);
  return judgement === 'NotMet';
}

const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');

async function main(count: number, seconds: number): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => stop.abort(new Error(`ended by ${name}`)));
  const lab = await startBiasLab(stop.signal);
  try {
    console.log(`Machine: ${machine()}; sandbox: namespaces of this one machine; ${lab.words}`);
    console.log(`Load (1, 5, 15 min) before: ${load()}`);
    const quadruples = await measureAll(lab, count, pointsOf(seconds));
    console.log(`Load (1, 5, 15 min) after: ${load()}; the benchmark's own included`);
    const missed = GOALS.filter((goal) => isMissed(quadruples, goal));
    return missed.length === 0 ? 0 : 1;
  } finally {
    await lab.stop();
  }
}

const [count = QUADRUPLES, seconds = SECONDS, ...rest] = process.argv.slice(2).map(Number);
if (rest.length > 0 || ![count, seconds].every((value) => Number.isInteger(value) && value > 0)) {
  console.error(
    `Usage: npm run bench:bias [QUADRUPLES [SECONDS]]   by default ${QUADRUPLES} quadruples, ${SECONDS} s for each latency`,
  );
  process.exit(2);
}
try {
  process.exit(await main(count, seconds));
} catch (error) {
  console.error(error instanceof MachineLacksError ? error.message : error);
  process.exit(2);
}
