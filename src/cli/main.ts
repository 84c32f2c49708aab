/** Command line of the user's machine: follow an Experiment, and print its results. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import type { Experiment } from '../api/v1alpha1.ts';
import { isNotFound, KubeClient } from '../kube/index.ts';
import { createLogger } from '../log.ts';
import { findCondition } from '../api/conditions.ts';
import { type Format, isFormat } from '../results/report/render.ts';
import { resultTable } from '../results/table.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit.ts';
import { reportText } from './report.ts';
import { createTerminal, type Terminal } from './terminal.ts';
import { EXPERIMENTS, watchExperiment } from './watch.ts';

const USAGE = `Usage: vfbench COMMAND NAME [-n NAMESPACE] [-o FORMAT] [--kubeconfig FILE]

Commands:
  watch NAME    progress of an Experiment until its end, then its results
  report NAME   results of an Experiment as they are now: as a table, or with -o
                as html, md, json, jsonl (raw observations), csv or junit

NAME may be written NAMESPACE/NAME.

Exit codes: 0 passed, 1 error, 2 usage, 3 an expectation failed, 4 inconclusive
`;

interface Call {
  command: 'watch' | 'report';
  name: string;
  namespace: string;
  kubeconfig: string | undefined;
  /** Null: the table. */
  format: Format | null;
}

function parseCall(argv: string[]): Call | null {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      namespace: { type: 'string', short: 'n', default: 'default' },
      output: { type: 'string', short: 'o', default: 'table' },
      kubeconfig: { type: 'string' },
    },
  });
  const [command, named, ...rest] = positionals;
  if ((command !== 'watch' && command !== 'report') || named === undefined || rest.length > 0) return null;
  const { output, kubeconfig } = values;
  if (output !== 'table' && (command !== 'report' || !isFormat(output))) return null;
  const [name = '', namespace = values.namespace] = named.split('/').toReversed();
  return { command, name, namespace, kubeconfig, format: isFormat(output) ? output : null };
}

function report(experiment: Experiment, terminal: Terminal): void {
  const {
    results = [],
    environment,
    conditions,
    verdict,
    family,
    geometricMeans,
    expectations,
  } = experiment.status ?? {};
  const { namespace, name } = experiment.metadata;
  process.stdout.write(
    `${resultTable(results, {
      width: Math.max(80, Math.min(terminal.width, 160)),
      colour: terminal.colour,
      title: `${namespace}/${name}`,
      ...(environment === undefined ? {} : { environment }),
      ...(family === undefined ? {} : { family }),
      ...(geometricMeans === undefined ? {} : { geometricMeans }),
    })}\n`,
  );
  const succeeded = findCondition(conditions, 'Succeeded');
  if (succeeded !== undefined)
    terminal.line(`Succeeded: ${succeeded.status} (${succeeded.reason}): ${succeeded.message}`);
  const converged = findCondition(conditions, 'Converged');
  if (converged !== undefined)
    terminal.line(`Converged: ${converged.status} (${converged.reason}): ${converged.message}`);
  const stationary = findCondition(conditions, 'Stationary');
  if (stationary?.status === 'False') terminal.line(`Stationary: False (${stationary.reason}): ${stationary.message}`);
  for (const { outcome, message } of expectations ?? []) terminal.line(`Expectation ${outcome}: ${message}`);
  if (verdict !== undefined && verdict !== 'None') terminal.line(`Verdict of the expectations: ${verdict}`);
}

async function write(pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) {
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
  }
}

async function main(): Promise<ExitCode> {
  const call = parseCall(process.argv.slice(2));
  if (call === null) {
    process.stderr.write(USAGE);
    return EXIT.usage;
  }
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  const log = createLogger('vfbench-cli', process.env['LOG_LEVEL'] ?? 'silent');
  const terminal = createTerminal(process.stdout, process.env);
  const client = KubeClient.fromKubeConfig({ log, ...(call.kubeconfig ? { kubeconfig: call.kubeconfig } : {}) });
  const at = { namespace: call.namespace, name: call.name };
  try {
    const found = await client.get<Experiment>(EXPERIMENTS, at);
    const experiment =
      call.command === 'report' ? found : await watchExperiment({ client, ...at, terminal, log, signal: stop.signal });
    if (experiment === null) {
      terminal.line(
        stop.signal.aborted
          ? `Experiment ${call.name} goes on; to follow it again: vfbench watch ${call.name} -n ${call.namespace}`
          : `Experiment ${call.name} was deleted`,
      );
      return EXIT.error;
    }
    if (call.format === null) report(experiment, terminal);
    else await write(await reportText(client, experiment, call.format));
    return exitCodeOf(experiment);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    process.stderr.write(
      `There is no Experiment ${call.name} in namespace ${call.namespace}: see kubectl get experiments -A\n`,
    );
    return EXIT.error;
  } finally {
    await client.close();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const usage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    process.stderr.write(`vfbench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(usage ? EXIT.usage : EXIT.error);
  },
);
