/** Helm for the chart's tests: the machine's own, else built from the module that tools/helm pins. */
import { join } from 'node:path';
import { type Cache, cacheEntry } from '../../src/sandbox/assets/cache.ts';
import { MachineLacksError } from '../../src/sandbox/assets/errors.ts';
import { findGo } from '../../src/sandbox/assets/gobuild.ts';
import { runCommand } from '../../src/sandbox/assets/process.ts';
import type { Progress } from '../../src/sandbox/assets/progress.ts';

export const HELM_VERSION = 'v4.3.1';
/** Environment variable with the path of the Helm to test with. */
export const HELM = 'VFBENCH_TEST_HELM';
/** And why there is none. */
export const NO_HELM = 'VFBENCH_TEST_NO_HELM';

/** Why there is no Helm to test with; undefined where there is one. */
export const noHelm: string | undefined =
  process.env[HELM] === undefined ? (process.env[NO_HELM] ?? 'no Helm was prepared') : undefined;

const MODULE = join(import.meta.dirname, '../../tools/helm');

export interface HelmOptions {
  cache: Cache;
  progress: Progress;
  signal: AbortSignal;
}

/** Path of Helm 3 or 4. @throws MachineLacksError where there is none and no Go to build one. */
export async function helm(options: HelmOptions): Promise<string> {
  const own = await runCommand(['helm', 'version', '--short'], { timeoutMs: 20_000 }).catch(() => undefined);
  if (/^v[34]\./.test(own?.stdout ?? '')) return 'helm';
  const folder = await cacheEntry(options.cache, `helm-${HELM_VERSION}`, options, (work) => build(work, options));
  return join(folder, 'helm');
}

async function build(folder: string, { progress, signal }: HelmOptions): Promise<void> {
  const go = await findGo();
  if (go === undefined) throw new MachineLacksError('Helm is needed: install Helm 3.18 or later, or Go to build it');
  const step = progress.step('Building helm with Go', { expectedSeconds: 110 });
  const flags = `-s -w -X helm.sh/helm/v4/internal/version.version=${HELM_VERSION}`;
  const args = ['build', '-trimpath', '-ldflags', flags, '-o', join(folder, 'helm'), 'helm.sh/helm/v4/cmd/helm'];
  try {
    const env = { ...process.env, CGO_ENABLED: '0' };
    await runCommand([go, ...args], { cwd: MODULE, env, signal, timeoutMs: 3_600_000 });
    step.done();
  } catch (error) {
    step.fail();
    throw error;
  }
}

const CHART = join(import.meta.dirname, '../../charts/vfbench');

export interface Rendered {
  /** Standard output; empty where it failed. */
  text: string;
  /** What Helm said where it failed; undefined where it did not. */
  error?: string;
}

/** `helm template` of the chart with values as an object; release `vfbench` in namespace `vfbench-system` by default. */
export async function render(
  values: object,
  { release = 'vfbench', namespace = 'vfbench-system', args = [] as readonly string[] } = {},
): Promise<Rendered> {
  const program = process.env[HELM] ?? 'helm';
  const command = [
    program,
    'template',
    release,
    CHART,
    '--namespace',
    namespace,
    '--kube-version',
    '1.36.0',
    '-f',
    '-',
  ];
  try {
    const { stdout } = await runCommand([...command, ...args], { input: JSON.stringify(values), timeoutMs: 60_000 });
    return { text: stdout };
  } catch (error) {
    return { text: '', error: (error as Error).message };
  }
}
