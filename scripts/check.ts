/**
 * All that must hold before a change goes in: `npm run check`. Runs every step, even after one failed, and ends with a
 * line for each; `npm run check -- types lint` runs those only.
 */
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');
const LIMIT_MS = 10 * 60_000;

export interface Step {
  name: string;
  command: readonly string[];
  /** What to run, or do, to put it right. */
  fix: string;
}

export interface Outcome {
  step: Step;
  passed: boolean;
  seconds: number;
}

const STEPS: readonly Step[] = [
  { name: 'types', command: [join(BIN, 'tsc'), '--noEmit'], fix: 'correct the types named above' },
  {
    name: 'page',
    command: [join(BIN, 'tsc'), '--noEmit', '-p', 'src/web/page/browser'],
    fix: 'correct the types named above: this is what runs in a browser',
  },
  {
    name: 'lint',
    command: [join(BIN, 'oxlint'), '--type-aware'],
    fix: 'correct the lines named above; some by: npm run lint -- --fix',
  },
  { name: 'format', command: [join(BIN, 'prettier'), '--check', '--cache', '.'], fix: 'npm run format' },
  { name: 'generated', command: [process.execPath, 'scripts/gen.ts', '--check'], fix: 'npm run gen' },
  {
    name: 'unit',
    command: [process.execPath, 'test/run.ts', 'unit'],
    fix: 'correct the tests named above; again by: npm run test:unit',
  },
];

/** The steps of those names, all where none is given. Throws where there is no step of a name. */
export function choose(steps: readonly Step[], names: readonly string[]): readonly Step[] {
  const unknown = names.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    throw new Error(`No step ${unknown.join(', ')}: use ${steps.map(({ name }) => name).join(', ')}`);
  }
  return names.length === 0 ? steps : steps.filter(({ name }) => names.includes(name));
}

/** One line a step; failed ones say what to run. */
export function summary(outcomes: readonly Outcome[]): string {
  const width = Math.max(...outcomes.map(({ step }) => step.name.length));
  const lines = outcomes.map(({ step, passed, seconds }) => {
    const line = `${passed ? 'ok    ' : 'FAILED'}  ${step.name.padEnd(width)}  ${seconds.toFixed(1).padStart(5)} s`;
    return passed ? line : `${line}  ${step.fix}`;
  });
  return lines.join('\n');
}

/** Jest names each file that passed; here only the others matter. */
const withoutPassed = (said: string): string => said.replaceAll(/^PASS .*\n/gm, '');

/** Runs a step to its end; what it said is shown only where it failed. */
function run(step: Step): Promise<Outcome> {
  const start = performance.now();
  const [command = '', ...args] = step.command;
  const env = { ...process.env, PATH: `${BIN}${delimiter}${process.env['PATH'] ?? ''}` };
  const said: Buffer[] = [];
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
    child.once('error', (error) => said.push(Buffer.from(`${command}: ${error.message}\n`)));
    child.once('close', (code) => {
      const passed = code === 0;
      if (!passed) console.log(`== ${step.name} ==\n${withoutPassed(Buffer.concat(said).toString())}`);
      resolve({ step, passed, seconds: (performance.now() - start) / 1000 });
    });
  });
}

async function main(names: readonly string[]): Promise<number> {
  const outcomes: Outcome[] = [];
  for (const step of choose(STEPS, names)) outcomes.push(await run(step));
  console.log(summary(outcomes));
  return outcomes.every(({ passed }) => passed) ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
