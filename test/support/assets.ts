/** Makes sure that what integration and end-to-end tests run on is in the cache, before any test's clock runs. */
import { controlPlaneBinaries } from '../../src/sandbox/assets/binaries.ts';
import { openCache } from '../../src/sandbox/assets/cache.ts';
import type { Progress } from '../../src/sandbox/assets/progress.ts';

/** Environment variable that tells the tests why there is no control plane. */
export const NO_CLUSTER = 'VFBENCH_TEST_NO_CLUSTER';

/** Prepares; resolves with the environment for the tests. A failure is told and becomes the reason of skipped tests. */
export async function prepareAssets(
  _part: 'integration' | 'e2e',
  progress: Progress,
  signal: AbortSignal,
): Promise<NodeJS.ProcessEnv> {
  if (process.platform !== 'linux') return { [NO_CLUSTER]: `needs Linux, this is ${process.platform}` };
  try {
    await controlPlaneBinaries({ cache: openCache(), progress, signal });
    return {};
  } catch (error) {
    const reason = (error as Error).message;
    progress.note(reason);
    return { [NO_CLUSTER]: reason.split('\n')[0] };
  }
}
