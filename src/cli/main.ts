/** kubectl-vfbench: parses, and loads the command that is asked for and no other, so that usage is there at once. */
import { CliError } from './errors.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Call, parse, UsageError } from './parse.ts';
import { PROGRAM, usage } from './usage.ts';

type Run = (call: Call) => Promise<ExitCode>;

const LOADERS: Readonly<Record<string, () => Promise<{ run: Run }>>> = {
  run: () => import('./commands/run.ts'),
  watch: () => import('./commands/watch.ts'),
  report: () => import('./commands/report.ts'),
  compare: () => import('./commands/compare.ts'),
  plan: () => import('./commands/plan.ts'),
  rerun: () => import('./commands/rerun.ts'),
  doctor: () => import('./commands/doctor.ts'),
  'support-bundle': () => import('./commands/support-bundle.ts'),
  completion: () => import('./commands/completion.ts'),
  version: () => import('./commands/version.ts'),
};

async function main(argv: readonly string[]): Promise<ExitCode> {
  const parsed = parse(argv);
  if (parsed.kind === 'help') {
    process.stdout.write(usage(parsed.command));
    return EXIT.passed;
  }
  const call = parsed.kind === 'version' ? null : parsed.call;
  const load = LOADERS[call?.command.name ?? 'version'];
  if (load === undefined) throw new UsageError(`there is no command ${call?.command.name}`);
  const { run } = await load();
  return run(
    call ?? {
      command: { name: 'version', args: '', count: [0, 0], summary: '', options: [] },
      positionals: [],
      values: {},
    },
  );
}

/** One sentence, and the code. */
function fail(error: unknown): ExitCode {
  if (error instanceof UsageError) {
    const help = [PROGRAM, error.command?.name, '--help'].filter((part) => part !== undefined).join(' ');
    process.stderr.write(`Error: ${error.message}. See ${help}\n`);
    return EXIT.usage;
  }
  process.stderr.write(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof CliError ? error.code : EXIT.error;
}

// A reader that has seen enough, such as head, ends the program quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : EXIT.error));

main(process.argv.slice(2))
  .catch(fail)
  .then((code) => {
    process.exitCode = code;
    // What is still open, such as a login helper's pipe, must not keep us; what is written must get out first.
    process.stdout.write('', () => process.exit(code));
  })
  .catch(() => process.exit(EXIT.error));
