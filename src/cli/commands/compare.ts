/** `compare A B`: Experiments, or files made by `report -o json`. */
import { readFileSync } from 'node:fs';
import { json } from '../../results/report/formats/json.ts';
import { buildReport } from '../../results/report/model.ts';
import { SealError } from '../../results/seal/encode.ts';
import { type Document, parseDocument } from '../compare/document.ts';
import { fieldDifferences, refusals } from '../compare/refuse.ts';
import { compareRows } from '../compare/rows.ts';
import { comparisonLines } from '../compare/text.ts';
import { CliError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { findExperiment } from '../find.ts';
import { type Call, text, UsageError } from '../parse.ts';
import { reportData } from '../report.ts';
import { withSession } from '../session.ts';
import { createTerminal } from '../terminal.ts';

export async function run(call: Call): Promise<ExitCode> {
  const percent = confidence(call);
  const [one = '', other = ''] = call.positionals;
  const a = await load(call, one);
  const b = await load(call, other);
  const reasons = refusals(a, b);
  if (reasons.length > 0)
    throw new CliError(`${one} and ${other} cannot be compared:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`);
  const comparison = compareRows(a, b, percent / 100);
  if (comparison.rows.length === 0)
    throw new CliError(`${one} and ${other} have no row in common: their placements or pairs differ`);
  const fields = fieldDifferences(a, b);
  if (text(call, 'output') === 'json') {
    const names = { a: a.experiment, b: b.experiment };
    process.stdout.write(
      `${JSON.stringify({ ...names, confidencePercent: percent, ...comparison, fields }, null, 2)}\n`,
    );
    return EXIT.passed;
  }
  const terminal = createTerminal(process.stdout, process.env);
  for (const line of comparisonLines(comparison, {
    a: titleOf(a),
    b: titleOf(b),
    percent,
    tests: a.spec.tests,
    fields,
  }))
    terminal.line(line);
  return EXIT.passed;
}

const titleOf = ({ experiment, ending }: Document): string =>
  `${experiment.namespace}/${experiment.name} (${ending.succeeded === null ? 'still running' : ending.reason})`;

function confidence(call: Call): number {
  const given = Number(text(call, 'confidence') ?? 95);
  if (given >= 80 && given <= 99) return given;
  throw new UsageError(`--confidence ${text(call, 'confidence')}: write a percentage from 80 to 99`, call.command);
}

/** What ends in .json is a file, anything else an Experiment. */
async function load(call: Call, named: string): Promise<Document> {
  if (named.endsWith('.json')) return parseDocument(read(named), named);
  let document: Document | undefined;
  await withSession(call, async (session) => {
    const experiment = await findExperiment(session, named);
    try {
      document = parseDocument(json(buildReport(await reportData(session.client, experiment))), named);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      throw new CliError(error.message, 1, { cause: error });
    }
    return EXIT.passed;
  });
  if (document === undefined) throw new CliError('interrupted', EXIT.interrupted);
  return document;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CliError(`cannot read ${path}: ${(cause as NodeJS.ErrnoException).code ?? 'unknown'}`, 1, { cause });
  }
}
