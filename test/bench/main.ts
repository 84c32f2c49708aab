/** `npm run bench`: the operator's own figures. Counts are exact; times are medians on the machine named. */
import { createProgress } from '../../src/sandbox/assets/progress.ts';
import { applyToFinished, atRest, type Figure, memory, requestsPerTrial, throughput } from './figures.ts';
import { type Lab, machine, startLab } from './lab.ts';

const PARTS: Record<string, (lab: Lab) => Promise<Figure[]>> = {
  memory: (lab) => memory(lab, 10_000),
  requests: (lab) => requestsPerTrial(lab),
  latency: (lab) => applyToFinished(lab, 40),
  throughput: (lab) => throughput(lab, 100, 10),
  rest: (lab) => atRest(lab, 60),
};

function print({ what, value, goal, met }: Figure): void {
  console.log(`  ${what}: ${value}${goal === '' ? '' : `  (goal ${goal}: ${met ? 'met' : 'MISSED'})`}`);
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(`No such figure: ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}`);
  process.exit(2);
}
const progress = createProgress();
let missed = 0;
console.log(`Machine: ${machine()}`);
for (const [name, measure] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const step = progress.step(`Figure: ${name}`);
  const lab = await startLab();
  try {
    if (name !== 'memory') await lab.fleet.operator(`bench-${name}`);
    const figures = await measure(lab);
    step.done();
    figures.forEach(print);
    missed += figures.filter(({ met }) => !met).length;
  } finally {
    await lab.stop();
  }
}
process.exit(missed === 0 ? 0 : 1);
