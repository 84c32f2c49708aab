/** `plan -f FILE`: no cluster is touched. */
import { CliError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { checked, readManifests } from '../manifest/read.ts';
import { type Call, text, UsageError } from '../parse.ts';
import { planOf } from '../plan.ts';
import { planLines } from '../planText.ts';
import { createTerminal } from '../terminal.ts';

export async function run(call: Call): Promise<ExitCode> {
  const file = text(call, 'filename');
  if (file === undefined) throw new UsageError('plan needs -f FILE', call.command);
  const { experiments, testbeds, attachments } = readManifests(file);
  if (experiments.length === 0) throw new CliError(`there is no Experiment in ${file}`);
  const beds = testbeds.map((testbed) => checked(testbed));
  const plans = experiments
    .map((experiment) => checked(experiment))
    .map((experiment) => {
      const testbed = beds.find(({ metadata }) => metadata.name === experiment.spec.testbed);
      return planOf(experiment, testbed, attachments);
    });
  if (text(call, 'output') === 'json') {
    process.stdout.write(`${JSON.stringify(plans, null, 2)}\n`);
    return EXIT.passed;
  }
  const terminal = createTerminal(process.stdout, process.env);
  for (const [i, plan] of plans.entries())
    for (const line of [...(i === 0 ? [] : ['']), ...planLines(plan)]) terminal.line(line);
  return EXIT.passed;
}
