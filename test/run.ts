/**
 * The runner behind `npm test`: prepares what the tests need, runs the parts one after the other and prints, as its last
 * line, `N passed, N failed, N skipped` over all of them.
 *
 *     node scripts/run.mjs test/run.ts [unit] [integration] [e2e] [JEST ARGUMENTS]
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgress } from '../src/sandbox/assets/progress.ts';
import { defaultStateRoot, removeStale } from '../src/sandbox/controlplane/stale.ts';
import { prepareAssets, TARGET } from './support/assets.ts';
import { killGroup } from './support/killGroup.ts';
import { minutesOf, type Part, PARTS } from './support/part-minutes.ts';
import {
  EMPTY,
  failures,
  lastLine,
  skippedLines,
  summarize,
  total,
  type JestReport,
  type Summary,
} from './support/report.ts';

const ROOT = join(import.meta.dirname, '..');
/** A single test's limit in milliseconds, where it names none of its own: a busy machine is slow, not wrong. */
const TEST_LIMITS = { unit: 20_000, integration: 60_000, e2e: 120_000 };

const isPart = (text: string): text is Part => Object.hasOwn(PARTS, text);

async function main(args: readonly string[]): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stop.abort(new Error(name)));
  const asked = args.filter(isPart);
  const parts = asked.length > 0 ? asked : (Object.keys(PARTS) as Part[]);
  const rest = args.filter((arg) => !isPart(arg));
  const summaries: Summary[] = [];
  for (const part of parts) {
    if (stop.signal.aborted) break;
    summaries.push(await runPart(part, rest, stop.signal));
  }
  await removeStale(defaultStateRoot());
  const summary = total(summaries);
  report(summary, stop.signal.aborted);
  return failures(summary) > 0 || stop.signal.aborted ? 1 : 0;
}

async function runPart(part: Part, args: readonly string[], signal: AbortSignal): Promise<Summary> {
  console.log(`\n== ${part} tests ==`);
  try {
    const env = part === 'unit' ? {} : await prepareAssets(part, createProgress(), signal);
    return await runPrepared({ part, args, env, signal });
  } catch (error) {
    if (signal.aborted) return EMPTY;
    console.error(error);
    return { ...EMPTY, broken: [`${part}: ${(error as Error).message.split('\n')[0]}`] };
  }
}

async function runPrepared(run: Omit<JestRun, 'file'>): Promise<Summary> {
  const { part } = run;
  const folder = await mkdtemp(join(tmpdir(), 'vfbench-test-'));
  try {
    const file = join(folder, 'report.json');
    const problem = await runJest({ ...run, file });
    const text = await readFile(file, 'utf8').catch(() => undefined);
    const summary = text === undefined ? EMPTY : summarize(JSON.parse(text) as JestReport);
    const broken = problem ?? (text === undefined ? `${part}: jest wrote no report` : undefined);
    return broken === undefined ? summary : { ...summary, broken: [...summary.broken, broken] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface JestRun {
  part: Part;
  args: readonly string[];
  /** Where jest writes its report. */
  file: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** Undefined when jest came to its end, whatever the tests say; else what was wrong. */
function runJest({ part, args, file, env, signal }: JestRun): Promise<string | undefined> {
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  const workers = part === 'e2e' ? '--runInBand' : '--maxWorkers=2';
  const limit = `--testTimeout=${TEST_LIMITS[part]}`;
  const options = [
    '--selectProjects',
    part,
    workers,
    limit,
    '--passWithNoTests',
    '--ci',
    '--json',
    `--outputFile=${file}`,
  ];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...node, ...options, ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      // The report goes to the file; on its standard output jest would print it once more.
      stdio: ['ignore', 'ignore', 'inherit'],
      // A group of its own: jest's workers would outlive it, and go on testing.
      detached: true,
    });
    let problem: string | undefined;
    const end = (why: string) => {
      problem = why;
      killGroup(child.pid);
    };
    const minutes = minutesOf(part, TARGET);
    const late = () => end(`${part}: no end after ${minutes} minutes`);
    const timer = minutes === undefined ? undefined : setTimeout(late, minutes * 60_000);
    const interrupt = () => end(`${part}: interrupted`);
    signal.addEventListener('abort', interrupt, { once: true });
    child.once('error', (error) => (problem = `${part}: ${error.message}`));
    child.once('close', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', interrupt);
      resolve(problem);
    });
  });
}

function report(summary: Summary, interrupted: boolean): void {
  console.log('');
  skippedLines(summary).forEach((line) => console.log(line));
  summary.broken.forEach((what) => console.log(`Did not run: ${what}`));
  if (interrupted) console.log('Interrupted: the rest did not run');
  console.log(lastLine(summary));
}

process.exitCode = await main(process.argv.slice(2));
