/** `report NAME`, as a table or in a format of the report. */
import { once } from 'node:events';
import { isFormat } from '../../results/report/render.ts';
import { SealError } from '../../results/seal/encode.ts';
import { CliError } from '../errors.ts';
import { type ExitCode, exitCodeOf } from '../exit.ts';
import { findExperiment } from '../find.ts';
import { type Call, text } from '../parse.ts';
import { reportText } from '../report.ts';
import { type Session, withSession } from '../session.ts';
import { printResults } from '../summary.ts';
import type { Experiment } from '../../api/v1alpha1.ts';

export function run(call: Call): Promise<ExitCode> {
  return withSession(call, async (session) => {
    const experiment = await findExperiment(session, call.positionals[0] ?? '');
    await print(session, experiment);
    return exitCodeOf(experiment);
  });
}

async function print({ call, client, terminal }: Session, experiment: Experiment): Promise<void> {
  const format = text(call, 'output') ?? 'table';
  if (!isFormat(format)) return printResults(experiment, terminal);
  try {
    for (const piece of await reportText(client, experiment, format)) {
      if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
    }
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw new CliError(error.message, 1, { cause: error });
  }
}
