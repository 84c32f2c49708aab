/**
 * The runner: the program inside every endpoint, pod or VM guest alike. `--config FILE` reads an EndpointConfig,
 * `--seed FILE` a NoCloud user-data file that holds one. Standard output: one short JSON line per step.
 *
 * Exit codes: 0 results acknowledged; 1 internal error or no usable data NIC; 2 unusable configuration or command line;
 * 3 refused by the collector; 4 gave up reaching the collector; 143 ended by SIGTERM (130: SIGINT).
 */
import { ConfigError, parseArguments } from './config.ts';
import { RefusedError, UnreachableError, problemOf } from './failure.ts';
import { loadConfig, runEndpoint } from './session.ts';

const SIGNALS = { SIGTERM: 143, SIGINT: 130 } as const;
/** Children are killed at once; what still hangs then is left to the kernel. */
const LAST_MOMENT_MS = 500;
const LINE_LENGTH = 2000;

function progress(event: string, details: object = {}): void {
  const line = JSON.stringify({ at: new Date().toISOString(), event, ...details });
  process.stdout.write(`${line.slice(0, LINE_LENGTH)}\n`);
}

function exitCode(error: unknown): number {
  if (error instanceof ConfigError) return 2;
  if (error instanceof RefusedError) return 3;
  if (error instanceof UnreachableError) return 4;
  return 1;
}

async function main(): Promise<number> {
  const ended = new AbortController();
  let code: number | null = null;
  for (const [name, number] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      code ??= number;
      ended.abort(new Error(`ended by ${name}`));
      setTimeout(() => process.exit(number), LAST_MOMENT_MS).unref();
    });
  }
  try {
    const config = await loadConfig(parseArguments(process.argv.slice(2)), ended.signal);
    progress('started', { endpoint: config.endpoint, trial: `${config.trial.namespace}/${config.trial.name}` });
    await runEndpoint(config, ended.signal, progress);
    return 0;
  } catch (error) {
    progress(code === null ? 'failed' : 'ended', problemOf(error));
    return code ?? exitCode(error);
  }
}

process.exit(await main());
