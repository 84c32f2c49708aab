/** `completion SHELL`. */
import { completion, type Shell } from '../completion.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { type Call, UsageError } from '../parse.ts';
import { SHELLS } from '../table.ts';

export async function run({ command, positionals: [shell = ''] }: Call): Promise<ExitCode> {
  const known = SHELLS.find((one): one is Shell => one === shell);
  if (known === undefined)
    throw new UsageError(`there is no completion for ${shell}: use ${SHELLS.join(', ')}`, command);
  process.stdout.write(completion(known));
  return EXIT.passed;
}
