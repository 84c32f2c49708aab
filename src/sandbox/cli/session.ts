/** What both commands share: a sandbox that ends with the process, however that ends. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger } from '../../log.ts';
import { createProgress, type Progress } from '../assets/progress.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../sandbox.ts';

export const ROOT = join(import.meta.dirname, '../../..');
export const EXAMPLES = join(ROOT, 'deploy/examples');

export interface Session {
  progress: Progress;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  signal: AbortSignal;
  start: (options?: Partial<SandboxOptions>) => Promise<Sandbox>;
}

/** Runs `work` with a session and exits with its code; a second Ctrl-C while cleaning up is ignored, a third ends at once. */
export async function runSession(work: (session: Session) => Promise<number>): Promise<never> {
  const stop = new AbortController();
  let asked = 0;
  const onSignal = (): void => {
    asked++;
    if (asked === 1) {
      process.stderr.write('\nStopping and removing everything ...\n');
      stop.abort(new Error('stopped by the user'));
    } else if (asked > 2) process.exit(130);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
  const progress = createProgress();
  let sandbox: Sandbox | null = null;
  const start = async (options: Partial<SandboxOptions> = {}): Promise<Sandbox> => {
    const log = createLogger('vfbench-sandbox', process.env['LOG_LEVEL'] ?? 'error');
    sandbox = await startSandbox({ progress, log, signal: stop.signal, ...options });
    return sandbox;
  };
  let code = 1;
  try {
    code = await work({ progress, signal: stop.signal, start });
  } catch (error) {
    if (!stop.signal.aborted)
      process.stderr.write(`vfbench: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  await (sandbox as Sandbox | null)?.stop();
  process.exit(stop.signal.aborted ? 130 : code);
}

/** Applies the examples as a user would. */
export async function applyExamples(sandbox: Sandbox): Promise<void> {
  await mkdir(sandbox.dir, { recursive: true });
  await sandbox.kubectl(['apply', '-f', join(EXAMPLES, 'namespace.yaml')]);
  for (const file of ['network-attachments.yaml', 'testbed.yaml']) {
    await sandbox.kubectl(['apply', '-f', join(EXAMPLES, file)]);
  }
  await sandbox.kubectl(['wait', '--for=condition=Ready', '--timeout=60s', '-n', 'bench', 'testbeds', '--all']);
}
