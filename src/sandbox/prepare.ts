/** Everything the sandbox needs on disk: made or fetched once, then found in the cache. */
import { type Binaries, controlPlaneBinaries } from './assets/binaries.ts';
import { MachineLacksError } from './assets/errors.ts';
import { type Cache, openCache } from './assets/cache.ts';
import type { Progress } from './assets/progress.ts';
import { guestImage } from './guest/image.ts';
import { runnerBundle as bundle } from './bundles.ts';
import { type SandboxTools, sandboxTools } from './substrate/tools.ts';
import type { GuestImage } from './substrate/types.ts';
import { checkSubstrate } from './substrate/check.ts';

export interface SandboxAssets {
  cache: Cache;
  binaries: Binaries;
  tools: SandboxTools;
  guest: GuestImage;
  runnerBundle: string;
}

/** @throws Error that names what this machine lacks, before anything long is begun. */
export async function prepareAssets(options: { progress: Progress; signal: AbortSignal }): Promise<SandboxAssets> {
  const cache = openCache();
  const runnerBundle = await bundle(cache);
  const tools = await sandboxTools({ cache, ...options });
  const check = await checkSubstrate(tools);
  if (!check.ok) throw new MachineLacksError(`The sandbox cannot run here: ${check.missing.join('; ')}`);
  check.notes.forEach((note) => options.progress.note(note));
  const guest = await guestImage({ cache, ...options, runnerBundle, tools });
  const binaries = await controlPlaneBinaries({ cache, ...options });
  return { cache, binaries, tools, guest, runnerBundle };
}
