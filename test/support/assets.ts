/** Makes sure that what integration and end-to-end tests run on is in the cache, before any test's clock runs. */
import { controlPlaneBinaries } from '../../src/sandbox/assets/binaries.ts';
import { openCache } from '../../src/sandbox/assets/cache.ts';
import { MachineLacksError } from '../../src/sandbox/assets/errors.ts';
import type { Progress } from '../../src/sandbox/assets/progress.ts';
import { HEALTH, healthProgram, NO_HEALTH } from './health-program.ts';
import { HELM, helm, NO_HELM } from './helm.ts';
import { measuringTools } from './measuring-tools.ts';

/** Environment variables that tell the tests why there is no control plane, or no sandbox, on this machine. */
export const NO_CLUSTER = 'VFBENCH_TEST_NO_CLUSTER';
export const NO_SANDBOX = 'VFBENCH_TEST_NO_SANDBOX';

/** Path of the kubeconfig of the cluster that end-to-end tests shall run on; undefined: on a sandbox. */
export const TARGET: string | undefined = process.env['VFBENCH_E2E_KUBECONFIG'] || undefined;

/** Why the sandbox cannot run here: for `describeUnless` in end-to-end tests. Undefined where it can. */
export const noSandbox: string | undefined =
  TARGET === undefined ? process.env[NO_SANDBOX] : 'needs the switches of a sandbox, VFBENCH_E2E_KUBECONFIG is set';

/** Why tests that take any cluster have none. */
export const noTarget: string | undefined = TARGET === undefined ? noSandbox : undefined;

/**
 * Prepares; resolves with the environment for the tests. What this machine lacks is told and becomes the reason of
 * skipped tests. Any other failure is thrown: it must not look like a machine that lacks something.
 */
export async function prepareAssets(
  part: 'integration' | 'e2e',
  progress: Progress,
  signal: AbortSignal,
): Promise<NodeJS.ProcessEnv> {
  const variable = part === 'e2e' ? NO_SANDBOX : NO_CLUSTER;
  if (part === 'e2e' && TARGET !== undefined) return {};
  if (process.platform !== 'linux') return { [variable]: `needs Linux, this is ${process.platform}` };
  try {
    if (part === 'e2e') await prepareSandbox(progress, signal);
    else await controlPlaneBinaries({ cache: openCache(), progress, signal });
  } catch (error) {
    const reason = lack(error);
    if (reason === undefined) throw error;
    progress.note(reason);
    return { [variable]: reason.split('\n')[0] };
  }
  if (part === 'e2e') return {};
  const options = { cache: openCache(), progress, signal };
  return {
    ...(await toolsEnvironment(progress, signal)),
    ...(await programEnvironment([HELM, NO_HELM], () => helm(options), progress)),
    ...(await programEnvironment([HEALTH, NO_HEALTH], () => healthProgram(options), progress)),
  };
}

/** The first variable with the program's path, or the second with why there is none. */
async function programEnvironment(
  [path, lacking]: readonly [string, string],
  prepare: () => Promise<string>,
  progress: Progress,
): Promise<NodeJS.ProcessEnv> {
  try {
    return { [path]: await prepare() };
  } catch (error) {
    const reason = lack(error);
    if (reason === undefined) throw error;
    progress.note(reason);
    return { [lacking]: reason };
  }
}

/** With the measuring tools of the guest first in PATH, so that nothing need be installed on this machine. */
async function toolsEnvironment(progress: Progress, signal: AbortSignal): Promise<NodeJS.ProcessEnv> {
  try {
    const folder = await measuringTools({ cache: openCache(), progress, signal });
    return { PATH: `${folder}:${process.env.PATH ?? ''}` };
  } catch (error) {
    const reason = lack(error);
    if (reason === undefined) throw error;
    progress.note(reason);
    return {};
  }
}

async function prepareSandbox(progress: Progress, signal: AbortSignal): Promise<void> {
  const sandbox = await import('../../src/sandbox/prepare.ts');
  await sandbox.prepareAssets({ progress, signal });
}

/** What the machine lacks, out of an error; undefined where the error is another one. */
function lack(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return error instanceof MachineLacksError || error.message.startsWith('The sandbox cannot run here')
    ? error.message
    : undefined;
}
