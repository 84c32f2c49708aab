/** `npm run fuzz [-- SEED [INPUTS]]`: mutated tool output against all parsers. Exits 1 on a finding. */
import { fuzz, fuzzHuge } from './run.ts';

const DEFAULT_INPUTS = 250_000;

const [seedText, inputsText] = process.argv.slice(2);
const seed = seedText === undefined ? Date.now() % 2 ** 31 : Number(seedText);
const inputs = inputsText === undefined ? DEFAULT_INPUTS : Number(inputsText);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(inputs) || inputs < 1) {
  console.error('usage: npm run fuzz [-- SEED [INPUTS]], both whole numbers');
  process.exit(2);
}
console.log(`Seed ${seed}: npm run fuzz -- ${seed} makes the same inputs`);
const start = performance.now();
const report = fuzz(seed, inputs);
fuzzHuge(report);
const { small, megabyte } = report.worst;
console.log(
  `${report.inputs} inputs in ${((performance.now() - start) / 1000).toFixed(1)} s, ${report.read} of them read`,
);
console.log(`Slowest: ${small.ms.toFixed(1)} ms of CPU (${small.input})`);
console.log(`Slowest of 1 MB: ${megabyte.ms.toFixed(1)} ms of CPU (${megabyte.input})`);
for (const finding of report.findings) console.log(`FINDING ${finding}`);
console.log(report.findings.length === 0 ? 'No findings' : `${report.findings.length} findings`);
process.exitCode = report.findings.length === 0 ? 0 : 1;
