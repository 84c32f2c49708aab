/** The interpreters of Argo CD and Flux as a program, built from the modules that tools/gitops pins. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cache, cacheEntry } from '../../src/sandbox/assets/cache.ts';
import { MachineLacksError } from '../../src/sandbox/assets/errors.ts';
import { findGo } from '../../src/sandbox/assets/gobuild.ts';
import { runCommand } from '../../src/sandbox/assets/process.ts';
import type { Progress } from '../../src/sandbox/assets/progress.ts';

/** Environment variable with the program's path. */
export const HEALTH = 'VFBENCH_TEST_HEALTH';
/** And why there is none. */
export const NO_HEALTH = 'VFBENCH_TEST_NO_HEALTH';

/** Why health cannot be judged here; undefined where it can. */
export const noHealth: string | undefined =
  process.env[HEALTH] === undefined ? (process.env[NO_HEALTH] ?? 'no interpreters were prepared') : undefined;

const MODULE = join(import.meta.dirname, '../../tools/gitops');

/** Path of the program. @throws MachineLacksError where there is no Go to build it. */
export async function healthProgram(options: {
  cache: Cache;
  progress: Progress;
  signal: AbortSignal;
}): Promise<string> {
  const { cache, progress, signal } = options;
  const sources = createHash('sha256');
  for (const name of readdirSync(MODULE).toSorted()) sources.update(readFileSync(join(MODULE, name)));
  const key = `gitops-health-${sources.digest('hex').slice(0, 12)}`;
  const folder = await cacheEntry(cache, key, options, async (work) => {
    const go = await findGo();
    if (go === undefined) throw new MachineLacksError('Go is needed, to build the interpreters of Argo CD and Flux');
    const step = progress.step('Building the interpreters of Argo CD and Flux with Go', { expectedSeconds: 75 });
    try {
      const env = { ...process.env, CGO_ENABLED: '0' };
      const args = ['build', '-trimpath', '-ldflags', '-s -w', '-o', join(work, 'health'), '.'];
      await runCommand([go, ...args], { cwd: MODULE, env, signal, timeoutMs: 3_600_000 });
      step.done();
    } catch (error) {
      step.fail();
      throw error;
    }
  });
  return join(folder, 'health');
}

export interface HealthCase {
  /** Health script as in argocd-cm. */
  lua: string;
  /** An entry of Flux's `healthCheckExprs`. */
  exprs: { inProgress?: string; failed?: string; current: string };
  object: unknown;
}

export interface HealthOutcome {
  argo: { status: string; message: string };
  flux: string;
  kstatus: string;
  /** Set where a check could not be evaluated. */
  error?: string;
}

export async function judge(cases: readonly HealthCase[]): Promise<HealthOutcome[]> {
  const program = process.env[HEALTH] ?? '';
  const { stdout } = await runCommand([program], { input: JSON.stringify(cases), timeoutMs: 60_000 });
  return JSON.parse(stdout) as HealthOutcome[];
}
