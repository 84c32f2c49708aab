/** RateSearch: trial after trial as the strategy asks, until it knows or its time is over. */
import type { MovedBytes, Problem, RawOutput, TestPoint } from '../../api/protocol.ts';
import { clientCommand, searchSeconds } from '../../results/commands.ts';
import { sumMoved } from '../../results/moved.ts';
import { rateSearch } from '../../results/search/goals.ts';
import { nextStep, resultsOf } from '../../results/search/strategy.ts';
import { offered, searchMeasurements, trialOf, trialPoint } from '../../results/search/trial.ts';
import type { SearchConfig, TrialResult } from '../../results/search/types.ts';
import type { Between } from '../record.ts';
import { pause } from '../wait.ts';
import type { MeasuringContext } from './context.ts';
import { runTool } from './tool.ts';

/** A server that has just ended one test may refuse the next: each trial is given so many chances. */
const ATTEMPTS = 3;
const PAUSE_MS = 200;

interface Offer {
  rate: number;
  lossRatio: number;
  raw: RawOutput;
  /** Of the last attempt: one that failed may have moved more. */
  moved: MovedBytes;
}

/** The first trial lets the sender loose: the largest load is what it sends then. */
export async function measureBySearch(point: TestPoint, context: MeasuringContext): Promise<Between> {
  const deadline = Date.now() + searchSeconds(point) * 1000;
  const first = await offer(point, null, context);
  if ('error' in first) return first;
  if (!(first.rate > 0)) return { measurements: [], error: NOTHING, raw: first.raw };
  const config = rateSearch(point, first.rate);
  const trials: TrialResult[] = [trialOf(first.rate, first)];
  const log = [lineOf(trials[0], first)];
  let moved = first.moved;
  const record = (raw: RawOutput): RawOutput => ({ ...raw, stdout: log.join('') });
  while (Date.now() < deadline) {
    const step = nextStep(config, trials);
    if (step.do === 'Done') break;
    const found = await offer(point, step.load === config.maxLoad ? null : step.load, context);
    if ('error' in found) return { ...found, raw: { ...found.raw, stdout: `${log.join('')}${found.raw.stdout}` } };
    const trial =
      step.load === config.maxLoad ? { ...trialOf(found.rate, found), load: step.load } : trialOf(step.load, found);
    trials.push(trial);
    moved = sumMoved(moved, found.moved);
    log.push(lineOf(trial, found));
  }
  return { measurements: measurementsOf(point, config, trials), error: null, raw: record(first.raw), moved };
}

function measurementsOf(
  point: TestPoint,
  config: SearchConfig,
  trials: readonly TrialResult[],
): Between['measurements'] {
  return searchMeasurements(point, resultsOf(config, trials), config.maxLoad);
}

/** One line of JSON per trial: from these the search can be done again. */
function lineOf(trial: TrialResult | undefined, { rate, lossRatio }: Offer): string {
  return `${JSON.stringify({ ...trial, sentRate: rate, lossOfSent: lossRatio })}\n`;
}

async function offer(point: TestPoint, load: number | null, context: MeasuringContext): Promise<Offer | Between> {
  const trial = trialPoint(point, load);
  const command = clientCommand(trial, context.path);
  for (let attempt = 1; ; attempt++) {
    const { outcome, ...between } = await runTool(trial, command, context);
    const found = outcome === null ? null : offered(outcome);
    if (found !== null) return { ...found, raw: between.raw, moved: outcome?.ok === true ? outcome.facts.moved : NONE };
    if (outcome !== null && !outcome.ok && outcome.problem.reason === 'NothingReceived')
      return { rate: load ?? 0, lossRatio: 1, raw: between.raw, moved: NONE };
    if (attempt === ATTEMPTS || outcome === null) return { ...between, error: between.error ?? UNREAD };
    await pause(PAUSE_MS, context.signal);
  }
}

const NONE: MovedBytes = { toServer: 0, toClient: 0 };
const NOTHING: Problem = { reason: 'NothingReceived', message: 'no datagram of a sender let loose arrived' };
const UNREAD: Problem = { reason: 'NotReported', message: 'iperf3 gave no rate and loss of a trial' };
