/** Feeds mutated samples to all parsers and judges what comes out. The same seed gives the same inputs. */
import { uniform } from '../support/results/random.ts';
import { output } from '../support/results/samples.ts';
import { cpuMs } from '../support/cpu-time.ts';
import { allCases, goodCases, PARSERS } from './cases.ts';
import type { Case } from './cases.ts';
import { below, MUTATIONS, pick } from './mutate.ts';
import type { Mutation, Random } from './mutate.ts';
import { ambiguous, dishonest, invented, untrue } from './oracle.ts';
import { HUGE } from './huge.ts';

export interface FuzzReport {
  inputs: number;
  /** Inputs from which something was still read. */
  read: number;
  findings: string[];
  /** Longest CPU time of one parse, milliseconds, and of which input; ordinary ones and those of 1 MB. */
  worst: { small: Slowest; megabyte: Slowest };
}

interface Slowest {
  ms: number;
  input: string;
}

const MAX_FINDINGS = 20;
/** CPU milliseconds for 1 MB. */
export const TIME_LIMIT_MS = 50;

export function fuzz(seed: number, inputs: number): FuzzReport {
  const random = uniform(seed);
  const [good, all] = [goodCases(), allCases()];
  const worst = { small: { ms: 0, input: 'none' }, megabyte: { ms: 0, input: 'none' } };
  const report: FuzzReport = { inputs: 0, read: 0, findings: [], worst };
  while (report.inputs < inputs && report.findings.length < MAX_FINDINGS) {
    const one = pick(random, random() < 0.8 ? good : all);
    const mutation = pick(random, MUTATIONS);
    tryOne(report, one, mutation, random);
  }
  return report;
}

/** Texts of 1 MB that lead parsers astray: each parser, each shape. */
export function fuzzHuge(report: FuzzReport): void {
  for (const { name, parse, point } of PARSERS) {
    for (const [shape, make] of HUGE) {
      const text = make(1_000_000);
      const input = output(text, point, { stderr: text });
      const label = `${name}: 1 MB of ${shape}`;
      const ms = Math.min(...[1, 2, 3].map(() => timed(() => parse(input))));
      const finding = dishonest(parse(input));
      report.inputs++;
      if (finding !== null) report.findings.push(`${label}: ${finding}`);
      if (ms > TIME_LIMIT_MS) report.findings.push(`${label}: ${ms.toFixed(1)} ms of CPU`);
      if (ms > report.worst.megabyte.ms) report.worst.megabyte = { ms, input: label };
    }
  }
}

function tryOne(report: FuzzReport, one: Case, { kind, harmless, apply }: Mutation, random: Random): void {
  const text = apply(one.text, random);
  const label = `${one.name}, ${kind}`;
  const stderr = below(random, 20) === 0 ? text : '';
  report.inputs++;
  try {
    const start = cpuMs();
    const outcome = one.parse(output(text, one.point, { stderr }));
    const ms = cpuMs() - start;
    if (ms > report.worst.small.ms) report.worst.small = { ms, input: label };
    if (outcome.ok) report.read++;
    const finding =
      dishonest(outcome) ?? ambiguous(text, outcome) ?? (harmless ? untrue(one, outcome) : invented(text, outcome));
    if (finding !== null) report.findings.push(`${label}: ${finding}\n${JSON.stringify(text).slice(0, 1500)}`);
  } catch (error) {
    report.findings.push(`${label}: threw ${String(error)}\n${JSON.stringify(text).slice(0, 1500)}`);
  }
}

function timed(work: () => void): number {
  const start = cpuMs();
  work();
  return cpuMs() - start;
}
